/* SPDX-License-Identifier: BSD-3-Clause */
/* Attributes, descriptions, and bad descriptors. */
#include "mq.h"

static long nonblock(struct ct *t, mqd_t mqd)
{
	return q_attr(t, mqd).mq_flags & O_NONBLOCK;
}

CT_CASE(mq_attr_shown, .id = "mq.attr.shown", .req = "MQ-097",
	.posix = "XSH mq_getattr",
	.text = "mq_getattr() shows depth and size as created, and O_NONBLOCK "
		"as opened or last set",
	.needs = CT_NEED_MQ)
{
	struct mq_attr set = {.mq_flags = O_NONBLOCK};
	const char *name;
	mqd_t mqd = ct_mq(t, 2, 24, &name);
	mqd_t fast = q_another(t, name, O_RDONLY | O_NONBLOCK);
	mqd_t slow = q_another(t, name, O_WRONLY);
	const mqd_t all[] = {mqd, fast, slow};
	int i;

	for (i = 0; i < 3; i++) {
		struct mq_attr attr = q_attr(t, all[i]);

		CT_EQUAL(attr.mq_maxmsg, 2);
		CT_EQUAL(attr.mq_msgsize, 24);
		CT_EQUAL(attr.mq_flags & O_NONBLOCK, i == 1 ? O_NONBLOCK : 0);
		ct_note(t, "other-flags", "%#lx",
			(unsigned long)(attr.mq_flags & ~(long)O_NONBLOCK));
	}
	CT_OK(t->os->mq_setattr(slow, &set, NULL) == 0);
	CT_EQUAL(nonblock(t, slow), O_NONBLOCK);
	set.mq_flags = 0;
	CT_OK(t->os->mq_setattr(fast, &set, NULL) == 0);
	CT_EQUAL(nonblock(t, fast), 0);
	t->os->mq_close(slow);
	t->os->mq_close(fast);
	t->os->mq_close(mqd);
}

CT_CASE(mq_attr_set, .id = "mq.attr.set-only-nonblock", .req = "MQ-098 MQ-099",
	.posix = "XSH mq_setattr",
	.text = "mq_setattr() changes O_NONBLOCK alone, also to what it "
		"is, and stores what mq_getattr() said before",
	.needs = CT_NEED_MQ)
{
	static const bool on[] = {true, false, false, true, true, false};
	struct mq_attr set = {O_NONBLOCK, 1, 99, 0}, old;
	mqd_t mqd = ct_mq(t, 2, 24, NULL);
	int i;

	CT_OK(q_put(t, mqd, 'a', 0) == 0);
	for (i = 0; i < 6; i++) {
		set.mq_flags = on[i] ? O_NONBLOCK : 0;
		memset(&old, 0x77, sizeof(old));
		CT_OK(t->os->mq_setattr(mqd, &set, &old) == 0);
		CT_EQUAL(old.mq_flags & O_NONBLOCK,
			 i > 0 && on[i - 1] ? O_NONBLOCK : 0);
		CT_EQUAL(old.mq_maxmsg, 2);
		CT_EQUAL(old.mq_msgsize, 24);
		CT_EQUAL(old.mq_curmsgs, 1);
		CT_EQUAL(nonblock(t, mqd), set.mq_flags);
		CT_EQUAL(q_attr(t, mqd).mq_maxmsg, 2);
		CT_EQUAL(q_attr(t, mqd).mq_msgsize, 24);
		CT_EQUAL(q_count(t, mqd), 1);
	}
	set.mq_flags = O_NONBLOCK;
	CT_OK(t->os->mq_setattr(mqd, &set, NULL) == 0);
	CT_EQUAL(nonblock(t, mqd), O_NONBLOCK);
	CT_EQUAL(q_take(t, mqd, NULL), 'a');
	t->os->mq_close(mqd);
}

CT_CASE(mq_attr_own, .id = "mq.attr.own-description", .req = "MQ-038 MQ-101",
	.posix = "XSH mq_open, mq_setattr",
	.text = "O_NONBLOCK of one opening is nothing to another, neither as "
		"opened nor as set, in one process or two",
	.needs = CT_NEED_MQ)
{
	struct mq_attr on = {.mq_flags = O_NONBLOCK}, off = {0};
	const char *name;
	mqd_t a = ct_mq(t, 1, 16, &name);
	mqd_t b = q_another(t, name, O_RDWR | O_NONBLOCK);
	struct ct_peer *p;
	char buf[16];

	CT_EQUAL(nonblock(t, a), 0);
	CT_EQUAL(nonblock(t, b), O_NONBLOCK);
	CT_ERRNO(t->os->mq_receive(b, buf, 16, NULL) == -1, EAGAIN);
	CT_PEER (t, p) {
		ct_tell_parent(t);
		CT_OK(t->os->mq_receive(a, buf, 16, NULL) == 1);
	}
	ct_await_blocked(t, p);
	CT_OK(t->os->mq_send(b, "a", 1, 0) == 0);
	ct_join(t, p);
	CT_OK(t->os->mq_setattr(b, &off, NULL) == 0);
	CT_OK(t->os->mq_setattr(a, &on, NULL) == 0);
	CT_EQUAL(nonblock(t, a), O_NONBLOCK);
	CT_EQUAL(nonblock(t, b), 0);
	CT_ERRNO(t->os->mq_receive(a, buf, 16, NULL) == -1, EAGAIN);
	CT_PEER (t, p) {
		mqd_t own = q_another(t, name, O_RDWR);

		CT_EQUAL(nonblock(t, own), 0);
		CT_OK(t->os->mq_setattr(own, &on, NULL) == 0);
		ct_tell_parent(t);
		CT_OK(t->os->mq_receive(b, buf, 16, NULL) == 1);
	}
	ct_await_blocked(t, p);
	CT_EQUAL(nonblock(t, b), 0);
	CT_OK(t->os->mq_send(a, "b", 1, 0) == 0);
	ct_join(t, p);
	t->os->mq_close(b);
	t->os->mq_close(a);
}

CT_CASE(mq_attr_fork, .id = "mq.attr.shared-over-fork", .req = "MQ-093",
	.posix = "XSH fork (the same open message queue description)",
	.text = "a forked child's descriptor works, and its O_NONBLOCK is the "
		"parent's",
	.needs = CT_NEED_MQ)
{
	struct mq_attr on = {.mq_flags = O_NONBLOCK}, off = {0};
	mqd_t mqd = ct_mq(t, 1, 16, NULL);
	struct ct_peer *p;

	CT_PEER (t, p) {
		CT_OK(q_put(t, mqd, 'c', 3) == 0);
		CT_OK(t->os->mq_setattr(mqd, &on, NULL) == 0);
		ct_tell_parent(t);
		ct_await_parent(t);
		CT_EQUAL(nonblock(t, mqd), 0);
	}
	ct_await(t, p);
	CT_EQUAL(nonblock(t, mqd), O_NONBLOCK);
	CT_EQUAL(q_take(t, mqd, NULL), 'c');
	CT_ERRNO(q_take(t, mqd, NULL) == -1, EAGAIN);
	CT_OK(t->os->mq_setattr(mqd, &off, NULL) == 0);
	ct_tell(t, p);
	ct_join(t, p);
	t->os->mq_close(mqd);
}

CT_CASE(mq_persists, .id = "mq.close.queue-persists", .req = "MQ-094",
	.posix = "XSH mq_open, mq_close; S90",
	.text = "a queue and its messages outlive the last descriptor and the "
		"process that made them",
	.needs = CT_NEED_MQ)
{
	const char *name = ct_name(t);
	struct ct_peer *p;
	unsigned prio = 0;
	mqd_t mqd;

	ct_need_queue(t, 2, 16);
	CT_PEER (t, p) {
		CT_MUST(CT_OK((mqd = q_open_two(t, name, O_RDWR | PIPC_O_CREX,
						0600)) != PIPC__BAD_MQD));
		CT_OK(q_put(t, mqd, 'a', 4) == 0);
		CT_OK(q_put(t, mqd, 'b', 2) == 0);
		CT_OK(t->os->mq_close(mqd) == 0);
	}
	ct_join(t, p);
	CT_MUST(CT_OK((mqd = q_open(t, name, O_RDWR, 0)) != PIPC__BAD_MQD));
	CT_EQUAL(q_attr(t, mqd).mq_maxmsg, 2);
	CT_EQUAL(q_count(t, mqd), 2);
	CT_EQUAL(q_take(t, mqd, &prio), 'a');
	CT_EQUAL(prio, 4);
	CT_EQUAL(q_take(t, mqd, NULL), 'b');
	t->os->mq_close(mqd);
	CT_OK(t->os->mq_unlink(name) == 0);
}

CT_CASE(mq_bad_descriptor, .id = "mq.descriptor.minus-one", .req = "MQ-082",
	.posix = "XSH mq_close, mq_send, mq_receive, mq_setattr, mq_notify "
		 "ERRORS [EBADF]",
	.text = "(mqd_t)-1 is EBADF to every call that must tell",
	.needs = CT_NEED_MQ | CT_NEED_MQ_NOTIFY)
{
	struct sigevent event = {.sigev_notify = SIGEV_NONE};
	struct mq_attr attr = {.mq_flags = O_NONBLOCK};
	mqd_t bad = PIPC__BAD_MQD;
	char buf[16];
	int path;

	CT_ERRNO(t->os->mq_close(bad) == -1, EBADF);
	CT_ERRNO(t->os->mq_setattr(bad, &attr, NULL) == -1, EBADF);
	CT_ERRNO(t->os->mq_notify(bad, &event) == -1, EBADF);
	CT_ERRNO(t->os->mq_notify(bad, NULL) == -1, EBADF);
	for (path = 0; path < Q_PATHS; path++) {
		CT_ERRNO(q_send(t, bad, path, "a", 1, 0) == -1, EBADF);
		CT_ERRNO(q_receive(t, bad, path, buf, 16, NULL) == -1, EBADF);
	}
}

CT_CASE(mq_several_errors, .id = "mq.errors.several-at-once", .req = "MQ-083",
	.posix = "XSH 2.3 Error Numbers (order undefined)",
	.text = "of several errors that apply one is reported, and no other",
	.needs = CT_NEED_MQ)
{
	static const char msg[64];
	long max = t->os->sysconf(_SC_MQ_PRIO_MAX);
	unsigned high = max > 0 ? (unsigned)max : 0;
	mqd_t bad = PIPC__BAD_MQD, mqd = ct_mq(t, 1, 16, NULL);
	struct mq_attr on = {.mq_flags = O_NONBLOCK};
	char buf[64];
	int error;

	CT_OK(t->os->mq_setattr(mqd, &on, NULL) == 0);
	errno = 0;
	error = t->os->mq_send(bad, msg, 64, high) == -1 ? errno : 0;
	ct_note(t, "EBADF-EINVAL", "%s", ct_errno_name(error));
	CT_CHECK(error == EBADF || (error == EINVAL && high != 0));
	error = t->os->mq_receive(mqd, buf, 1, NULL) == -1 ? errno : 0;
	ct_note(t, "EMSGSIZE-EAGAIN", "%s", ct_errno_name(error));
	CT_CHECK(error == EMSGSIZE || error == EAGAIN);
	CT_OK(t->os->mq_send(mqd, "a", 1, 0) == 0);
	error = t->os->mq_send(mqd, msg, 64, high) == -1 ? errno : 0;
	ct_note(t, "EMSGSIZE-EINVAL-EAGAIN", "%s", ct_errno_name(error));
	CT_CHECK(error == EMSGSIZE || error == EAGAIN ||
		 (error == EINVAL && high != 0));
	CT_EQUAL(q_count(t, mqd), 1);
	t->os->mq_close(mqd);
}

CT_CASE(mq_undefined_calls, .id = "mq.undefined.pointers-and-flags",
	.req = "MQ-096 MQ-100", .posix = "XSH 2.1.1 (undefined)",
	.text = "bad pointers and flags that mean nothing are survived",
	.needs = CT_NEED_MQ)
{
	struct mq_attr attr = {.mq_flags = ~(long)O_NONBLOCK};
	mqd_t mqd = ct_mq(t, 1, 16, NULL);
	/* A page that may not be touched: bad, but not of this program. */
	char *bad =
	    mmap(NULL, 4096, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	CT_SETUP_TRUE(bad != MAP_FAILED);
	CT_UNDEFINED (t, "send-pointer") {
		if (t->os->mq_send(mqd, bad, 1, 0) != 0)
			ct_note(t, "send", "%s", ct_errno_name(errno));
	}
	CT_UNDEFINED (t, "receive-pointer") {
		q_put(t, mqd, 'a', 0);
		if (t->os->mq_receive(mqd, bad, 16, NULL) < 0)
			ct_note(t, "receive", "%s", ct_errno_name(errno));
	}
	CT_UNDEFINED (t, "other-flags") {
		if (t->os->mq_setattr(mqd, &attr, NULL) != 0)
			ct_note(t, "setattr", "%s", ct_errno_name(errno));
	}
	munmap(bad, 4096);
	t->os->mq_close(mqd);
}

CT_CASE(mq_handle_attributes, .id = "mq.handle.attributes-are-copies",
	.req = "MQ-103", .posix = "S89",
	.text = "what a handle tells of its queue are copies: changing them "
		"changes no queue, and only block can be set",
	.needs = CT_NEED_MQ)
{
	struct pipc_mq_attributes attr = {0};
	pipc_mq *mq = ct_pipc_mq(t, 2, 24);
	mqd_t before = *(const mqd_t *)pipc_mq_mqd(mq);
	const char *name = pipc_mq_name(mq);

	CT_EXPECT(pipc_mq_attributes(mq, &attr), PIPC_OK);
	CT_EQUAL(attr.max_messages, 2);
	CT_EQUAL(attr.max_message_size, 24);
	CT_EQUAL(attr.current_messages, 0);
	memset(&attr, 1, sizeof(attr));
	CT_EXPECT(pipc_mq_set_block(mq, false), PIPC_OK);
	CT_EXPECT(pipc_mq_send(mq, "a", 1, NULL, 0), PIPC_OK);
	CT_EXPECT(pipc_mq_attributes(mq, &attr), PIPC_OK);
	CT_CHECK(!attr.block);
	CT_EQUAL(attr.max_messages, 2);
	CT_EQUAL(attr.max_message_size, 24);
	CT_EQUAL(attr.current_messages, 1);
	CT_CHECK(*(const mqd_t *)pipc_mq_mqd(mq) == before);
	CT_CHECK(pipc_mq_name(mq) == name && name[0] == '/');
	pipc_mq_close(mq);
	pipc_mq_free(mq);
}
