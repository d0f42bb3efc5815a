/* SPDX-License-Identifier: BSD-3-Clause */
/* Message queues. */
#include "mq-notify.h"

CT_CASE(mq_unlink_open, .id = "mq.unlink.while-open",
	.req = "MQ-141 MQ-143 MQ-144 MQ-146 MQ-148", .posix = "XSH mq_unlink",
	.text = "after unlink a blocked receiver stays, old descriptors carry "
		"messages, and the name makes a new empty queue",
	.needs = CT_NEED_MQ)
{
	struct mq_attr attr = {.mq_maxmsg = 1, .mq_msgsize = 16};
	const char *name;
	mqd_t mqd = ct_mq(t, 1, 16, &name), fresh;
	struct ct_peer *p;

	CT_PEER (t, p) {
		char buf[16];

		ct_tell_parent(t);
		CT_OK(t->os->mq_receive(mqd, buf, sizeof(buf), NULL) == 1);
	}
	ct_await_blocked(t, p);
	CT_OK(t->os->mq_unlink(name) == 0);
	CT_ERRNO(t->os->mq_open(name, O_RDWR, 0, NULL) == PIPC__BAD_MQD,
		 ENOENT);
	CT_ERRNO(t->os->mq_unlink(name) == -1, ENOENT);
	CT_MUST(CT_OK((fresh = t->os->mq_open(name, O_RDWR | PIPC_O_CREX, 0600,
					      &attr)) != PIPC__BAD_MQD));
	CT_OK(t->os->mq_send(mqd, "a", 1, 0) == 0);
	ct_join(t, p);
	CT_OK(t->os->mq_getattr(fresh, &attr) == 0);
	CT_EQUAL(attr.mq_curmsgs, 0);
	t->os->mq_close(fresh);
	t->os->mq_close(mqd);
}

CT_CASE(mq_notify_once, .id = "mq.notify.one-per-request",
	.req = "MQ-104 MQ-115 MQ-116 MQ-117 MQ-120 MQ-121",
	.posix = "XSH mq_notify",
	.text = "a request gives one notification; a second requester is busy",
	.needs = CT_NEED_MQ | CT_NEED_MQ_NOTIFY)
{
	mqd_t mqd = ct_mq(t, 2, 16, NULL);
	int signo = counted_signal(t);
	struct sigevent event = by_signal(signo, 0);
	struct ct_peer *p;

	CT_OK(t->os->mq_notify(mqd, &event) == 0);
	CT_ERRNO(t->os->mq_notify(mqd, &event) == -1, EBUSY);
	CT_PEER (t, p) {
		CT_ERRNO(t->os->mq_notify(mqd, &event) == -1, EBUSY);
		CT_OK(t->os->mq_send(mqd, "a", 1, 0) == 0);
	}
	ct_join(t, p);
	expect_caught(t, signo, 1);
	CT_EQUAL(q_take(t, mqd, NULL), 'a');
	CT_OK(t->os->mq_send(mqd, "b", 1, 0) == 0);
	expect_caught(t, signo, 1);
	CT_EQUAL(q_take(t, mqd, NULL), 'b');
	CT_PEER (t, p) {
		CT_OK(t->os->mq_notify(mqd, &event) == 0);
	}
	ct_join(t, p);
	CT_OK(t->os->mq_notify(mqd, &event) == 0);
	CT_OK(t->os->mq_notify(mqd, NULL) == 0);
	CT_OK(t->os->mq_send(mqd, "c", 1, 0) == 0);
	expect_caught(t, signo, 1);
	t->os->mq_close(mqd);
}
