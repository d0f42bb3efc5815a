/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * What other threads and signal handlers may do while a call is under way:
 * close the object, cancel the thread, fork.
 */
#include "check_ref.h"

#include <sys/time.h>

#define ROUNDS 3000

static void posts(struct call *c)
{
	c->result = ref_sem_post(c->sem);
}

static void sends(struct call *c)
{
	c->result = ref_mq_send(c->mqd, "x", 1, 1);
}

static void receives(struct call *c)
{
	c->result = ref_mq_receive(c->mqd, c->msg, sizeof(c->msg), NULL);
}

static void waits(struct call *c)
{
	c->result = ref_sem_wait(c->sem);
}

/* Is there a queue or a semaphore that is still mapped? */
static int mappings(void)
{
	FILE *f = fopen("/proc/self/maps", "r");
	char line[512];
	int n = 0;

	while (f != NULL && fgets(line, sizeof(line), f) != NULL)
		n += strstr(line, directory) != NULL;
	if (f != NULL)
		fclose(f);
	return n;
}

/* The other thread's post may not have returned when the wait has ended. */
START_TEST(closes_after_its_wait)
{
	struct call c;
	int i;

	for (i = 0; i < ROUNDS; i++) {
		c.sem = ref_sem_open("/s", O_CREAT | O_EXCL, 0600, 0);
		ck_assert(c.sem != SEM_FAILED);
		ck_assert_int_eq(ref_sem_unlink("/s"), 0);
		start_call(&c, posts);
		ck_assert_int_eq(ref_sem_wait(c.sem), 0);
		ck_assert_int_eq(ref_sem_close(c.sem), 0);
		end_call(&c);
		ck_assert_int_eq(c.result, 0);
	}
	ck_assert_int_eq(mappings(), 0);
}
END_TEST

START_TEST(closes_after_it_received)
{
	struct call c;
	char msg[64];
	int i;

	for (i = 0; i < ROUNDS; i++) {
		c.mqd = a_queue("/q", 2, 64);
		ck_assert_int_eq(ref_mq_unlink("/q"), 0);
		start_call(&c, sends);
		ck_assert_int_eq(ref_mq_receive(c.mqd, msg, 64, NULL), 1);
		ck_assert_int_eq(ref_mq_close(c.mqd), 0);
		end_call(&c);
		ck_assert_int_eq(c.result, 0);
	}
	ck_assert_int_eq(mappings(), 0);
}
END_TEST

START_TEST(closes_after_it_sent)
{
	struct call c;
	int i;

	for (i = 0; i < ROUNDS; i++) {
		c.mqd = a_queue("/q", 1, 64);
		ck_assert_int_eq(ref_mq_unlink("/q"), 0);
		ck_assert_int_eq(ref_mq_send(c.mqd, "x", 1, 1), 0);
		start_call(&c, receives);
		ck_assert_int_eq(ref_mq_send(c.mqd, "x", 1, 1), 0);
		ck_assert_int_eq(ref_mq_close(c.mqd), 0);
		end_call(&c);
		ck_assert_int_eq(c.result, 1);
	}
	ck_assert_int_eq(mappings(), 0);
}
END_TEST

static mqd_t notified;

static void closes(union sigval value)
{
	(void)value;
	if (ref_mq_close(notified) != 0)
		abort();
	notified = PIPC__BAD_MQD;
}

/* The function that is called for a message closes the queue. */
START_TEST(closes_when_notified)
{
	struct sigevent event = {.sigev_notify = SIGEV_THREAD,
				 .sigev_notify_function = closes};
	volatile mqd_t *left = &notified;
	int i;

	for (i = 0; i < ROUNDS / 10; i++) {
		notified = a_queue("/q", 2, 64);
		ck_assert_int_eq(ref_mq_unlink("/q"), 0);
		ck_assert_int_eq(ref_mq_notify(notified, &event), 0);
		ck_assert_int_eq(ref_mq_send(notified, "x", 1, 1), 0);
		while (*left != PIPC__BAD_MQD)
			sched_yield();
	}
}
END_TEST

/* A thread that is cancelled in a wait leaves nothing mapped. */
START_TEST(cancelled)
{
	struct call c = {.mqd = a_queue("/q", 1, 64)};
	struct ref_waits *w = &mapping_of(c.mqd)->waits;

	if (_i == 1)
		ck_assert_int_eq(ref_mq_send(c.mqd, "x", 1, 1), 0);
	start_call(&c, _i == 0 ? receives : sends);
	await_waiters(w, 1);
	pthread_cancel(c.thread);
	end_call(&c);
	ck_assert_uint_eq(mapping_of(c.mqd)->references, 1);
	ck_assert_int_eq(ref_mq_close(c.mqd), 0);
	ck_assert_int_eq(mappings(), 0);
}
END_TEST

START_TEST(cancelled_in_sem_wait)
{
	struct call c = {.sem = ref_sem_open("/s", O_CREAT, 0600, 0)};

	start_call(&c, waits);
	usleep(20000);
	pthread_cancel(c.thread);
	end_call(&c);
	ck_assert_int_eq(ref_sem_close(c.sem), 0);
	ck_assert_int_eq(mappings(), 0);
}
END_TEST

/* With a cancellation pending: calls that are no cancellation points. */
static void asks_cancelled(struct call *c)
{
	struct sigevent event = {.sigev_notify = SIGEV_NONE};

	pthread_cancel(pthread_self());
	c->result = 77;
	c->result = ref_mq_notify(c->mqd, &event);
}

static void looks_cancelled(struct call *c)
{
	struct mq_attr attr;

	pthread_cancel(pthread_self());
	c->result = 77;
	c->result = ref_mq_getattr(c->mqd, &attr);
}

/* One that is, and that sees the descriptor for the first time. */
static void sends_cancelled(struct call *c)
{
	pthread_cancel(pthread_self());
	c->result = 0;
	ref_mq_send(c->mqd, "x", 1, 1);
	c->result = 77;
}

START_TEST(cancellation_pending)
{
	static void (*const runs[])(struct call *) = {
	    asks_cancelled, looks_cancelled, sends_cancelled};
	mqd_t q = a_queue("/q", 1, 64), again;
	struct call c = {.mqd = (mqd_t)(intptr_t)dup((int)(intptr_t)q)};

	ck_assert_int_eq(ref_mq_close(q), 0);
	start_call(&c, runs[_i]);
	end_call(&c);
	ck_assert_int_eq(c.result, 0);
	again = ref_mq_open("/q", O_RDWR, 0, NULL); /* no lock is held */
	ck_assert(again != PIPC__BAD_MQD);
}
END_TEST

static volatile bool stop;

static void asks_and_takes_back(struct call *c)
{
	struct sigevent event = {.sigev_notify = SIGEV_NONE};

	while (!stop) {
		ref_mq_notify(c->mqd, &event);
		ref_mq_notify(c->mqd, NULL);
	}
}

/* A child of another thread asks, too. */
START_TEST(fork_while_another_asks)
{
	struct sigevent event = {.sigev_notify = SIGEV_NONE};
	struct call c = {.mqd = a_queue("/q", 1, 64)};
	mqd_t other = a_queue("/other", 1, 64);
	int i, status;
	pid_t pid;

	stop = false;
	start_call(&c, asks_and_takes_back);
	for (i = 0; i < 60; i++) {
		pid = fork();
		if (pid == 0) {
			alarm(5);
			status = ref_mq_notify(other, &event);
			ref_mq_notify(other, NULL);
			_exit(status == 0 ? 0 : 1);
		}
		ck_assert_int_eq(waitpid(pid, &status, 0), pid);
		ck_assert_int_eq(status, 0);
		usleep(300);
	}
	stop = true;
	end_call(&c);
}
END_TEST

static volatile mqd_t victim;
static volatile int handled;

static void in_handler(int signo)
{
	int error = errno;
	mqd_t q = victim;
	pid_t pid;

	(void)signo;
	handled++;
	if (q != PIPC__BAD_MQD) {
		victim = PIPC__BAD_MQD;
		ref_close((int)(intptr_t)q);
	}
	if (handled % 8 == 0) {
		pid = fork();
		if (pid == 0)
			_exit(0);
		waitpid(pid, NULL, 0);
	}
	errno = error;
}

/* close() and fork() in a handler, whatever it interrupted. */
START_TEST(handler_closes_and_forks)
{
	struct itimerval often = {{0, 300}, {0, 300}}, never = {{0, 0}, {0, 0}};
	struct sigaction action = {.sa_handler = in_handler,
				   .sa_flags = SA_RESTART};
	sem_t *s;
	mqd_t q;
	int i;

	victim = PIPC__BAD_MQD;
	ck_assert_int_eq(sigaction(SIGALRM, &action, NULL), 0);
	ck_assert_int_eq(setitimer(ITIMER_REAL, &often, NULL), 0);
	for (i = 0; i < ROUNDS; i++) {
		q = ref_mq_open("/q", O_CREAT | O_RDWR, 0600, NULL);
		ck_assert(q != PIPC__BAD_MQD);
		victim = ref_mq_open("/q", O_RDWR, 0, NULL);
		s = ref_sem_open("/s", O_CREAT, 0600, 1);
		ck_assert_int_eq(ref_sem_close(s), 0);
		ck_assert_int_eq(ref_mq_close(q), 0);
		q = victim;
		victim = PIPC__BAD_MQD;
		if (q != PIPC__BAD_MQD)
			ref_mq_close(q);
	}
	ck_assert_int_eq(setitimer(ITIMER_REAL, &never, NULL), 0);
	ck_assert_int_gt(handled, 0);
}
END_TEST

/* Calls with the queue that the handler interrupted a call with. */
static mqd_t used;
static volatile int wrong;
static volatile enum { SENDS, RECEIVES, ASKS_AGAIN, FORKS, SLEEPS } what;

static void uses(int signo)
{
	struct sigevent event = {.sigev_notify = SIGEV_SIGNAL,
				 .sigev_signo = SIGUSR1};
	struct timespec slow = {1, 0};
	int error = errno;
	char msg[64];
	pid_t pid;

	(void)signo;
	handled++;
	switch (what) {
	case SENDS:
		if (ref_mq_send(used, "tick", 4, 1) != 0 && errno != EAGAIN)
			wrong = errno;
		break;
	case RECEIVES:
		if (ref_mq_receive(used, msg, 64, NULL) != 1)
			wrong = errno;
		break;
	case ASKS_AGAIN:
		if (ref_mq_notify(used, &event) != 0)
			wrong = errno;
		break;
	case FORKS:
		pid = fork();
		if (pid == 0)
			_exit(0);
		waitpid(pid, NULL, 0);
		break;
	case SLEEPS:
		nanosleep(&slow, NULL);
		break;
	}
	errno = error;
}

static void use_in_handlers(int signo)
{
	struct sigaction action = {.sa_handler = uses, .sa_flags = SA_RESTART};

	handled = wrong = 0;
	alarm(0);
	ck_assert_int_eq(sigaction(signo, &action, NULL), 0);
}

/* A timer's handler sends to the queue that the thread is at work on. */
START_TEST(handler_sends)
{
	struct itimerval often = {{0, 100}, {0, 100}}, never = {{0, 0}, {0, 0}};
	struct mq_attr attr = {.mq_maxmsg = 8, .mq_msgsize = 64};
	struct timespec start, now;
	char msg[64];

	what = SENDS;
	use_in_handlers(SIGALRM);
	used = ref_mq_open("/q", O_CREAT | O_RDWR | O_NONBLOCK, 0600, &attr);
	ck_assert(used != PIPC__BAD_MQD);
	clock_gettime(CLOCK_MONOTONIC, &start);
	ck_assert_int_eq(setitimer(ITIMER_REAL, &often, NULL), 0);
	do {
		if (ref_mq_send(used, "x", 1, 0) != 0)
			ck_assert_int_eq(errno, EAGAIN);
		while (ref_mq_receive(used, msg, 64, NULL) >= 0)
			continue;
		ck_assert_int_eq(errno, EAGAIN);
		clock_gettime(CLOCK_MONOTONIC, &now);
	} while (now.tv_sec - start.tv_sec < 2);
	ck_assert_int_eq(setitimer(ITIMER_REAL, &never, NULL), 0);
	ck_assert_int_gt(handled, 10);
	ck_assert_int_eq(wrong, 0);
	ck_assert_int_le(now.tv_sec - start.tv_sec, 4);
}
END_TEST

static bool sends_at_once(void *arg)
{
	struct timespec start, now;

	(void)arg;
	usleep(100000);
	clock_gettime(CLOCK_MONOTONIC, &start);
	if (ref_mq_send(used, "y", 1, 0) != 0)
		return false;
	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec - start.tv_sec +
		   (double)(now.tv_nsec - start.tv_nsec) / 1e9 <
	       0.5;
}

/* The handler of a notification, in the process that sends. */
START_TEST(notified_in_a_handler)
{
	struct sigevent event = {.sigev_notify = SIGEV_SIGNAL,
				 .sigev_signo = SIGUSR1};
	int status;
	pid_t pid;

	what = _i;
	used = a_queue("/q", 4, 64);
	use_in_handlers(SIGUSR1); /* after the queue was opened */
	ck_assert_int_eq(ref_mq_notify(used, &event), 0);
	pid = fork();
	if (pid == 0)
		_exit(what != SLEEPS || sends_at_once(NULL) ? 0 : 1);
	alarm(10);
	ck_assert_int_eq(ref_mq_send(used, "x", 1, 0), 0);
	ck_assert_int_eq(waitpid(pid, &status, 0), pid);
	ck_assert_int_eq(status, 0);
	ck_assert_int_eq(handled, 1);
	ck_assert_int_eq(wrong, 0);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("ref threads");
	TCase *tc = a_case(suite, "threads");

	tcase_set_timeout(tc, 60);
	tcase_add_test(tc, closes_after_its_wait);
	tcase_add_test(tc, closes_after_it_received);
	tcase_add_test(tc, closes_after_it_sent);
	tcase_add_test(tc, closes_when_notified);
	tcase_add_loop_test(tc, cancelled, 0, 2);
	tcase_add_test(tc, cancelled_in_sem_wait);
	tcase_add_loop_test(tc, cancellation_pending, 0, 3);
	tcase_add_test(tc, fork_while_another_asks);
	tcase_add_test(tc, handler_closes_and_forks);
	tcase_add_test(tc, handler_sends);
	tcase_add_loop_test(tc, notified_in_a_handler, RECEIVES, SLEEPS + 1);
	return run_suite(suite);
}
