/* SPDX-License-Identifier: BSD-3-Clause */
/* When a queue's notification comes, and when it does not. */
#include "mq-notify.h"

CT_CASE(mq_notify_none, .id = "mq.notify.none", .req = "MQ-114 MQ-172",
	.posix = "XSH mq_notify [EBUSY]; XSH 2.4.2 SIGEV_NONE",
	.text = "SIGEV_NONE holds the queue's one request and delivers "
		"nothing; whether a message ends it is told",
	.needs = NEEDS_NOTIFY)
{
	mqd_t mqd = ct_mq(t, 2, 16, NULL);
	int signo = counted_signal(t);
	struct sigevent none = by_signal(signo, 0);

	none.sigev_notify = SIGEV_NONE;
	CT_OK(t->os->mq_notify(mqd, &none) == 0);
	CT_ERRNO(t->os->mq_notify(mqd, &none) == -1, EBUSY);
	put(t, mqd, 'a');
	expect_caught(t, signo, 0);
	if (t->os->mq_notify(mqd, &none) == 0) {
		ct_note(t, "none_after_message", "free");
	} else {
		expect_held(t, mqd);
		ct_note(t, "none_after_message", "held");
	}
	CT_OK(t->os->mq_notify(mqd, NULL) == 0);
	expect_free(t, mqd);
	t->os->mq_close(mqd);
}

CT_CASE(mq_notify_cancel, .id = "mq.notify.cancel", .req = "MQ-117",
	.posix = "XSH mq_notify (notification NULL)",
	.text = "NULL by the owner cancels: no signal comes, and any process "
		"can register",
	.needs = NEEDS_NOTIFY)
{
	mqd_t mqd = ct_mq(t, 2, 16, NULL);
	int signo = counted_signal(t);
	struct ct_peer *p;

	request(t, mqd, signo);
	CT_OK(t->os->mq_notify(mqd, NULL) == 0);
	put(t, mqd, 'a');
	expect_caught(t, signo, 0);
	CT_EQUAL(q_take(t, mqd, NULL), 'a');
	CT_PEER (t, p) {
		request(t, mqd, signo);
		CT_OK(t->os->mq_notify(mqd, NULL) == 0);
		ct_tell_parent(t);
		ct_await_parent(t);
		CT_EQUAL(ct_caught(signo), 0);
	}
	ct_await(t, p);
	request(t, mqd, signo);
	put(t, mqd, 'b');
	expect_caught(t, signo, 1);
	ct_tell(t, p);
	ct_join(t, p);
	t->os->mq_close(mqd);
}

/* NULL by a process that is not registered: success or EINVAL. */
static const char *cancel_nothing(struct ct *t, mqd_t mqd)
{
	int error = t->os->mq_notify(mqd, NULL) == 0 ? 0 : errno;

	CT_CHECK(error == 0 || error == EINVAL);
	return error == 0 ? "success" : ct_errno_name(error);
}

CT_CASE(mq_notify_cancel_nothing, .id = "mq.notify.cancel-nothing",
	.req = "MQ-118", .posix = "XSH mq_notify [EINVAL] (may)",
	.text = "NULL without a request is success or EINVAL, again and again",
	.needs = NEEDS_NOTIFY)
{
	mqd_t mqd = ct_mq(t, 2, 16, NULL);
	const char *first = cancel_nothing(t, mqd);

	CT_CHECK(strcmp(cancel_nothing(t, mqd), first) == 0);
	request(t, mqd, SIGUSR1);
	CT_OK(t->os->mq_notify(mqd, NULL) == 0);
	CT_CHECK(strcmp(cancel_nothing(t, mqd), first) == 0);
	ct_note(t, "cancel_nothing", "%s", first);
	expect_free(t, mqd);
	t->os->mq_close(mqd);
}

CT_CASE(mq_notify_cancel_other, .id = "mq.notify.cancel-by-another-process",
	.req = "MQ-119", .posix = "XSH mq_notify (notification NULL)",
	.text = "NULL by a process that does not own the request leaves it",
	.needs = NEEDS_NOTIFY)
{
	const char *name;
	mqd_t mqd = ct_mq(t, 2, 16, &name), mine;
	int signo = counted_signal(t);
	struct ct_peer *p;

	request(t, mqd, signo);
	CT_PEER (t, p) {
		cancel_nothing(t, mqd);
		mine = q_another(t, name, O_RDWR);
		cancel_nothing(t, mine);
		expect_held(t, mine);
		t->os->mq_close(mine);
	}
	ct_join(t, p);
	expect_held(t, mqd);
	put(t, mqd, 'a');
	expect_caught(t, signo, 1);
	t->os->mq_close(mqd);
}

CT_CASE(mq_notify_freed, .id = "mq.notify.free-after-notification",
	.req = "MQ-120", .posix = "XSH mq_notify (registration removed)",
	.text = "once the notification is sent any process can register",
	.needs = NEEDS_NOTIFY)
{
	mqd_t mqd = ct_mq(t, 2, 16, NULL);
	int signo = counted_signal(t);
	struct ct_peer *p;

	request(t, mqd, signo);
	put(t, mqd, 'a');
	CT_CHECK(ct_await_caught(t, signo, 1));
	CT_PEER (t, p) {
		request(t, mqd, signo);
		ct_tell_parent(t);
		CT_CHECK(ct_await_caught(t, signo, 2));
		ct_tell_parent(t);
		ct_await_parent(t);
	}
	ct_await(t, p);
	expect_held(t, mqd);
	CT_EQUAL(q_take(t, mqd, NULL), 'a');
	put(t, mqd, 'b');
	ct_await(t, p);
	/* The peer is there, but not registered any more. */
	request(t, mqd, signo);
	CT_EQUAL(q_take(t, mqd, NULL), 'b');
	put(t, mqd, 'c');
	ct_tell(t, p);
	ct_join(t, p);
	expect_caught(t, signo, 2);
	t->os->mq_close(mqd);
}

CT_CASE(mq_notify_one_shot, .id = "mq.notify.one-shot", .req = "MQ-121",
	.posix = "XSH mq_notify (registration removed)",
	.text = "no second notification comes without a second request, "
		"however often the queue is emptied and filled",
	.needs = NEEDS_NOTIFY)
{
	mqd_t mqd = ct_mq(t, 2, 16, NULL);
	int signo = counted_signal(t), round;
	struct ct_peer *p;

	request(t, mqd, signo);
	for (round = 0; round < 3; round++) {
		put(t, mqd, 'a');
		CT_EQUAL(q_take(t, mqd, NULL), 'a');
	}
	CT_PEER (t, p) {
		put(t, mqd, 'b');
		CT_EQUAL(q_take(t, mqd, NULL), 'b');
	}
	ct_join(t, p);
	expect_caught(t, signo, 1);
	t->os->mq_close(mqd);
}

CT_CASE(mq_notify_not_empty, .id = "mq.notify.request-on-non-empty",
	.req = "MQ-123 MQ-124", .posix = "XSH mq_notify",
	.text = "a request on a non-empty queue stays quiet, also when more "
		"messages come, until the queue was empty and got one",
	.needs = NEEDS_NOTIFY)
{
	mqd_t mqd = ct_mq(t, 3, 16, NULL);
	int signo = counted_signal(t);
	struct ct_peer *p;

	put(t, mqd, 'a');
	request(t, mqd, signo);
	expect_caught(t, signo, 0);
	put(t, mqd, 'b');
	CT_PEER (t, p) {
		put(t, mqd, 'c');
	}
	ct_join(t, p);
	expect_caught(t, signo, 0);
	while (q_count(t, mqd) > 0)
		CT_MUST(CT_CHECK(q_take(t, mqd, NULL) != -1));
	expect_held(t, mqd);
	expect_caught(t, signo, 0);
	put(t, mqd, 'd');
	expect_caught(t, signo, 1);
	t->os->mq_close(mqd);
}

CT_CASE(mq_notify_left_behind, .id = "mq.notify.receive-leaves-messages",
	.req = "MQ-125", .posix = "XSH mq_notify",
	.text = "a receive that leaves messages behind, or the last one, gives "
		"no notification",
	.needs = NEEDS_NOTIFY)
{
	mqd_t mqd = ct_mq(t, 3, 16, NULL);
	int signo = counted_signal(t);
	struct ct_peer *p;
	char buf[16];

	put(t, mqd, 'a');
	put(t, mqd, 'b');
	put(t, mqd, 'c');
	request(t, mqd, signo);
	CT_OK(t->os->mq_receive(mqd, buf, sizeof(buf), NULL) == 1);
	CT_PEER (t, p) {
		CT_OK(t->os->mq_receive(mqd, buf, sizeof(buf), NULL) == 1);
	}
	ct_join(t, p);
	expect_caught(t, signo, 0);
	expect_held(t, mqd);
	CT_EQUAL(q_take(t, mqd, NULL), 'c');
	expect_caught(t, signo, 0);
	expect_held(t, mqd);
	t->os->mq_close(mqd);
}

/* A peer that waits in one receive and tells what it got. */
static struct ct_peer *waiting_receiver(struct ct *t, mqd_t mqd,
					enum q_path path, char byte)
{
	struct ct_peer *p;
	char buf[16] = "";

	CT_PEER (t, p) {
		ct_tell_parent(t);
		CT_OK(q_receive(t, mqd, path, buf, sizeof(buf), NULL) == 1);
		CT_EQUAL(buf[0], byte);
	}
	ct_await_blocked(t, p);
	return p;
}

CT_CASE(mq_notify_receiver, .id = "mq.notify.waiting-receiver-first",
	.req = "MQ-126", .posix = "XSH mq_notify",
	.text = "a waiting mq_receive takes the message: no notification, and "
		"the request stays for the next one",
	.needs = NEEDS_NOTIFY)
{
	mqd_t mqd = ct_mq(t, 2, 16, NULL);
	int signo = counted_signal(t);
	struct ct_peer *p;

	request(t, mqd, signo);
	p = waiting_receiver(t, mqd, Q_PLAIN, 'a');
	put(t, mqd, 'a');
	ct_join(t, p);
	expect_caught(t, signo, 0);
	expect_held(t, mqd);
	put(t, mqd, 'b');
	expect_caught(t, signo, 1);
	CT_EQUAL(q_take(t, mqd, NULL), 'b');
	t->os->mq_close(mqd);
}

CT_CASE(mq_notify_timed, .id = "mq.notify.timed-calls", .req = "MQ-185",
	.posix = "XSH mq_notify, mq_timedreceive, mq_timedsend",
	.text = "a waiting mq_timedreceive takes the message before a "
		"notification; mq_timedsend notifies as mq_send does",
	.needs = NEEDS_NOTIFY)
{
	mqd_t mqd = ct_mq(t, 2, 16, NULL);
	int signo = counted_signal(t);
	struct ct_peer *p;

	request(t, mqd, signo);
	p = waiting_receiver(t, mqd, Q_TIMED, 'a');
	CT_OK(q_put(t, mqd, 'a', 0) == 0);
	ct_join(t, p);
	expect_caught(t, signo, 0);
	expect_held(t, mqd);
	CT_OK(q_put(t, mqd, 'b', 0) == 0);
	expect_caught(t, signo, 1);
	CT_EQUAL(q_take(t, mqd, NULL), 'b');
	t->os->mq_close(mqd);
}

CT_CASE(mq_notify_two_sends, .id = "mq.notify.two-sends-one-receiver",
	.req = "MQ-127", .posix = "XSH mq_notify (as if the queue stays empty)",
	.text = "of two messages sent to one waiting receiver it takes the "
		"first and the second gives one notification",
	.needs = NEEDS_NOTIFY)
{
	mqd_t mqd = ct_mq(t, 2, 16, NULL);
	int signo = counted_signal(t);
	struct ct_peer *p;
	int round;

	for (round = 1; round <= 3; round++) {
		request(t, mqd, signo);
		p = waiting_receiver(t, mqd, Q_PLAIN, 'a');
		put(t, mqd, 'a');
		CT_OK(t->os->mq_send(mqd, "b", 1, 1) == 0);
		ct_join(t, p);
		CT_CHECK(ct_await_caught(t, signo, round));
		CT_EQUAL(q_take(t, mqd, NULL), 'b');
	}
	expect_caught(t, signo, 3);
	t->os->mq_close(mqd);
}
