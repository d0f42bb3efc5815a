/* SPDX-License-Identifier: BSD-3-Clause */
/* Message queues. */
#include "ct.h"

/* Takes a message without waiting; its one byte, or -1. */
static int take(struct ct *t, mqd_t mqd, unsigned *prio)
{
	char buf[16];
	ssize_t n = -1;

	CT_OK((n = t->os->mq_timedreceive(mqd, buf, sizeof(buf), prio,
					  &ct_past)) == 1);
	return n == 1 ? buf[0] : -1;
}

CT_CASE(mq_timeout_zero, .id = "mq.timeout-zero-busy",
	.req = "MQ-061 MQ-069 MQ-070", .posix = "XSH mq_timedsend [ETIMEDOUT]",
	.text = "timeout 0 is busy on a full queue and on an empty one",
	.needs = CT_NEED_MQ)
{
	struct pipc_mq_options o = {0600, 1, 16, true, true};
	static const struct timespec never = {0, 0};
	struct ct_peer *p;
	char buf[16];
	size_t len = sizeof(buf);
	pipc_mq *mq;

	CT_SETUP(pipc_mq_open(&mq, NULL, PIPC_O_CREX, &o));
	CT_EXPECT(pipc_mq_receive(mq, buf, &len, &never, NULL),
		  PIPC_BUSY_ERROR);
	CT_EXPECT(pipc_mq_send(mq, "a", 1, &never, 0), PIPC_OK);
	CT_EXPECT(pipc_mq_send(mq, "b", 1, &never, 0), PIPC_BUSY_ERROR);
	CT_PEER (t, p) {
		CT_EXPECT(pipc_mq_send(mq, "c", 1, &never, 0), PIPC_BUSY_ERROR);
		CT_EXPECT(pipc_mq_receive(mq, buf, &len, &never, NULL),
			  PIPC_OK);
		CT_EQUAL(buf[0], 'a');
	}
	ct_join(t, p);
	CT_EXPECT(pipc_mq_receive(mq, buf, &len, &never, NULL),
		  PIPC_BUSY_ERROR);
	CT_EXPECT(pipc_mq_unlink(mq), PIPC_OK);
	CT_EXPECT(pipc_mq_close(mq), PIPC_OK);
	pipc_mq_free(mq);
}

CT_CASE(mq_order, .id = "mq.order.priority-then-fifo",
	.req = "MQ-052 MQ-053 MQ-054", .posix = "XSH mq_send, mq_receive",
	.text = "highest priority first, oldest first within a priority, also "
		"from another process",
	.needs = CT_NEED_MQ)
{
	static const struct {
		char byte;
		unsigned prio;
	} sent[] = {{'a', 0}, {'b', 5}, {'c', 31}, {'d', 5}, {'e', 0}};
	static const char order[] = "cbdae";
	mqd_t mqd = ct_mq(t, 5, 16, NULL);
	unsigned prio, round;
	struct ct_peer *p;
	size_t i;

	for (round = 0; round < 2; round++) {
		CT_PEER (t, p) {
			for (i = 0; i < 5; i++)
				CT_OK(t->os->mq_send(mqd, &sent[i].byte, 1,
						     sent[i].prio) == 0);
		}
		ct_join(t, p);
		for (i = 0; i < 5; i++) {
			int byte = take(t, mqd, &prio);

			CT_EQUAL(byte, order[i]);
			if (byte >= 'a' && byte <= 'e')
				CT_EQUAL(prio, sent[byte - 'a'].prio);
		}
	}
	t->os->mq_close(mqd);
}

CT_CASE(
    mq_receive_blocks, .id = "mq.receive.blocks-until-send",
    .req = "MQ-063 MQ-060", .posix = "XSH mq_receive",
    .text = "a receive on an empty queue blocks until another process sends",
    .needs = CT_NEED_MQ)
{
	mqd_t mqd = ct_mq(t, 1, 16, NULL);
	struct mq_attr attr = {0};
	struct ct_peer *p;

	CT_PEER (t, p) {
		char buf[16];

		ct_tell_parent(t);
		CT_OK(t->os->mq_receive(mqd, buf, sizeof(buf), NULL) == 1);
		CT_EQUAL(buf[0], 'z');
	}
	ct_await_blocked(t, p);
	CT_OK(t->os->mq_send(mqd, "z", 1, 0) == 0);
	ct_join(t, p);
	CT_OK(t->os->mq_getattr(mqd, &attr) == 0);
	CT_EQUAL(attr.mq_curmsgs, 0);
	t->os->mq_close(mqd);
}

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

static volatile sig_atomic_t notified;

static void count(int signo)
{
	(void)signo;
	notified++;
}

CT_CASE(mq_notify_once, .id = "mq.notify.one-per-request",
	.req = "MQ-104 MQ-115 MQ-116 MQ-117 MQ-120 MQ-121",
	.posix = "XSH mq_notify",
	.text = "a request gives one notification; a second requester is busy",
	.needs = CT_NEED_MQ | CT_NEED_MQ_NOTIFY)
{
	struct sigevent event = {.sigev_notify = SIGEV_SIGNAL,
				 .sigev_signo = SIGUSR1};
	mqd_t mqd = ct_mq(t, 2, 16, NULL);
	struct ct_peer *p;

	CT_SETUP_TRUE(signal(SIGUSR1, count) != SIG_ERR);
	CT_OK(t->os->mq_notify(mqd, &event) == 0);
	CT_ERRNO(t->os->mq_notify(mqd, &event) == -1, EBUSY);
	CT_PEER (t, p) {
		CT_ERRNO(t->os->mq_notify(mqd, &event) == -1, EBUSY);
		CT_OK(t->os->mq_send(mqd, "a", 1, 0) == 0);
	}
	ct_join(t, p);
	CT_EQUAL(notified, 1);
	CT_EQUAL(take(t, mqd, NULL), 'a');
	CT_OK(t->os->mq_send(mqd, "b", 1, 0) == 0);
	CT_EQUAL(notified, 1);
	CT_EQUAL(take(t, mqd, NULL), 'b');
	CT_PEER (t, p) {
		CT_OK(t->os->mq_notify(mqd, &event) == 0);
	}
	ct_join(t, p);
	CT_OK(t->os->mq_notify(mqd, &event) == 0);
	CT_OK(t->os->mq_notify(mqd, NULL) == 0);
	CT_OK(t->os->mq_send(mqd, "c", 1, 0) == 0);
	CT_EQUAL(notified, 1);
	t->os->mq_close(mqd);
}
