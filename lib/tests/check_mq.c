/* SPDX-License-Identifier: BSD-3-Clause */
/* Message queues. */
#include "check_pipc.h"

#include <poll.h>
#include <sys/wait.h>

FAILING(mqd_t, open,
	(const char *name, int flags, mode_t mode, struct mq_attr *attr),
	PIPC__BAD_MQD)
FAILING(int, close, (mqd_t mqd), -1)
FAILING(int, unlink, (const char *name), -1)
FAILING(int, getattr, (mqd_t mqd, struct mq_attr *attr), -1)
FAILING(int, setattr,
	(mqd_t mqd, const struct mq_attr *attr, struct mq_attr *old), -1)
FAILING(int, send, (mqd_t mqd, const char *msg, size_t len, unsigned prio), -1)
FAILING(ssize_t, receive, (mqd_t mqd, char *buf, size_t len, unsigned *prio),
	-1)
FAILING(int, notify, (mqd_t mqd, const struct sigevent *notification), -1)

static pipc_mq *mq; /* 4 messages of 32 bytes, over the faulty table */

/* The system's queues, or what the library takes where it has none. */
static const struct pipc__os *base;

static void create(void)
{
	struct pipc_mq_options options = {0600, 4, 32, true, true};

	faulty = *base;
	pipc__use(&faulty);
	ck_status(pipc_mq_open(&mq, NULL, PIPC_O_CREX, &options), PIPC_OK);
}

static void discard(void)
{
	faulty = *base;
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

static bool readable(int fd, int ms)
{
	struct pollfd p = {.fd = fd, .events = POLLIN};

	ck_assert_int_ge(poll(&p, 1, ms), 0);
	return p.revents == POLLIN;
}

static void sends_elsewhere(void)
{
	pid_t pid = fork();
	int status;

	if (pid == 0)
		_exit(pipc_mq_send(mq, "x", 1, &never, 0) != PIPC_OK);
	ck_assert_int_eq(waitpid(pid, &status, 0), pid);
	ck_assert_int_eq(status, 0);
}

START_TEST(a_descriptor_tells_of_messages)
{
	pipc_status status;
	int fd = -2, again;

	status = pipc_mq_event_fd(mq, &fd);
	if (status == PIPC_UNSUPPORTED_ERROR) {
		ck_assert_int_eq(fd, -2);
		return;
	}
	ck_status(status, PIPC_OK);
	ck_assert_int_ge(fd, 0);
	ck_assert(!readable(fd, 0));
	ck_status(pipc_mq_send(mq, "x", 1, &never, 0), PIPC_OK);
	ck_assert(readable(fd, 0));
	sends_elsewhere();
	expect_message("x", 1, 0);
	ck_assert(readable(fd, 0));
	expect_message("x", 1, 0);
	ck_assert(!readable(fd, 20));
	sends_elsewhere();
	ck_assert(readable(fd, 0));
	ck_status(pipc_mq_event_fd(mq, &again), PIPC_OK);
	ck_assert_int_eq(again, fd);
	expect_message("x", 1, 0);
	ck_fails(pipc_mq_event_fd(mq, NULL), PIPC_VALUE_ERROR, EINVAL);
	ck_fails(pipc_mq_event_fd(NULL, &fd), PIPC_VALUE_ERROR, EINVAL);
	ck_status(pipc_mq_close(mq), PIPC_OK);
	ck_assert_int_eq(fcntl(fd, F_GETFD), -1);
	ck_fails(pipc_mq_event_fd(mq, &again), PIPC_EXISTENTIAL_ERROR, EBADF);
	ck_assert_int_eq(again, fd);
}
END_TEST

static const struct pipc__os *other_base;

static void create_over_ref(void)
{
	other_base = base;
#ifdef PIPC_REF
	base = &pipc__os_ref;
#endif
	create();
}

static void discard_over_ref(void)
{
	discard();
	base = other_base;
}

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
	faulty.mq_send = failing_send; /* it must not get so far */
	fault = EDOM;
	if (beyond != 0)
		ck_fails(pipc_mq_send(mq, "a", 1, NULL, beyond),
			 PIPC_VALUE_ERROR, EINVAL);
	faulty = *base;
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
	struct pipc_mq_attributes attr;
	char buf[32];
	size_t len = 32;

	ck_status(pipc_mq_close(mq), PIPC_OK);
	ck_assert(*(const mqd_t *)pipc_mq_mqd(mq) == PIPC__BAD_MQD);
	ck_status(pipc_mq_close(mq), PIPC_EXISTENTIAL_ERROR);
	ck_fails(pipc_mq_send(mq, "a", 1, NULL, 0), PIPC_EXISTENTIAL_ERROR,
		 EBADF);
	ck_fails(pipc_mq_send(mq, "a", 1, &never, 0), PIPC_EXISTENTIAL_ERROR,
		 EBADF);
	ck_fails(pipc_mq_receive(mq, buf, &len, NULL, NULL),
		 PIPC_EXISTENTIAL_ERROR, EBADF);
	ck_fails(pipc_mq_receive(mq, buf, &len, PIPC_SECONDS(1), NULL),
		 PIPC_EXISTENTIAL_ERROR, EBADF);
	ck_assert_uint_eq(len, 32);
	ck_status(pipc_mq_set_block(mq, true), PIPC_EXISTENTIAL_ERROR);
	ck_status(pipc_mq_attributes(mq, &attr), PIPC_EXISTENTIAL_ERROR);
	ck_status(pipc_mq_request_notification(mq, NULL),
		  PIPC_EXISTENTIAL_ERROR);
	ck_status(pipc_mq_unlink(mq), PIPC_OK);
}
END_TEST

/* What it was opened for matters no more. */
START_TEST(closed_reader_says_so_too)
{
	struct pipc_mq_options reader = {0, 0, 0, true, false};
	pipc_mq *r;

	ck_status(pipc_mq_open(&r, pipc_mq_name(mq), 0, &reader), PIPC_OK);
	ck_status(pipc_mq_close(r), PIPC_OK);
	ck_status(pipc_mq_send(r, "a", 1, &never, 0), PIPC_EXISTENTIAL_ERROR);
	pipc_mq_free(r);
}
END_TEST

/* A page at this address, if it is to be had. */
static void *page_at(uintptr_t address)
{
	void *p = mmap((void *)address, 4096, PROT_READ | PROT_WRITE,
		       MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	ck_assert_ptr_ne(p, MAP_FAILED);
	return p;
}

/* Valid, though these addresses have no bit in common. */
START_TEST(any_addresses_will_do)
{
	char *buf = page_at((uintptr_t)1 << (sizeof(void *) * 8 - 20));
	size_t *len = page_at((uintptr_t)1 << (sizeof(void *) * 8 - 19));

	*len = 32;
	ck_status(pipc_mq_receive(mq, buf, len, &never, NULL), PIPC_BUSY_ERROR);
	ck_status(pipc_mq_receive(mq, NULL, len, &never, NULL),
		  PIPC_VALUE_ERROR);
	ck_status(pipc_mq_receive(NULL, buf, len, &never, NULL),
		  PIPC_VALUE_ERROR);
	ck_status(pipc_mq_receive(mq, buf, NULL, &never, NULL),
		  PIPC_VALUE_ERROR);
	ck_status(pipc_mq_send(mq, "a", 1, NULL, 0), PIPC_OK);
	ck_status(pipc_mq_receive(mq, buf, len, &never, NULL), PIPC_OK);
	ck_assert_uint_eq(*len, 1);
	munmap(buf, 4096);
	munmap(len, 4096);
}
END_TEST

START_TEST(open_errors_change_nothing)
{
	pipc_mq *q = NULL;

	faulty.mq_open = failing_open;
	fault = open_errors[_i].error;
	ck_fails(pipc_mq_open(&q, "/pipc-mq", PIPC_O_CREAT, NULL),
		 open_errors[_i].status, fault);
	ck_assert_ptr_null(q);
}
END_TEST

START_TEST(errors_of_calls_are_told)
{
	struct pipc_mq_attributes attr;
	char buf[32];
	size_t len = 32;

	faulty.mq_send = failing_send;
	faulty.mq_receive = failing_receive;
	faulty.mq_getattr = failing_getattr;
	faulty.mq_notify = failing_notify;
	faulty.mq_unlink = failing_unlink;
	faulty.mq_close = failing_close;
	fault = EINTR;
	ck_fails(pipc_mq_send(mq, "a", 1, NULL, 0), PIPC_SIGNAL_ERROR, EINTR);
	ck_fails(pipc_mq_receive(mq, buf, &len, NULL, NULL), PIPC_SIGNAL_ERROR,
		 EINTR);
	ck_assert_uint_eq(len, 32);
	fault = EBADF; /* not for want of permission: it was opened for both */
	ck_status(pipc_mq_send(mq, "a", 1, NULL, 0), PIPC_EXISTENTIAL_ERROR);
	ck_status(pipc_mq_receive(mq, buf, &len, NULL, NULL),
		  PIPC_EXISTENTIAL_ERROR);
	ck_status(pipc_mq_attributes(mq, &attr), PIPC_EXISTENTIAL_ERROR);
	ck_status(pipc_mq_set_block(mq, false), PIPC_EXISTENTIAL_ERROR);
	ck_status(pipc_mq_close(mq), PIPC_EXISTENTIAL_ERROR);
	fault = ENOSYS;
	ck_fails(pipc_mq_request_notification(mq, NULL), PIPC_UNSUPPORTED_ERROR,
		 ENOSYS);
	fault = EACCES;
	ck_fails(pipc_mq_unlink(mq), PIPC_PERMISSIONS_ERROR, EACCES);
	faulty.mq_getattr = base->mq_getattr;
	faulty.mq_setattr = failing_setattr;
	fault = EINVAL;
	ck_fails(pipc_mq_set_block(mq, false), PIPC_VALUE_ERROR, EINVAL);
}
END_TEST

/* The second call of a timed send or receive, the one that waits, fails. */
static int waits;

static int interrupted_send(mqd_t mqd, const char *msg, size_t len,
			    unsigned prio, const struct timespec *deadline)
{
	errno = waits++ == 0 ? ETIMEDOUT : EINTR;
	return -1;
}

static ssize_t interrupted_receive(mqd_t mqd, char *buf, size_t len,
				   unsigned *prio,
				   const struct timespec *deadline)
{
	errno = waits++ == 0 ? ETIMEDOUT : EINTR;
	return -1;
}

static int patient_send(mqd_t mqd, const char *msg, size_t len, unsigned prio,
			const struct timespec *deadline)
{
	if (waits++ != 0)
		return base->mq_send(mqd, msg, len, prio);
	errno = ETIMEDOUT;
	return -1;
}

static ssize_t patient_receive(mqd_t mqd, char *buf, size_t len, unsigned *prio,
			       const struct timespec *deadline)
{
	if (waits++ != 0)
		return base->mq_receive(mqd, buf, len, prio);
	errno = ETIMEDOUT;
	return -1;
}

FAILING(int, clocksend,
	(mqd_t mqd, const char *msg, size_t len, unsigned prio, clockid_t clock,
	 const struct timespec *deadline),
	-1)
FAILING(ssize_t, clockreceive,
	(mqd_t mqd, char *buf, size_t len, unsigned *prio, clockid_t clock,
	 const struct timespec *deadline),
	-1)

START_TEST(waiting_send_and_receive)
{
	unsigned prio = 9;
	char buf[32];
	size_t len = 32;

	fault = ENOSYS;
	faulty.mq_clocksend_np = failing_clocksend;
	faulty.mq_clockreceive_np = failing_clockreceive;
	faulty.mq_timedsend = interrupted_send;
	faulty.mq_timedreceive = interrupted_receive;
	ck_fails(pipc_mq_send(mq, "a", 1, PIPC_SECONDS(9), 0),
		 PIPC_SIGNAL_ERROR, EINTR);
	ck_assert_int_eq(waits, 2);
	waits = 0;
	ck_fails(pipc_mq_receive(mq, buf, &len, PIPC_SECONDS(9), &prio),
		 PIPC_SIGNAL_ERROR, EINTR);
	ck_assert_int_eq(waits, 2);
	ck_assert_uint_eq(len, 32);
	ck_assert_uint_eq(prio, 9);
	faulty.mq_timedsend = patient_send;
	faulty.mq_timedreceive = patient_receive;
	waits = 0;
	ck_status(pipc_mq_send(mq, "later", 5, PIPC_SECONDS(9), 1), PIPC_OK);
	waits = 0;
	ck_status(pipc_mq_receive(mq, buf, &len, PIPC_SECONDS(9), &prio),
		  PIPC_OK);
	ck_assert_uint_eq(len, 5);
	ck_assert_mem_eq(buf, "later", 5);
	ck_assert_uint_eq(prio, 1);
}
END_TEST

static bool soon(clockid_t clock, const struct timespec *deadline)
{
	struct timespec now;

	ck_assert_int_eq(clock, CLOCK_MONOTONIC);
	clock_gettime(clock, &now);
	return deadline->tv_sec - now.tv_sec >= 8 &&
	       deadline->tv_sec - now.tv_sec <= 9;
}

static int monotonic_send(mqd_t mqd, const char *msg, size_t len, unsigned prio,
			  clockid_t clock, const struct timespec *deadline)
{
	ck_assert(soon(clock, deadline));
	return patient_send(mqd, msg, len, prio, deadline);
}

static ssize_t monotonic_receive(mqd_t mqd, char *buf, size_t len,
				 unsigned *prio, clockid_t clock,
				 const struct timespec *deadline)
{
	ck_assert(soon(clock, deadline));
	return patient_receive(mqd, buf, len, prio, deadline);
}

/* So that setting the clock does not change how long a time-out is. */
START_TEST(monotonic_clock_where_there_is_one)
{
	char buf[32];
	size_t len = 32;

	faulty.mq_timedsend = patient_send;
	faulty.mq_timedreceive = patient_receive;
	faulty.mq_clocksend_np = monotonic_send;
	faulty.mq_clockreceive_np = monotonic_receive;
	ck_status(pipc_mq_send(mq, "x", 1, PIPC_SECONDS(9), 1), PIPC_OK);
	ck_assert_int_eq(waits, 2);
	waits = 0;
	ck_status(pipc_mq_receive(mq, buf, &len, PIPC_SECONDS(9), NULL),
		  PIPC_OK);
	ck_assert_int_eq(waits, 2);
	fault = ETIMEDOUT;
	faulty.mq_clocksend_np = failing_clocksend;
	faulty.mq_clockreceive_np = failing_clockreceive;
	waits = 0;
	ck_fails(pipc_mq_send(mq, "x", 1, PIPC_SECONDS(9), 1), PIPC_BUSY_ERROR,
		 ETIMEDOUT);
	ck_assert_int_eq(waits, 1);
	waits = 0;
	ck_fails(pipc_mq_receive(mq, buf, &len, PIPC_SECONDS(9), NULL),
		 PIPC_BUSY_ERROR, ETIMEDOUT);
	ck_assert_int_eq(waits, 1);
}
END_TEST

START_TEST(one_default_beside_one_given)
{
	const struct pipc_limits *l = pipc_limits();
	struct pipc_mq_options few = {0600, 1, 0, true, true};
	struct pipc_mq_options small = {0600, 0, 1, true, true};
	struct pipc_mq_attributes attr;
	pipc_mq *q;

	ck_status(pipc_mq_open(&q, NULL, PIPC_O_CREX, &few), PIPC_OK);
	ck_status(pipc_mq_attributes(q, &attr), PIPC_OK);
	ck_assert_int_eq(attr.max_messages, 1);
	ck_assert_int_eq(attr.max_message_size,
			 l->queue_message_size_max_default);
	pipc_mq_unlink(q);
	pipc_mq_close(q);
	pipc_mq_free(q);
	ck_status(pipc_mq_open(&q, NULL, PIPC_O_CREX, &small), PIPC_OK);
	ck_status(pipc_mq_attributes(q, &attr), PIPC_OK);
	ck_assert_int_eq(attr.max_messages, l->queue_messages_max_default);
	ck_assert_int_eq(attr.max_message_size, 1);
	pipc_mq_unlink(q);
	pipc_mq_close(q);
	pipc_mq_free(q);
}
END_TEST

START_TEST(no_handle_is_a_bad_argument)
{
	struct pipc_mq_options negative = {0600, -1, 1, true, true};
	struct pipc_mq_attributes attr;
	pipc_mq *q = NULL;
	char buf[32];
	size_t len = 32;

	ck_status(pipc_mq_open(NULL, NULL, PIPC_O_CREX, NULL),
		  PIPC_VALUE_ERROR);
	ck_status(pipc_mq_open(&q, NULL, PIPC_O_CREX, &negative),
		  PIPC_VALUE_ERROR);
	ck_status(pipc_mq_open(&q, "/p", PIPC_O_TRUNC, NULL), PIPC_VALUE_ERROR);
	ck_assert_ptr_null(q);
	ck_status(pipc_mq_send(NULL, "a", 1, NULL, 0), PIPC_VALUE_ERROR);
	ck_status(pipc_mq_receive(NULL, buf, &len, NULL, NULL),
		  PIPC_VALUE_ERROR);
	ck_status(pipc_mq_receive(mq, NULL, &len, NULL, NULL),
		  PIPC_VALUE_ERROR);
	ck_status(pipc_mq_receive(mq, buf, NULL, NULL, NULL), PIPC_VALUE_ERROR);
	ck_status(pipc_mq_receive(mq, buf, &len, PIPC_SECONDS(-1), NULL),
		  PIPC_VALUE_ERROR);
	ck_status(pipc_mq_request_notification(NULL, NULL), PIPC_VALUE_ERROR);
	ck_status(pipc_mq_set_block(NULL, true), PIPC_VALUE_ERROR);
	ck_status(pipc_mq_attributes(NULL, &attr), PIPC_VALUE_ERROR);
	ck_status(pipc_mq_attributes(mq, NULL), PIPC_VALUE_ERROR);
	ck_status(pipc_mq_close(NULL), PIPC_VALUE_ERROR);
	ck_status(pipc_mq_unlink(NULL), PIPC_VALUE_ERROR);
	ck_assert_ptr_null(pipc_mq_mqd(NULL));
	ck_assert_ptr_null(pipc_mq_name(NULL));
	pipc_mq_free(NULL);
}
END_TEST

static long tells_priorities(int name)
{
	return 5;
}

START_TEST(priorities_end_below_the_limit)
{
	ck_assert_uint_ge(pipc__priority_max(), 31);
	faulty.sysconf = tells_priorities;
	ck_assert_uint_eq(pipc__priority_max(), 4);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("mq");
	TCase *tc = tcase_create("mq");

	own_queue_room();
	base = pipc__queues();
	tcase_add_checked_fixture(tc, create, discard);
	if (pipc_limits()->message_queues_supported) {
		tcase_add_test(tc, highest_priority_first_and_fifo_within);
		tcase_add_test(tc, empty_queue_is_busy);
		tcase_add_test(tc, attributes_and_block);
		tcase_add_test(tc, read_and_write_limit_this_handle);
		tcase_add_test(tc, one_notification_per_request);
		tcase_add_test(tc, notification_by_thread);
		tcase_add_test(tc, bad_input_is_refused);
		tcase_add_loop_test(tc, open_errors_change_nothing, 0,
				    OPEN_ERRORS);
		tcase_add_test(tc, errors_of_calls_are_told);
		tcase_add_test(tc, waiting_send_and_receive);
		tcase_add_test(tc, monotonic_clock_where_there_is_one);
		tcase_add_test(tc, one_default_beside_one_given);
		tcase_add_test(tc, no_handle_is_a_bad_argument);
		tcase_add_test(tc, priorities_end_below_the_limit);
		tcase_add_test(tc, closed_handle_says_so);
		tcase_add_test(tc, closed_reader_says_so_too);
		tcase_add_test(tc, any_addresses_will_do);
		tcase_add_test(tc, a_descriptor_tells_of_messages);
	}
	suite_add_tcase(suite, tc);
	tc = tcase_create("ref");
	tcase_add_checked_fixture(tc, create_over_ref, discard_over_ref);
	if (pipc_limits()->message_queues_supported)
		tcase_add_test(tc, a_descriptor_tells_of_messages);
	suite_add_tcase(suite, tc);
	return run_suite(suite);
}
