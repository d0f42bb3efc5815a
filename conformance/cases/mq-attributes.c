/* SPDX-License-Identifier: BSD-3-Clause */
/* Arguments that queues refuse, and what is left as it was. */
#include "mq.h"

CT_CASE(mq_getattr_bad, .id = "mq.attributes.get-bad-descriptor",
	.req = "MQ-167", .posix = "XSH mq_getattr [EBADF] (may)",
	.text = "mq_getattr of (mqd_t)-1 says EBADF or, told here, something "
		"else, and leaves the queues there are alone",
	.needs = CT_NEED_MQ)
{
	struct mq_attr attr = {0};

	if (t->os->mq_getattr(PIPC__BAD_MQD, &attr) == 0) {
		ct_note(t, "bad_descriptor", "success");
		return;
	}
	CT_ERRNO(t->os->mq_getattr(PIPC__BAD_MQD, &attr) == -1, EBADF);
	ct_note(t, "bad_descriptor", "EBADF");
}

/* A call that may fail at once or wait first; it must fail in the end. */
static void note_waits(struct ct *t, struct ct_peer *p, mqd_t mqd, bool full,
		       const char *key)
{
	bool waits;

	ct_await(t, p);
	waits = ct_still_blocked(t, p);
	ct_note(t, key, "%s", waits ? "waits first" : "at once");
	/* One message more or less ends a wait. */
	if (waits && full)
		CT_CHECK(q_take(t, mqd, NULL) != -1);
	else if (waits)
		CT_OK(q_put(t, mqd, 'x', 0) == 0);
	ct_join(t, p);
}

CT_CASE(mq_bad_and_blocking, .id = "mq.attributes.bad-size-or-wait",
	.req = "MQ-170", .posix = "XSH mq_receive, mq_send [EMSGSIZE] [EINVAL]",
	.text = "a buffer too small on an empty queue, and a message too long "
		"or of too high a priority on a full one, never succeed",
	.needs = CT_NEED_MQ)
{
	mqd_t empty = ct_mq(t, 1, 16, NULL), full = ct_mq(t, 1, 16, NULL);
	long priorities = t->os->sysconf(_SC_MQ_PRIO_MAX);
	struct ct_peer *p;
	char buf[32] = "";

	CT_OK(q_put(t, full, 'a', 0) == 0);
	CT_PEER (t, p) {
		ct_tell_parent(t);
		CT_ERRNO(t->os->mq_receive(empty, buf, 15, NULL) == -1,
			 EMSGSIZE);
	}
	note_waits(t, p, empty, false, "small_buffer_on_empty");
	CT_PEER (t, p) {
		ct_tell_parent(t);
		CT_ERRNO(t->os->mq_send(full, buf, 17, 0) == -1, EMSGSIZE);
	}
	note_waits(t, p, full, true, "long_message_on_full");
	if (priorities > 0 && priorities <= INT_MAX) {
		q_put(t, full, 'a', 0);
		CT_PEER (t, p) {
			ct_tell_parent(t);
			CT_ERRNO(t->os->mq_send(full, buf, 1,
						(unsigned)priorities) == -1,
				 EINVAL);
		}
		note_waits(t, p, full, true, "high_priority_on_full");
	}
	t->os->mq_close(empty);
	t->os->mq_close(full);
}

CT_CASE(mq_setattr_failing, .id = "mq.attributes.failing-set-changes-nothing",
	.req = "MQ-176", .posix = "XSH mq_setattr RETURN VALUE",
	.text = "an mq_setattr that fails leaves the attributes as they were",
	.needs = CT_NEED_MQ)
{
	mqd_t mqd = ct_mq(t, 2, 16, NULL);
	struct mq_attr bad = {.mq_flags = ~0L, .mq_maxmsg = 1, .mq_msgsize = 1};
	struct mq_attr before = {0}, after;
	int round;

	CT_OK(q_put(t, mqd, 'a', 0) == 0);
	CT_UNDEFINED (t, "unknown_flags") {
		for (round = 0; round < 2; round++) {
			/* From both states of the flag there is. */
			before.mq_flags = round == 0 ? 0 : O_NONBLOCK;
			bad.mq_flags = ~(long)O_NONBLOCK;
			if (round == 0)
				bad.mq_flags = ~0L;
			CT_OK(t->os->mq_setattr(mqd, &before, NULL) == 0);
			before = q_attr(t, mqd);
			if (t->os->mq_setattr(mqd, &bad, NULL) == 0) {
				ct_note(t, "unknown_flags", "accepted");
				continue;
			}
			after = q_attr(t, mqd);
			CT_EQUAL(after.mq_flags & O_NONBLOCK,
				 before.mq_flags & O_NONBLOCK);
			CT_EQUAL(after.mq_maxmsg, 2);
			CT_EQUAL(after.mq_msgsize, 16);
			CT_EQUAL(after.mq_curmsgs, 1);
			ct_note(t, "unknown_flags", "refused");
		}
	}
	t->os->mq_close(mqd);
}

CT_CASE(mq_receive_huge, .id = "mq.attributes.receive-huge-length",
	.req = "MQ-188", .posix = "XSH mq_receive (implementation-defined)",
	.text = "what mq_receive with a length above SSIZE_MAX does is told",
	.needs = CT_NEED_MQ)
{
	mqd_t mqd = ct_mq(t, 2, 16, NULL);
	static char buf[64];
	size_t huge = (size_t)SSIZE_MAX + 1;

	CT_OK(q_put(t, mqd, 'a', 0) == 0);
	CT_UNDEFINED (t, "huge_length") {
		ct_note(t, "huge_length", "%s",
			t->os->mq_receive(mqd, buf, huge, NULL) >= 0
			    ? "success"
			    : ct_errno_name(errno));
	}
	t->os->mq_close(mqd);
}

/* A timed receive on an empty queue: it must fail, in one of two ways. */
static void note_timed(struct ct *t, mqd_t mqd, const char *key)
{
	struct timespec end = ct_in_ms(CLOCK_REALTIME, 20);
	char buf[16];
	int error = 0;

	if (t->os->mq_timedreceive(mqd, buf, sizeof(buf), NULL, &end) < 0)
		error = errno;
	CT_CHECK(error == ETIMEDOUT || error == EAGAIN);
	if (error == ETIMEDOUT)
		CT_CHECK(ct_reached(CLOCK_REALTIME, &end));
	ct_note(t, key, "%s", ct_errno_name(error));
}

CT_CASE(mq_flag_changed, .id = "mq.attributes.timed-after-flag-change",
	.req = "MQ-190", .posix = "XSH mq_timedreceive [EAGAIN] [ETIMEDOUT]",
	.text = "after a change of O_NONBLOCK mq_timedreceive goes by the old "
		"flag or by the new one, which is told",
	.needs = CT_NEED_MQ)
{
	struct mq_attr block = {0}, no_block = {.mq_flags = O_NONBLOCK};
	const char *name;
	mqd_t blocking = ct_mq(t, 2, 16, &name), other;

	other = q_another(t, name, O_RDWR | O_NONBLOCK);
	CT_OK(t->os->mq_setattr(other, &block, NULL) == 0);
	note_timed(t, other, "opened_nonblocking_now_blocking");
	CT_OK(t->os->mq_setattr(blocking, &no_block, NULL) == 0);
	note_timed(t, blocking, "opened_blocking_now_nonblocking");
	t->os->mq_close(other);
	t->os->mq_close(blocking);
}
