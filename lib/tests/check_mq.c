/* SPDX-License-Identifier: BSD-3-Clause */
/* Message queues. */
#include "check_pipc.h"

static pipc_mq *mq;

static void create(void)
{
	struct pipc_mq_options options = {0600, 4, 32, true, true};

	ck_status(pipc_mq_open(&mq, NULL, PIPC_O_CREX, &options), PIPC_OK);
}

static void discard(void)
{
	pipc_mq_unlink(mq);
	pipc_mq_close(mq);
	pipc_mq_free(mq);
}

static void expect_message(const char *wanted, size_t wanted_len, unsigned prio)
{
	size_t len = 32;
	unsigned came;
	char buf[32];

	ck_status(pipc_mq_receive(mq, buf, &len, &never, &came), PIPC_OK);
	ck_assert_uint_eq(len, wanted_len);
	ck_assert_mem_eq(buf, wanted, wanted_len);
	ck_assert_uint_eq(came, prio);
}

START_TEST(highest_priority_first_and_fifo_within)
{
	ck_status(pipc_mq_send(mq, "a", 1, NULL, 0), PIPC_OK);
	ck_status(pipc_mq_send(mq, "b\0c", 3, NULL, 2), PIPC_OK);
	ck_status(pipc_mq_send(mq, "d", 1, &never, 2), PIPC_OK);
	ck_status(pipc_mq_send(mq, NULL, 0, PIPC_SECONDS(1), 0), PIPC_OK);
	ck_status(pipc_mq_send(mq, "e", 1, &never, 0), PIPC_BUSY_ERROR);
	expect_message("b\0c", 3, 2);
	expect_message("d", 1, 2);
	expect_message("a", 1, 0);
	expect_message("", 0, 0);
}
END_TEST

START_TEST(empty_queue_is_busy)
{
	char buf[32];
	size_t len = 32;

	ck_status(pipc_mq_receive(mq, buf, &len, &never, NULL),
		  PIPC_BUSY_ERROR);
	ck_status(pipc_mq_receive(mq, buf, &len, PIPC_SECONDS(0.01), NULL),
		  PIPC_BUSY_ERROR);
	ck_status(pipc_mq_set_block(mq, false), PIPC_OK);
	ck_status(pipc_mq_receive(mq, buf, &len, NULL, NULL), PIPC_BUSY_ERROR);
	ck_assert_uint_eq(len, 32);
}
END_TEST

START_TEST(attributes_and_block)
{
	struct pipc_mq_attributes attr;

	ck_status(pipc_mq_send(mq, "a", 1, NULL, 0), PIPC_OK);
	ck_status(pipc_mq_attributes(mq, &attr), PIPC_OK);
	ck_assert(attr.block);
	ck_assert_int_eq(attr.max_messages, 4);
	ck_assert_int_eq(attr.max_message_size, 32);
	ck_assert_int_eq(attr.current_messages, 1);
	ck_status(pipc_mq_set_block(mq, false), PIPC_OK);
	ck_status(pipc_mq_attributes(mq, &attr), PIPC_OK);
	ck_assert(!attr.block);
}
END_TEST

START_TEST(read_and_write_limit_this_handle)
{
	struct pipc_mq_options reader = {0, 0, 0, true, false};
	struct pipc_mq_options writer = {0, 0, 0, false, true};
	pipc_mq *r, *w;
	char buf[32];
	size_t len = 32;

	ck_status(pipc_mq_open(&r, pipc_mq_name(mq), 0, &reader), PIPC_OK);
	ck_status(pipc_mq_open(&w, pipc_mq_name(mq), 0, &writer), PIPC_OK);
	ck_status(pipc_mq_send(r, "a", 1, &never, 0), PIPC_PERMISSIONS_ERROR);
	ck_status(pipc_mq_receive(w, buf, &len, &never, NULL),
		  PIPC_PERMISSIONS_ERROR);
	ck_status(pipc_mq_send(w, "a", 1, &never, 0), PIPC_OK);
	ck_status(pipc_mq_receive(r, buf, &len, &never, NULL), PIPC_OK);
	pipc_mq_close(r);
	pipc_mq_close(w);
	pipc_mq_free(r);
	pipc_mq_free(w);
}
END_TEST

static volatile sig_atomic_t caught;

static void count(int signo)
{
	(void)signo;
	caught++;
}

START_TEST(one_notification_per_request)
{
	struct pipc_notification n = {.signo = SIGUSR1};

	signal(SIGUSR1, count);
	ck_status(pipc_mq_request_notification(mq, &n), PIPC_OK);
	ck_status(pipc_mq_request_notification(mq, &n), PIPC_BUSY_ERROR);
	ck_status(pipc_mq_send(mq, "a", 1, NULL, 0), PIPC_OK);
	ck_assert_int_eq(caught, 1);
	expect_message("a", 1, 0);
	ck_status(pipc_mq_send(mq, "b", 1, NULL, 0), PIPC_OK);
	ck_assert_int_eq(caught, 1);
	expect_message("b", 1, 0);
	ck_status(pipc_mq_request_notification(mq, &n), PIPC_OK);
	ck_status(pipc_mq_request_notification(mq, NULL), PIPC_OK);
	ck_status(pipc_mq_send(mq, "c", 1, NULL, 0), PIPC_OK);
	ck_assert_int_eq(caught, 1);
}
END_TEST

static int thread_pipe[2];

static void in_thread(union sigval param)
{
	ck_assert_int_eq(write(thread_pipe[1], &param.sival_int, sizeof(int)),
			 sizeof(int));
}

START_TEST(notification_by_thread)
{
	struct pipc_notification n = {.function = in_thread, .param = {42}};
	int came = 0;

	ck_assert_int_eq(pipe(thread_pipe), 0);
	ck_status(pipc_mq_request_notification(mq, &n), PIPC_OK);
	ck_status(pipc_mq_send(mq, "a", 1, NULL, 0), PIPC_OK);
	ck_assert_int_eq(read(thread_pipe[0], &came, sizeof(came)),
			 sizeof(came));
	ck_assert_int_eq(came, 42);
}
END_TEST

START_TEST(bad_input_is_refused)
{
	struct pipc_mq_options none = {0600, 1, 1, false, false};
	struct pipc_notification nothing = {0};
	unsigned beyond = (unsigned)pipc_limits()->queue_priority_max + 1;
	struct pipc_mq_attributes attr;
	char buf[32];
	size_t len = 31;
	pipc_mq *q = NULL;

	ck_status(pipc_mq_open(&q, NULL, PIPC_O_CREX, &none), PIPC_VALUE_ERROR);
	ck_status(pipc_mq_open(&q, NULL, 0, NULL), PIPC_VALUE_ERROR);
	ck_assert_ptr_null(q);
	if (beyond != 0)
		ck_status(pipc_mq_send(mq, "a", 1, NULL, beyond),
			  PIPC_VALUE_ERROR);
	ck_status(pipc_mq_send(mq, NULL, 1, NULL, 0), PIPC_VALUE_ERROR);
	ck_status(pipc_mq_send(mq, buf, 33, NULL, 0), PIPC_VALUE_ERROR);
	ck_status(pipc_mq_send(mq, "a", 1, PIPC_SECONDS(-1), 0),
		  PIPC_VALUE_ERROR);
	ck_status(pipc_mq_request_notification(mq, &nothing), PIPC_VALUE_ERROR);
	ck_status(pipc_mq_attributes(mq, &attr), PIPC_OK);
	ck_assert_int_eq(attr.current_messages, 0);
	ck_status(pipc_mq_send(mq, "a", 1, NULL, 0), PIPC_OK);
	ck_status(pipc_mq_receive(mq, buf, &len, NULL, NULL), PIPC_VALUE_ERROR);
	expect_message("a", 1, 0);
}
END_TEST

START_TEST(closed_handle_says_so)
{
	char buf[32];
	size_t len = 32;

	ck_status(pipc_mq_close(mq), PIPC_OK);
	ck_assert(*(const mqd_t *)pipc_mq_mqd(mq) == PIPC__BAD_MQD);
	ck_status(pipc_mq_close(mq), PIPC_EXISTENTIAL_ERROR);
	ck_status(pipc_mq_send(mq, "a", 1, NULL, 0), PIPC_EXISTENTIAL_ERROR);
	ck_status(pipc_mq_receive(mq, buf, &len, NULL, NULL),
		  PIPC_EXISTENTIAL_ERROR);
	ck_status(pipc_mq_set_block(mq, true), PIPC_EXISTENTIAL_ERROR);
	ck_status(pipc_mq_request_notification(mq, NULL),
		  PIPC_EXISTENTIAL_ERROR);
	ck_status(pipc_mq_unlink(mq), PIPC_OK);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("mq");
	TCase *tc = tcase_create("mq");

	tcase_add_checked_fixture(tc, create, discard);
	if (pipc_limits()->message_queues_supported) {
		tcase_add_test(tc, highest_priority_first_and_fifo_within);
		tcase_add_test(tc, empty_queue_is_busy);
		tcase_add_test(tc, attributes_and_block);
		tcase_add_test(tc, read_and_write_limit_this_handle);
		tcase_add_test(tc, one_notification_per_request);
		tcase_add_test(tc, notification_by_thread);
		tcase_add_test(tc, bad_input_is_refused);
		tcase_add_test(tc, closed_handle_says_so);
	}
	suite_add_tcase(suite, tc);
	return run_suite(suite);
}
