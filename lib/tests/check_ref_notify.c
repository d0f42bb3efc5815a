/* SPDX-License-Identifier: BSD-3-Clause */
/* The reference implementation's requests to be notified. */
#include "check_ref.h"

#define SIGNO SIGUSR1

static sigset_t only;

static void block_signal(void)
{
	make_directory();
	sigemptyset(&only);
	sigaddset(&only, SIGNO);
	pthread_sigmask(SIG_BLOCK, &only, NULL);
}

static int ask_signal(mqd_t q, int value)
{
	struct sigevent event = {.sigev_notify = SIGEV_SIGNAL,
				 .sigev_signo = SIGNO,
				 .sigev_value.sival_int = value};

	return ref_mq_notify(q, &event);
}

static int ask_nothing(mqd_t q)
{
	struct sigevent event = {.sigev_notify = SIGEV_NONE};

	return ref_mq_notify(q, &event);
}

/* The value that came with the signal; 0 when none came. */
static int signalled(bool expected)
{
	struct timespec limit = {expected ? 20 : 0, expected ? 0 : 3000000};
	siginfo_t info;

	if (sigtimedwait(&only, &info, &limit) != SIGNO)
		return 0;
#ifdef SI_MESGQ
	ck_assert_int_eq(info.si_code, SI_MESGQ);
#endif
	return info.si_value.sival_int;
}

static bool sends(void *arg)
{
	return ref_mq_send(*(mqd_t *)arg, "x", 1, 0) == 0;
}

/* By itself and by another process; once; only when it was empty. */
START_TEST(signals)
{
	mqd_t q = a_queue("/q", 4, 8);
	char msg[8];

	ck_assert_int_eq(ask_signal(q, 5), 0);
	if (_i)
		ck_assert(in_child(sends, &q));
	else
		ck_assert(sends(&q));
	ck_assert_int_eq(signalled(true), 5);
	ck_assert(sends(&q));
	ck_assert_int_eq(signalled(false), 0);
	ck_assert_int_eq(ask_signal(q, 6), 0);
	ck_assert(sends(&q));
	ck_assert_int_eq(signalled(false), 0);
	while (count_of(q) > 0)
		ck_assert_int_eq(ref_mq_receive(q, msg, 8, NULL), 1);
	ck_assert(sends(&q));
	ck_assert_int_eq(signalled(true), 6);
}
END_TEST

/* A call is a byte: not every system has unnamed semaphores. */
static int called[2];
static int with;

static volatile bool detached;

static void function(union sigval value)
{
#ifdef __GLIBC__
	pthread_attr_t attr;
	int state;

	if (pthread_getattr_np(pthread_self(), &attr) == 0) {
		if (pthread_attr_getdetachstate(&attr, &state) == 0)
			detached = state == PTHREAD_CREATE_DETACHED;
		pthread_attr_destroy(&attr);
	}
#else
	detached = true;
#endif
	with = value.sival_int;
	if (write(called[1], "", 1) != 1)
		abort();
}

START_TEST(functions)
{
	struct sigevent event = {.sigev_notify = SIGEV_THREAD,
				 .sigev_notify_function = function,
				 .sigev_value.sival_int = 8};
	mqd_t q = a_queue("/q", 4, 8);
	pthread_attr_t attr;
	char byte;

	ck_assert_int_eq(pipe(called), 0);
	pthread_attr_init(&attr);
	if (_i != 2) /* joinable by default: nobody joins it, though */
		pthread_attr_setdetachstate(&attr, PTHREAD_CREATE_DETACHED);
	if (_i)
		event.sigev_notify_attributes = &attr;
	ck_assert_int_eq(ref_mq_notify(q, &event), 0);
	ck_assert(sends(&q));
	while (read(called[0], &byte, 1) != 1)
		continue;
	ck_assert_int_eq(with, 8);
	ck_assert(detached);
}
END_TEST

START_TEST(refused)
{
	struct sigevent event = {.sigev_notify = 999};
	mqd_t q = a_queue("/q", 4, 8);

	ck_errno(ref_mq_notify(q, &event) == 0, EINVAL);
	event.sigev_notify = SIGEV_THREAD;
	ck_errno(ref_mq_notify(q, &event) == 0, EINVAL);
	event.sigev_notify = SIGEV_SIGNAL;
	event.sigev_signo = -1;
	ck_errno(ref_mq_notify(q, &event) == 0, EINVAL);
	event.sigev_signo = 9999;
	ck_errno(ref_mq_notify(q, &event) == 0, EINVAL);
	ck_assert_int_eq(ref_mq_notify(q, NULL), 0);
	ck_assert_int_eq(ask_nothing(q), 0);
	ck_errno(ask_signal(q, 1) == 0, EBUSY);
	ck_assert_int_eq(ref_mq_notify(q, NULL), 0);
	ck_assert_int_eq(ask_signal(q, 1), 0);
}
END_TEST

/* One that cannot have a thread is told, and nothing stays. */
START_TEST(no_thread)
{
	struct sigevent event = {.sigev_notify = SIGEV_THREAD,
				 .sigev_notify_function = function};
	mqd_t q = a_queue("/q", 4, 8);
	pthread_attr_t attr;

	pthread_attr_init(&attr);
	ck_assert_int_eq(pthread_attr_setstacksize(&attr, (size_t)1 << 46), 0);
	event.sigev_notify_attributes = &attr;
	ck_assert_int_eq(ref_mq_notify(q, &event), -1);
	ck_assert_int_eq(errno, EAGAIN);
	ck_assert_int_eq(ask_nothing(q), 0);
}
END_TEST

START_TEST(ends_with_the_descriptor)
{
	mqd_t q = a_queue("/q", 4, 8), other;

	other = ref_mq_open("/q", O_RDWR, 0, NULL);
	ck_assert_int_eq(ask_signal(q, 1), 0);
	ck_assert_int_eq(ref_mq_close(other), 0);
	other = ref_mq_open("/q", O_RDWR, 0, NULL);
	ck_errno(ask_nothing(other) == 0, EBUSY);
	ck_assert_int_eq(ref_mq_close(q), 0);
	ck_assert_int_eq(ask_nothing(other), 0);
	ck_assert(sends(&other));
	ck_assert_int_eq(signalled(false), 0);
}
END_TEST

static bool asks(void *arg)
{
	return ask_signal(*(mqd_t *)arg, 3) == 0;
}

START_TEST(ends_with_the_process)
{
	mqd_t q = a_queue("/q", 4, 8);

	ck_assert(in_child(asks, &q));
	/* Not told of by anybody: found by who comes next. */
	ck_assert_int_eq(ask_signal(q, 4), 0);
	if (_i)
		die_holding(&mapping_of(q)->queue->gate.lock);
	ck_assert(in_child(sends, &q));
	ck_assert_int_eq(signalled(true), 4);
}
END_TEST

/* As under emulators: nothing tells a death but the process's number. */
static bool no_deaths_told(void)
{
#ifdef SYS_get_robust_list
	return deny(SYS_set_robust_list) && deny(SYS_get_robust_list);
#else
	return false;
#endif
}

static bool asks_and_is_notified(void *arg)
{
	return asks(arg) && sends(arg) && signalled(true) == 3;
}

/* More often than there are places, whether its request was left or used. */
START_TEST(ends_with_the_process_untold)
{
	mqd_t q = a_queue("/q", 4, 8);
	char msg[8];
	unsigned i;

	if (!no_deaths_told())
		return;
	ref_lock_seconds = 1;
	for (i = 0; i <= 2 * REF_NOTICES; i++) {
		ck_assert(in_child(i % 2 ? asks_and_is_notified : asks, &q));
		while (count_of(q) > 0)
			ck_assert_int_eq(ref_mq_receive(q, msg, 8, NULL), 1);
	}
	ck_assert_int_eq(ask_signal(q, 4), 0);
	ck_errno(ask_nothing(q) == 0, EBUSY); /* this process lives */
	ck_assert(in_child(sends, &q));
	ck_assert_int_eq(signalled(true), 4);
}
END_TEST

static void receives(struct call *c)
{
	c->result = ref_mq_receive(c->mqd, c->msg, sizeof(c->msg), NULL);
}

START_TEST(receivers_come_first)
{
	mqd_t q = a_queue("/q", 4, 8);
	struct call c = {.mqd = q};

	start_call(&c, receives);
	await_waiters(&mapping_of(q)->waits, 1);
	ck_assert_int_eq(ask_signal(q, 2), 0);
	ck_assert(sends(&q));
	end_call(&c);
	ck_assert_int_eq(signalled(false), 0);
	ck_assert(sends(&q));
	ck_assert_int_eq(signalled(true), 2);
}
END_TEST

/* All places are said to be in use: an error, and no wait without end. */
START_TEST(hostile_places)
{
	mqd_t q = a_queue("/q", 4, 8);
	struct ref_queue *queue = mapping_of(q)->queue;
	uint32_t owner = 1;
	unsigned i;

	ref_lock_seconds = 0;
	for (i = 0; i < REF_NOTICES; i++)
		memcpy(&queue->notices[i].owner, &owner, sizeof(owner));
	queue->armed = _i == 0 ? 0 : _i == 1 ? 1 : UINT32_MAX;
	ck_errno(ask_nothing(q) == 0, _i == 1 ? EBUSY : EIO);
	ck_assert(sends(&q));
	ck_assert_int_eq(count_of(q), 1);
}
END_TEST

START_TEST(hostile_words)
{
	mqd_t q = a_queue("/q", 4, 8);
	struct ref_queue *queue = mapping_of(q)->queue;

	memset(&queue->notices[0].owner, 0, sizeof(queue->notices[0].owner));
	queue->armed = 1;
	queue->notices[0].word.value = UINT32_MAX;
	queue->notices[0].asker = getpid();
	if (_i)
		ck_assert(sends(&q)); /* to nobody */
	ck_assert_int_eq(ask_signal(q, 1), 0);
	ck_assert_int_eq(ref_mq_notify(q, NULL), 0);
	ck_assert_int_eq(signalled(false), 0);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("ref notify");
	TCase *tc = tcase_create("notify");

	tcase_add_checked_fixture(tc, block_signal, remove_directory);
	suite_add_tcase(suite, tc);
	tcase_add_loop_test(tc, signals, 0, 2);
	tcase_add_loop_test(tc, functions, 0, 3);
	tcase_add_test(tc, refused);
	tcase_add_test(tc, no_thread);
	tcase_add_test(tc, ends_with_the_descriptor);
	tcase_add_loop_test(tc, ends_with_the_process, 0, 2);
	tcase_add_test(tc, ends_with_the_process_untold);
	tcase_add_test(tc, receivers_come_first);
	tcase_add_loop_test(tc, hostile_places, 0, 3);
	tcase_add_loop_test(tc, hostile_words, 0, 2);
	return run_suite(suite);
}
