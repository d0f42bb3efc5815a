/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Notification of a queue by a function in a new thread.
 *
 * The process that asks for it is always a peer that has one thread, for after
 * fork in a process with several nothing but the plainest calls is defined.
 */
#include "mq-notify.h"

#include <poll.h>

/* What the function saw, through a pipe. */
struct seen {
	pthread_t thread;
	union sigval value;
	char mask; /* 'a' all of some signals are blocked, 'n' none, 's' some */
};
static int seen_fds[2];

static char mask_of_thread(void)
{
	const int some[] = {SIGUSR1, SIGUSR2, SIGTERM, SIGALRM};
	int i, blocked = 0;
	sigset_t mask;

	pthread_sigmask(SIG_BLOCK, NULL, &mask);
	for (i = 0; i < 4; i++)
		blocked += sigismember(&mask, some[i]) == 1;
	return blocked == 0 ? 'n' : blocked == 4 ? 'a' : 's';
}

static void tell_seen(union sigval value)
{
	struct seen seen = {.thread = pthread_self(), .value = value};

	seen.mask = mask_of_thread();
	while (write(seen_fds[1], &seen, sizeof(seen)) < 0 && errno == EINTR)
		;
}

/* Can so many threads be there at a time, of which a library makes some? */
static void *waits(void *gate)
{
	pthread_mutex_lock(gate);
	pthread_mutex_unlock(gate);
	return NULL;
}

static void need_threads(struct ct *t)
{
	/* The library's own, one that ends, one that begins, and one more. */
	enum { ENOUGH = 4 };
	static pthread_mutex_t gate = PTHREAD_MUTEX_INITIALIZER;
	pthread_t thread[ENOUGH];
	int n = 0, i, error = 0;

	pthread_mutex_lock(&gate);
	while (n < ENOUGH &&
	       (error = pthread_create(&thread[n], NULL, waits, &gate)) == 0)
		n++;
	pthread_mutex_unlock(&gate);
	for (i = 0; i < n; i++)
		pthread_join(thread[i], NULL);
	if (error != 0)
		ct_refused(t, "pthread_create", error);
}

/*
 * A library that cannot make a thread says so by another error, or not at all.
 * Whether threads are short here the environment knows.
 */
static void no_thread(struct ct *t, const char *how)
{
	ct_remark(t, "%s, as where no thread can be made", how);
	ct_refused(t, "mq_notify(SIGEV_THREAD)", EAGAIN);
}

static struct seen await_seen(struct ct *t)
{
	struct seen seen;

	if (!ct_await_readable(t, seen_fds[0]))
		no_thread(t, "the function was not called");
	CT_MUST(CT_OK(read(seen_fds[0], &seen, sizeof(seen)) == sizeof(seen)));
	return seen;
}

static int notify(struct ct *t, mqd_t mqd, const struct sigevent *event)
{
	int result = t->os->mq_notify(mqd, event);

	if (result != 0 && (errno == ENOSYS || errno == EAGAIN))
		no_thread(t, ct_errno_name(errno));
	return result;
}

/* Asks for a notification by a thread, which must succeed. */
#define request_thread(t, mqd, event) CT_OK(notify(t, mqd, event) == 0)

static void expect_nothing_seen(struct ct *t)
{
	struct pollfd fd = {seen_fds[0], POLLIN, 0};

	ct_settle(t);
	CT_EQUAL(poll(&fd, 1, 0), 0);
}

static struct sigevent by_thread(void (*function)(union sigval value))
{
	struct sigevent event = {.sigev_notify = SIGEV_THREAD,
				 .sigev_notify_function = function};

	event.sigev_value.sival_ptr = seen_fds;
	return event;
}

CT_CASE(mq_notify_thread, .id = "mq.notify.thread-once",
	.req = "MQ-110 MQ-113 MQ-180", .posix = "XSH 2.4.2 SIGEV_THREAD",
	.text = "in a forked child too, the function is called once, in a "
		"thread of its own, with the request's value",
	.needs = NEEDS_NOTIFY)
{
	mqd_t mqd = ct_mq(t, 2, 16, NULL);
	struct sigevent event;
	struct ct_peer *p;
	struct seen seen;

	CT_SETUP_TRUE(pipe(seen_fds) == 0);
	CT_PEER (t, p) {
		need_threads(t);
		event = by_thread(tell_seen);
		request_thread(t, mqd, &event);
		expect_held(t, mqd);
		ct_tell_parent(t);
		seen = await_seen(t);
		CT_CHECK(!pthread_equal(seen.thread, pthread_self()));
		CT_CHECK(seen.value.sival_ptr == seen_fds);
		ct_note(t, "mask_of_notification_thread", "%s",
			seen.mask == 'a'   ? "all blocked"
			: seen.mask == 'n' ? "none blocked"
					   : "some blocked");
		CT_EQUAL(q_take(t, mqd, NULL), 'a');
		put(t, mqd, 'b');
		expect_nothing_seen(t);
	}
	ct_await(t, p);
	put(t, mqd, 'a');
	ct_join(t, p);
	close(seen_fds[0]);
	close(seen_fds[1]);
	t->os->mq_close(mqd);
}

CT_CASE(mq_notify_thread_cancel, .id = "mq.notify.thread-cancelled",
	.req = "MQ-112", .posix = "XSH mq_notify",
	.text = "requests by function are made, cancelled and made again; the "
		"last one is answered, and once",
	.needs = NEEDS_NOTIFY)
{
	mqd_t mqd = ct_mq(t, 2, 16, NULL);
	struct sigevent event;
	struct ct_peer *p;
	int round;

	CT_SETUP_TRUE(pipe(seen_fds) == 0);
	CT_PEER (t, p) {
		need_threads(t);
		event = by_thread(tell_seen);
		for (round = 0; round < 50; round++) {
			request_thread(t, mqd, &event);
			CT_OK(t->os->mq_notify(mqd, NULL) == 0);
		}
		put(t, mqd, 'a');
		expect_nothing_seen(t);
		CT_EQUAL(q_take(t, mqd, NULL), 'a');
		request_thread(t, mqd, &event);
		put(t, mqd, 'b');
		await_seen(t);
		expect_nothing_seen(t);
	}
	ct_join(t, p);
	close(seen_fds[0]);
	close(seen_fds[1]);
	t->os->mq_close(mqd);
}

CT_CASE(mq_notify_thread_wrapper, .id = "mq.notify.thread-param",
	.req = "MQ-110", .posix = "the specification: request_notification",
	.text = "the library's function and param are called and given",
	.needs = NEEDS_NOTIFY)
{
	struct pipc_notification wanted = {.function = tell_seen};
	pipc_mq *mq = ct_pipc_mq(t, 2, 16);
	struct ct_peer *p;
	pipc_status status;
	struct seen seen;

	CT_SETUP_TRUE(pipe(seen_fds) == 0);
	CT_PEER (t, p) {
		need_threads(t);
		wanted.param.sival_ptr = mq;
		status = pipc_mq_request_notification(mq, &wanted);
		if (status != PIPC_OK && (errno == ENOSYS || errno == EAGAIN))
			no_thread(t, ct_errno_name(errno));
		CT_EXPECT(status, PIPC_OK);
		CT_EXPECT(pipc_mq_request_notification(mq, &wanted),
			  PIPC_BUSY_ERROR);
		CT_EXPECT(pipc_mq_send(mq, "a", 1, NULL, 0), PIPC_OK);
		seen = await_seen(t);
		CT_CHECK(seen.value.sival_ptr == mq);
		CT_CHECK(!pthread_equal(seen.thread, pthread_self()));
		expect_nothing_seen(t);
	}
	ct_join(t, p);
	close(seen_fds[0]);
	close(seen_fds[1]);
	CT_EXPECT(pipc_mq_close(mq), PIPC_OK);
	pipc_mq_free(mq);
}

/* A function that asks again before it tells. */
#define ROUNDS 1000
static struct {
	struct ct *t;
	mqd_t mqd;
} again;

static void ask_again(union sigval value)
{
	struct sigevent event = by_thread(ask_again);
	int failed = again.t->os->mq_notify(again.mqd, &event) != 0;

	value.sival_int = failed ? errno : 0;
	tell_seen(value);
}

CT_CASE(mq_notify_again_thread, .id = "mq.notify.thread-asks-again",
	.req = "MQ-122", .posix = "XSH mq_notify",
	.text = "the function asks for the next notification, a thousand times",
	.needs = NEEDS_NOTIFY)
{
	mqd_t mqd = ct_mq(t, 2, 16, NULL);
	struct sigevent event;
	struct ct_peer *p;
	struct seen seen;
	int round;

	CT_SETUP_TRUE(pipe(seen_fds) == 0);
	CT_PEER (t, p) {
		need_threads(t);
		again.t = t;
		again.mqd = mqd;
		event = by_thread(ask_again);
		request_thread(t, mqd, &event);
		for (round = 0; round < ROUNDS; round++) {
			put(t, mqd, 'a');
			seen = await_seen(t);
			if (seen.value.sival_int == ENOSYS ||
			    seen.value.sival_int == EAGAIN)
				no_thread(t, "ENOSYS or EAGAIN");
			CT_MUST(CT_EQUAL(seen.value.sival_int, 0));
			CT_MUST(CT_EQUAL(q_take(t, mqd, NULL), 'a'));
		}
	}
	ct_join(t, p);
	close(seen_fds[0]);
	close(seen_fds[1]);
	t->os->mq_close(mqd);
}

CT_CASE(mq_notify_again_signal, .id = "mq.notify.signal-asks-again",
	.req = "MQ-122", .posix = "XSH mq_notify",
	.text = "after sigwaitinfo the next notification is asked for, a "
		"thousand times",
	.needs = NEEDS_NOTIFY)
{
	mqd_t mqd = ct_mq(t, 2, 16, NULL);
	int signo = counted_signal(t), round;
	struct sigevent event;
	siginfo_t info;
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, signo);
	pthread_sigmask(SIG_BLOCK, &set, NULL);
	for (round = 0; round < ROUNDS; round++) {
		event = by_signal(signo, round);
		CT_MUST(CT_OK(t->os->mq_notify(mqd, &event) == 0));
		put(t, mqd, 'a');
		CT_MUST(CT_OK(sigwaitinfo(&set, &info) == signo));
		CT_MUST(CT_EQUAL(info.si_value.sival_int, round));
		CT_MUST(CT_EQUAL(q_take(t, mqd, NULL), 'a'));
	}
	pthread_sigmask(SIG_UNBLOCK, &set, NULL);
	CT_EQUAL(ct_caught(signo), 0);
	t->os->mq_close(mqd);
}
