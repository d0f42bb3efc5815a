/* SPDX-License-Identifier: BSD-3-Clause */
/* Notification of a queue by a signal. */
#include "mq-notify.h"

CT_CASE(mq_notify_signal_once, .id = "mq.notify.signal-once",
	.req = "MQ-104 MQ-109", .posix = "XSH mq_notify; XSH 2.4.1",
	.text = "a message for the empty queue gives exactly one signal, "
		"whether this process sends it or another one",
	.needs = NEEDS_NOTIFY)
{
	mqd_t mqd = ct_mq(t, 2, 16, NULL);
	int signo = counted_signal(t);
	struct ct_peer *p;

	request(t, mqd, signo);
	ct_settle(t);
	CT_EQUAL(ct_caught(signo), 0);
	put(t, mqd, 'a');
	expect_caught(t, signo, 1);
	CT_EQUAL(q_take(t, mqd, NULL), 'a');
	request(t, mqd, signo);
	CT_PEER (t, p) {
		put(t, mqd, 'b');
		ct_settle(t);
		CT_EQUAL(ct_caught(signo), 1);
	}
	ct_join(t, p);
	expect_caught(t, signo, 2);
	CT_EQUAL(q_take(t, mqd, NULL), 'b');
	t->os->mq_close(mqd);
}

/* One round: the value that arrives is the one of the request. */
static void check_info(struct ct *t, const siginfo_t *info, int signo,
		       union sigval value, bool pointer)
{
	CT_EQUAL(info->si_signo, signo);
	CT_EQUAL(info->si_code, SI_MESGQ);
	if (pointer)
		CT_CHECK(info->si_value.sival_ptr == value.sival_ptr);
	else
		CT_EQUAL(info->si_value.sival_int, value.sival_int);
}

CT_CASE(mq_notify_siginfo, .id = "mq.notify.siginfo", .req = "MQ-105",
	.posix = "XSH 2.4.2; XSH 2.4.3 SI_MESGQ",
	.text = "a handler and sigwaitinfo get signal number, SI_MESGQ and the "
		"request's value, a number or a pointer",
	.needs = NEEDS_NOTIFY)
{
	mqd_t mqd = ct_mq(t, 2, 16, NULL);
	int signo = ct_rtsig(t), round;
	struct sigevent event = by_signal(signo, 0);
	siginfo_t info;
	sigset_t set;

	ct_catch(t, signo);
	sigemptyset(&set);
	sigaddset(&set, signo);
	for (round = 0; round < 4; round++) {
		bool pointer = round & 1, accept = round & 2;

		if (pointer)
			event.sigev_value.sival_ptr = &event;
		else
			event.sigev_value.sival_int = -40 - round;
		pthread_sigmask(accept ? SIG_BLOCK : SIG_UNBLOCK, &set, NULL);
		CT_OK(t->os->mq_notify(mqd, &event) == 0);
		put(t, mqd, 'a');
		if (accept) {
			CT_MUST(CT_OK(sigwaitinfo(&set, &info) == signo));
		} else {
			CT_REQUIRE(ct_await_caught(t, signo, round + 1));
			info = ct_caught_info(signo);
		}
		check_info(t, &info, signo, event.sigev_value, pointer);
		CT_EQUAL(q_take(t, mqd, NULL), 'a');
	}
	pthread_sigmask(SIG_UNBLOCK, &set, NULL);
	t->os->mq_close(mqd);
}

CT_CASE(mq_notify_sender, .id = "mq.notify.siginfo-sender", .req = "MQ-106",
	.posix = "XSH 2.4.3 si_pid, si_uid",
	.text = "where SI_MESGQ is not positive, si_pid and si_uid tell who "
		"sent the message",
	.needs = NEEDS_NOTIFY)
{
	mqd_t mqd = ct_mq(t, 2, 16, NULL);
	int signo = ct_rtsig(t);
	struct ct_peer *p;
	siginfo_t info;

	ct_catch(t, signo);
	request(t, mqd, signo);
	CT_PEER (t, p) {
		put(t, mqd, 'a');
	}
	ct_join(t, p);
	CT_REQUIRE(ct_await_caught(t, signo, 1));
	info = ct_caught_info(signo);
	t->os->mq_close(mqd);
	if (SI_MESGQ > 0) {
		ct_note(t, "si_pid_is_sender", "%s",
			info.si_pid == ct_pid(p) ? "yes" : "no");
		return;
	}
	CT_EQUAL(info.si_pid, ct_pid(p));
	CT_EQUAL(info.si_uid, getuid());
}

CT_CASE(mq_notify_kinds, .id = "mq.notify.signal-kinds", .req = "MQ-107",
	.posix = "XSH 2.4.2 SIGEV_SIGNAL; XBD <signal.h>",
	.text = "the first and last real-time signal and SIGUSR1 are generated "
		"and caught once each; the value of SIGUSR1 is told",
	.needs = NEEDS_NOTIFY)
{
	const struct pipc_limits *limits = pipc_limits();
	const int signals[] = {SIGUSR1, limits->user_signal_min,
			       limits->user_signal_max};
	mqd_t mqd = ct_mq(t, 2, 16, NULL);
	struct sigevent event;
	struct ct_peer *p;
	int i;

	ct_need_queued(t);
	for (i = 0; i < 3 && signals[i] != 0; i++) {
		ct_catch(t, signals[i]);
		event = by_signal(signals[i], 77);
		CT_OK(t->os->mq_notify(mqd, &event) == 0);
		CT_PEER (t, p) {
			put(t, mqd, 'a');
		}
		ct_join(t, p);
		CT_CHECK(ct_await_caught(t, signals[i], 1));
		CT_EQUAL(q_take(t, mqd, NULL), 'a');
	}
	ct_settle(t);
	while (i-- > 0)
		CT_EQUAL(ct_caught(signals[i]), 1);
	ct_note(t, "sigusr1_value", "%s",
		ct_caught_info(SIGUSR1).si_value.sival_int == 77 ? "delivered"
								 : "lost");
	t->os->mq_close(mqd);
}

CT_CASE(mq_notify_blocked, .id = "mq.notify.blocked-signal-pends",
	.req = "MQ-108", .posix = "XSH 2.4.1; XSH mq_notify",
	.text = "a notification whose signal is blocked stays pending and is "
		"delivered when the signal is unblocked",
	.needs = NEEDS_NOTIFY)
{
	mqd_t mqd = ct_mq(t, 2, 16, NULL);
	int signo = counted_signal(t);
	sigset_t set, pending;
	struct ct_peer *p;

	sigemptyset(&set);
	sigaddset(&set, signo);
	pthread_sigmask(SIG_BLOCK, &set, NULL);
	request(t, mqd, signo);
	CT_PEER (t, p) {
		put(t, mqd, 'a');
	}
	ct_join(t, p);
	ct_settle(t);
	CT_EQUAL(ct_caught(signo), 0);
	CT_OK(sigpending(&pending) == 0);
	CT_CHECK(sigismember(&pending, signo) == 1);
	/* The registration was used up though nothing is delivered yet. */
	expect_free(t, mqd);
	pthread_sigmask(SIG_UNBLOCK, &set, NULL);
	expect_caught(t, signo, 1);
	t->os->mq_close(mqd);
}

CT_CASE(mq_notify_queued, .id = "mq.notify.two-queues-fifo", .req = "MQ-184",
	.posix = "XSH 2.4.2 (queued in FIFO order)",
	.text = "two queues' notifications by the same blocked real-time "
		"signal are both queued, first in first out, each with its "
		"own value",
	.needs = NEEDS_NOTIFY)
{
	mqd_t one = ct_mq(t, 2, 16, NULL), two = ct_mq(t, 2, 16, NULL);
	int signo = ct_rtsig(t), round;
	siginfo_t info;
	sigset_t set;

	ct_catch(t, signo);
	sigemptyset(&set);
	sigaddset(&set, signo);
	pthread_sigmask(SIG_BLOCK, &set, NULL);
	for (round = 0; round < 2; round++) {
		struct sigevent first = by_signal(signo, 1);
		struct sigevent second = by_signal(signo, 2);

		CT_OK(t->os->mq_notify(one, &first) == 0);
		CT_OK(t->os->mq_notify(two, &second) == 0);
		/* Not always in the order of the requests. */
		put(t, round == 0 ? two : one, 'a');
		put(t, round == 0 ? one : two, 'b');
		CT_MUST(CT_OK(sigwaitinfo(&set, &info) == signo));
		CT_EQUAL(info.si_value.sival_int, round == 0 ? 2 : 1);
		CT_MUST(CT_OK(sigwaitinfo(&set, &info) == signo));
		CT_EQUAL(info.si_value.sival_int, round == 0 ? 1 : 2);
		q_take(t, one, NULL);
		q_take(t, two, NULL);
	}
	pthread_sigmask(SIG_UNBLOCK, &set, NULL);
	expect_caught(t, signo, 0);
	t->os->mq_close(one);
	t->os->mq_close(two);
}

CT_CASE(mq_notify_ignored, .id = "mq.notify.ignored-signal-uses-up",
	.req = "MQ-192", .posix = "XSH mq_notify; XSH 2.4.3 SIG_IGN",
	.text = "a notification whose signal is ignored uses the registration "
		"up: any process can register then",
	.needs = NEEDS_NOTIFY)
{
	mqd_t mqd = ct_mq(t, 2, 16, NULL);
	struct ct_peer *p;

	CT_SETUP_TRUE(signal(SIGUSR1, SIG_IGN) != SIG_ERR);
	request(t, mqd, SIGUSR1);
	expect_held(t, mqd);
	put(t, mqd, 'a');
	CT_PEER (t, p) {
		expect_free(t, mqd);
	}
	ct_join(t, p);
	CT_EQUAL(q_take(t, mqd, NULL), 'a');
	ct_catch(t, SIGUSR1);
	put(t, mqd, 'b');
	expect_caught(t, SIGUSR1, 0);
	expect_free(t, mqd);
	t->os->mq_close(mqd);
}

CT_CASE(mq_notify_several, .id = "mq.notify.several-queues", .req = "MQ-193",
	.posix = "XSH mq_notify (one process for each queue)",
	.text = "a process holds requests on several queues at a time; each "
		"fires by itself",
	.needs = NEEDS_NOTIFY)
{
	mqd_t one = ct_mq(t, 2, 16, NULL), two = ct_mq(t, 2, 16, NULL);

	ct_catch(t, SIGUSR1);
	ct_catch(t, SIGUSR2);
	request(t, one, SIGUSR1);
	request(t, two, SIGUSR2);
	put(t, two, 'a');
	expect_caught(t, SIGUSR2, 1);
	CT_EQUAL(ct_caught(SIGUSR1), 0);
	expect_held(t, one);
	expect_free(t, two);
	put(t, one, 'b');
	expect_caught(t, SIGUSR1, 1);
	CT_EQUAL(ct_caught(SIGUSR2), 1);
	t->os->mq_close(one);
	t->os->mq_close(two);
}

CT_CASE(mq_user_signals, .id = "mq.signals.user-range", .req = "MQ-136",
	.posix = "the specification: USER_SIGNAL_MIN, _MAX; XBD <signal.h>",
	.text = "the user's signals are SIGRTMIN to SIGRTMAX, and all of them "
		"can be caught; without real-time signals there are none",
	.needs = NEEDS_NOTIFY)
{
	const struct pipc_limits *limits = pipc_limits();

#ifdef SIGRTMIN
	CT_EQUAL(limits->user_signal_min, SIGRTMIN);
	CT_EQUAL(limits->user_signal_max, SIGRTMAX);
	CT_CHECK(limits->user_signal_max - limits->user_signal_min >= 7);
	ct_catch(t, limits->user_signal_min);
	ct_catch(t, limits->user_signal_max);
	CT_OK(raise(limits->user_signal_min) == 0);
	CT_OK(raise(limits->user_signal_max) == 0);
	CT_CHECK(ct_await_caught(t, limits->user_signal_min, 1));
	CT_CHECK(ct_await_caught(t, limits->user_signal_max, 1));
#else
	CT_EQUAL(limits->user_signal_min, 0);
	CT_EQUAL(limits->user_signal_max, 0);
#endif
}
