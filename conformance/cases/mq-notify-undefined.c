/* SPDX-License-Identifier: BSD-3-Clause */
/* Notification where POSIX leaves open what comes. */
#include "mq-notify.h"

#include <limits.h>

static void do_nothing(union sigval value)
{
	(void)value;
}

static const char *outcome(int result)
{
	return result == 0 ? "success" : ct_errno_name(errno);
}

CT_CASE(mq_notify_bad_event, .id = "mq.notify.bad-event", .req = "MQ-133",
	.posix = "XSH mq_notify (no such error); XSH 2.1.1",
	.text = "an unknown kind or a signal out of range is survived by "
		"everybody else",
	.needs = NEEDS_NOTIFY)
{
	mqd_t mqd = ct_mq(t, 2, 16, NULL);
	const struct sigevent bad[] = {
	    {.sigev_notify = 12345, .sigev_signo = SIGUSR1},
	    by_signal(0, 0),
	    by_signal(-1, 0),
	    by_signal(INT_MAX, 0),
	};
	static const char *const keys[] = {"unknown_kind", "signal_0",
					   "signal_minus_1", "signal_int_max"};
	size_t i;

	for (i = 0; i < 4; i++)
		CT_UNDEFINED (t, keys[i]) {
			ct_note(t, keys[i], "%s",
				outcome(t->os->mq_notify(mqd, &bad[i])));
		}
	/* The queue itself is whole. */
	expect_free(t, mqd);
	put(t, mqd, 'a');
	CT_EQUAL(q_take(t, mqd, NULL), 'a');
	t->os->mq_close(mqd);
}

CT_CASE(mq_notify_attributes_gone, .id = "mq.notify.thread-attributes-gone",
	.req = "MQ-111", .posix = "XSH pthread_attr_destroy",
	.text = "thread attributes that are destroyed before the notification "
		"harm nobody else",
	.needs = NEEDS_NOTIFY)
{
	struct sigevent event = {.sigev_notify = SIGEV_THREAD,
				 .sigev_notify_function = do_nothing};
	mqd_t mqd = ct_mq(t, 2, 16, NULL);
	pthread_attr_t attr;

	CT_UNDEFINED (t, "attributes_destroyed") {
		pthread_attr_init(&attr);
		pthread_attr_setdetachstate(&attr, PTHREAD_CREATE_DETACHED);
		event.sigev_notify_attributes = &attr;
		t->os->mq_notify(mqd, &event);
		pthread_attr_destroy(&attr);
		memset(&attr, 0xa5, sizeof(attr));
		t->os->mq_send(mqd, "a", 1, 0);
		ct_settle(t);
	}
	expect_free(t, mqd);
	t->os->mq_close(mqd);
}

CT_CASE(mq_notify_joinable, .id = "mq.notify.thread-joinable", .req = "MQ-181",
	.posix = "XSH 2.4.2 (undefined)",
	.text = "attributes that ask for a joinable thread harm nobody else",
	.needs = NEEDS_NOTIFY)
{
	struct sigevent event = {.sigev_notify = SIGEV_THREAD,
				 .sigev_notify_function = do_nothing};
	mqd_t mqd = ct_mq(t, 2, 16, NULL);
	pthread_attr_t attr;

	CT_UNDEFINED (t, "joinable") {
		pthread_attr_init(&attr);
		pthread_attr_setdetachstate(&attr, PTHREAD_CREATE_JOINABLE);
		event.sigev_notify_attributes = &attr;
		t->os->mq_notify(mqd, &event);
		t->os->mq_send(mqd, "a", 1, 0);
		ct_settle(t);
	}
	expect_free(t, mqd);
	t->os->mq_close(mqd);
}

CT_CASE(mq_notify_thread_forked, .id = "mq.notify.thread-after-fork",
	.req = "MQ-182", .posix = "XSH fork (async-signal-safe calls only)",
	.text = "a child of a process that has used SIGEV_THREAD may ask for "
		"it too; nobody else is harmed",
	.needs = NEEDS_NOTIFY)
{
	struct sigevent event = {.sigev_notify = SIGEV_THREAD,
				 .sigev_notify_function = do_nothing};
	mqd_t mqd = ct_mq(t, 2, 16, NULL);
	struct ct_peer *p;

	CT_UNDEFINED (t, "thread_after_fork") {
		t->os->mq_notify(mqd, &event);
		t->os->mq_notify(mqd, NULL);
		CT_PEER (t, p) {
			ct_note(t, "in_child", "%s",
				outcome(t->os->mq_notify(mqd, &event)));
		}
		ct_reap(t, p);
	}
	expect_free(t, mqd);
	t->os->mq_close(mqd);
}

/* For the handler of the last case. */
static struct ct *handled_t;
static mqd_t handled_mqd;
static volatile sig_atomic_t handled;

static void ask_in_handler(int signo)
{
	struct sigevent event = by_signal(signo, 0);

	handled++;
	handled_t->os->mq_notify(handled_mqd, &event);
}

CT_CASE(mq_notify_in_handler, .id = "mq.notify.handler-asks-again",
	.req = "MQ-122", .posix = "XSH 2.4.3 (mq_notify is not safe there)",
	.text = "a request made in a signal handler harms nobody else",
	.needs = NEEDS_NOTIFY)
{
	mqd_t mqd = ct_mq(t, 2, 16, NULL);
	int round;

	CT_UNDEFINED (t, "handler_asks_again") {
		handled_t = t;
		handled_mqd = mqd;
		signal(SIGUSR1, ask_in_handler);
		request(t, mqd, SIGUSR1);
		for (round = 0; round < 20; round++) {
			t->os->mq_send(mqd, "a", 1, 0);
			q_take(t, mqd, NULL);
		}
		ct_note(t, "handler_calls", "%d of 20", (int)handled);
	}
	expect_free(t, mqd);
	t->os->mq_close(mqd);
}
