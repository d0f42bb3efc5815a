/* SPDX-License-Identifier: BSD-3-Clause */
/* Unlinking message queues. */
#include "mq.h"

#include <stdlib.h>

static bool absent(struct ct *t, const char *name)
{
	mqd_t mqd = q_open(t, name, O_RDONLY, 0);

	if (mqd == PIPC__BAD_MQD)
		return errno == ENOENT;
	t->os->mq_close(mqd);
	return false;
}

CT_CASE(mq_unlink_name, .id = "mq.unlink.removes-name", .req = "MQ-141 MQ-148",
	.posix = "XSH mq_unlink; mq_open [ENOENT]",
	.text = "an unlinked name is absent for all processes, open "
		"descriptors or not, and cannot be unlinked again",
	.needs = CT_NEED_MQ)
{
	static const int flags[] = {O_RDWR, O_RDONLY, O_WRONLY,
				    O_RDWR | O_NONBLOCK};
	const char *name, *other;
	mqd_t mqd = ct_mq(t, 1, 16, &name), kept = ct_mq(t, 1, 16, &other);
	struct ct_peer *p;
	int i;

	CT_OK(t->os->mq_unlink(name) == 0);
	for (i = 0; i < 4; i++)
		CT_ERRNO(q_open(t, name, flags[i], 0) == PIPC__BAD_MQD, ENOENT);
	CT_PEER (t, p) {
		CT_CHECK(absent(t, name));
		CT_CHECK(!absent(t, other));
		CT_ERRNO(t->os->mq_unlink(name) == -1, ENOENT);
		CT_OK(t->os->mq_unlink(other) == 0);
	}
	ct_join(t, p);
	CT_OK(t->os->mq_close(mqd) == 0);
	CT_CHECK(absent(t, name) && absent(t, other));
	CT_ERRNO(t->os->mq_unlink(name) == -1, ENOENT);
	CT_ERRNO(t->os->mq_unlink(other) == -1, ENOENT);
	CT_ERRNO(t->os->mq_unlink(ct_name(t)) == -1, ENOENT);
	CT_OK(t->os->mq_close(kept) == 0);
}

CT_CASE(mq_unlink_closed, .id = "mq.unlink.closed-queue", .req = "MQ-141",
	.posix = "XSH mq_unlink",
	.text = "a queue that nobody has open is gone with its name: a new one "
		"of that name is empty",
	.needs = CT_NEED_MQ)
{
	const char *name;
	mqd_t mqd = ct_mq(t, 2, 16, &name);

	CT_OK(q_put(t, mqd, 'a', 0) == 0);
	CT_OK(t->os->mq_close(mqd) == 0);
	CT_OK(t->os->mq_unlink(name) == 0);
	CT_CHECK(absent(t, name));
	CT_MUST(CT_OK((mqd = q_open(t, name, O_RDWR | PIPC_O_CREX, 0600)) !=
		      PIPC__BAD_MQD));
	CT_EQUAL(q_count(t, mqd), 0);
	CT_OK(t->os->mq_unlink(name) == 0);
	CT_OK(t->os->mq_close(mqd) == 0);
}

/* A peer that waits for a message; the parent sees it blocked. */
static struct ct_peer *receiver(struct ct *t, mqd_t mqd, enum q_path path,
				char wanted)
{
	struct ct_peer *p;
	char buf[16];

	CT_PEER (t, p) {
		ct_tell_parent(t);
		CT_OK(q_receive(t, mqd, path, buf, sizeof(buf), NULL) == 1);
		CT_EQUAL(buf[0], wanted);
	}
	ct_await_blocked(t, p);
	return p;
}

static struct ct_peer *sender(struct ct *t, mqd_t mqd, enum q_path path,
			      char byte)
{
	struct ct_peer *p;

	CT_PEER (t, p) {
		ct_tell_parent(t);
		CT_OK(q_send(t, mqd, path, &byte, 1, 0) == 0);
	}
	ct_await_blocked(t, p);
	return p;
}

CT_CASE(mq_unlink_at_once, .id = "mq.unlink.returns-at-once", .req = "MQ-142",
	.posix = "specification S88; XSH mq_unlink",
	.text = "unlink returns though others have the queue open, or wait for "
		"messages or for room",
	.needs = CT_NEED_MQ)
{
	const char *empty, *full;
	mqd_t a = ct_mq(t, 1, 16, &empty), b = ct_mq(t, 1, 16, &full);
	struct ct_peer *getter, *putter, *p;

	CT_OK(q_put(t, b, 'a', 0) == 0);
	getter = receiver(t, a, Q_PLAIN, 'x');
	putter = sender(t, b, Q_PLAIN, 'b');
	CT_OK(t->os->mq_unlink(empty) == 0);
	/* Also by a process that has it not open itself. */
	CT_PEER (t, p) {
		t->os->mq_close(b);
		CT_OK(t->os->mq_unlink(full) == 0);
	}
	ct_join(t, p);
	CT_OK(q_put(t, a, 'x', 0) == 0);
	CT_EQUAL(q_take(t, b, NULL), 'a');
	ct_join(t, getter);
	ct_join(t, putter);
	CT_OK(t->os->mq_close(a) == 0);
	CT_OK(t->os->mq_close(b) == 0);
}

CT_CASE(mq_unlink_usable, .id = "mq.unlink.open-descriptors-stay",
	.req = "MQ-143", .posix = "XSH mq_unlink (destruction is postponed)",
	.text = "an unlinked queue keeps its messages and attributes, and "
		"carries messages between processes that have it open",
	.needs = CT_NEED_MQ)
{
	const char *name;
	mqd_t mqd = ct_mq(t, 2, 16, &name);
	struct ct_peer *p;

	CT_OK(q_put(t, mqd, 'a', 3) == 0);
	CT_PEER (t, p) {
		mqd_t own = q_another(t, name, O_RDWR);
		unsigned prio = 0;

		ct_tell_parent(t);
		ct_await_parent(t);
		CT_EQUAL(q_count(t, own), 1);
		CT_EQUAL(q_attr(t, own).mq_maxmsg, 2);
		CT_EQUAL(q_take(t, own, &prio), 'a');
		CT_EQUAL(prio, 3);
		CT_OK(q_put(t, own, 'b', 0) == 0);
		CT_OK(t->os->mq_close(own) == 0);
	}
	ct_await(t, p);
	CT_OK(t->os->mq_unlink(name) == 0);
	ct_tell(t, p);
	ct_join(t, p);
	CT_EQUAL(q_count(t, mqd), 1);
	CT_EQUAL(q_take(t, mqd, NULL), 'b');
	CT_OK(t->os->mq_close(mqd) == 0);
}

CT_CASE(mq_unlink_receivers, .id = "mq.unlink.blocked-receiver",
	.req = "MQ-144", .posix = "XSH mq_unlink (destruction is postponed)",
	.text = "a receiver that waits when the name goes waits on, and gets "
		"what is sent through an old descriptor",
	.needs = CT_NEED_MQ)
{
	enum q_path path;

	for (path = Q_PLAIN; path < Q_PATHS; path++) {
		const char *name;
		mqd_t mqd = ct_mq(t, 1, 16, &name);
		struct ct_peer *p = receiver(t, mqd, path, 'z');

		CT_OK(t->os->mq_unlink(name) == 0);
		CT_CHECK(ct_still_blocked(t, p));
		CT_OK(q_put(t, mqd, 'z', 0) == 0);
		ct_join(t, p);
		CT_EQUAL(q_count(t, mqd), 0);
		CT_OK(t->os->mq_close(mqd) == 0);
	}
}

CT_CASE(mq_unlink_senders, .id = "mq.unlink.blocked-sender", .req = "MQ-145",
	.posix = "XSH mq_unlink (destruction is postponed)",
	.text = "a sender that waits when the name goes waits on, and its "
		"message is queued when there is room",
	.needs = CT_NEED_MQ)
{
	enum q_path path;

	for (path = Q_PLAIN; path < Q_PATHS; path++) {
		const char *name;
		mqd_t mqd = ct_mq(t, 1, 16, &name);
		struct ct_peer *p;

		CT_OK(q_put(t, mqd, 'a', 0) == 0);
		p = sender(t, mqd, path, 'b');
		CT_OK(t->os->mq_unlink(name) == 0);
		CT_CHECK(ct_still_blocked(t, p));
		CT_EQUAL(q_take(t, mqd, NULL), 'a');
		ct_join(t, p);
		CT_EQUAL(q_take(t, mqd, NULL), 'b');
		CT_OK(t->os->mq_close(mqd) == 0);
	}
}

CT_CASE(mq_unlink_recreate, .id = "mq.unlink.recreate", .req = "MQ-146 MQ-187",
	.posix = "XSH mq_unlink (reuse of the name)",
	.text = "an unlinked name makes a queue apart from the old one, which "
		"lives on; a second unlink removes the new one",
	.needs = CT_NEED_MQ)
{
	long depth = t->mq_depth < 3 ? t->mq_depth : 3;
	struct mq_attr attr = {.mq_maxmsg = depth, .mq_msgsize = 24};
	const char *name;
	mqd_t old = ct_mq(t, 1, 16, &name), fresh;
	struct ct_peer *p;

	CT_OK(q_put(t, old, 'a', 0) == 0);
	CT_OK(t->os->mq_unlink(name) == 0);
	CT_MUST(CT_OK((fresh = t->os->mq_open(name, O_RDWR | PIPC_O_CREX, 0600,
					      &attr)) != PIPC__BAD_MQD));
	CT_EQUAL(q_count(t, fresh), 0);
	CT_EQUAL(q_attr(t, fresh).mq_maxmsg, depth);
	CT_EQUAL(q_attr(t, fresh).mq_msgsize, 24);
	CT_EQUAL(q_attr(t, old).mq_msgsize, 16);
	CT_OK(q_put(t, fresh, 'b', 0) == 0);
	CT_PEER (t, p) {
		mqd_t mqd = q_another(t, name, O_RDWR);

		CT_EQUAL(q_take(t, mqd, NULL), 'b');
		CT_OK(q_put(t, mqd, 'c', 0) == 0);
	}
	ct_join(t, p);
	CT_EQUAL(q_take(t, old, NULL), 'a');
	CT_EQUAL(q_count(t, old), 0);
	CT_EQUAL(q_count(t, fresh), 1);
	CT_OK(t->os->mq_unlink(name) == 0);
	CT_CHECK(absent(t, name));
	CT_OK(q_put(t, old, 'd', 0) == 0);
	CT_EQUAL(q_take(t, fresh, NULL), 'c');
	CT_EQUAL(q_take(t, old, NULL), 'd');
	CT_OK(t->os->mq_close(fresh) == 0);
	CT_OK(t->os->mq_close(old) == 0);
}

CT_CASE(mq_unlink_frees, .id = "mq.unlink.last-close-destroys", .req = "MQ-147",
	.posix = "XSH mq_unlink (all references closed)",
	.text = "unlinked queues count against no limit once all descriptors "
		"are closed: there is always room for one more",
	.needs = CT_NEED_MQ)
{
	struct mq_attr attr = {.mq_maxmsg = t->mq_depth, .mq_msgsize = 512};
	const char *name = ct_name(t);
	mqd_t mqd, other;
	int i;

	if (attr.mq_maxmsg > 10)
		attr.mq_maxmsg = 10;
	ct_need_queue(t, attr.mq_maxmsg, attr.mq_msgsize);
	for (i = 0; i < 400; i++) {
		if (!CT_OK((mqd = t->os->mq_open(name, O_RDWR | PIPC_O_CREX,
						 0600, &attr)) !=
			   PIPC__BAD_MQD))
			break;
		other = i % 2 ? q_open(t, name, O_RDWR, 0) : PIPC__BAD_MQD;
		CT_OK(q_put(t, mqd, 'a', 0) == 0);
		if (i % 3 == 0)
			CT_OK(t->os->mq_unlink(name) == 0);
		CT_OK(t->os->mq_close(mqd) == 0);
		if (other != PIPC__BAD_MQD)
			CT_OK(t->os->mq_close(other) == 0);
		if (i % 3 != 0)
			CT_OK(t->os->mq_unlink(name) == 0);
	}
}

CT_CASE(mq_unlink_other_names, .id = "mq.unlink.other-names",
	.req = "MQ-148 MQ-177", .posix = "XSH mq_unlink RETURN VALUE, [ENOENT]",
	.text = "a name that is part of a queue's name, or has it as a part, "
		"is absent, and the queue is unchanged",
	.needs = CT_NEED_MQ)
{
	const char *name;
	mqd_t mqd = ct_mq(t, 2, 16, &name);
	size_t len = strlen(name);
	char other[32];

	CT_OK(q_put(t, mqd, 'a', 2) == 0);
	snprintf(other, sizeof(other), "%sx", name);
	CT_ERRNO(t->os->mq_unlink(other) == -1, ENOENT);
	snprintf(other, sizeof(other), "%.*s", (int)len - 1, name);
	CT_ERRNO(t->os->mq_unlink(other) == -1, ENOENT);
	snprintf(other, sizeof(other), "%.*sZ", (int)len - 1, name);
	CT_ERRNO(t->os->mq_unlink(other) == -1, ENOENT);
	CT_CHECK(!absent(t, name));
	CT_EQUAL(q_count(t, mqd), 1);
	CT_EQUAL(q_attr(t, mqd).mq_maxmsg, 2);
	CT_EQUAL(q_take(t, mqd, NULL), 'a');
	CT_OK(t->os->mq_close(mqd) == 0);
}

CT_CASE(mq_unlink_denied, .id = "mq.unlink.other-user-denied",
	.req = "MQ-149 MQ-177", .posix = "XSH mq_unlink ERRORS [EACCES]",
	.text = "another user cannot unlink a queue of mode 0600, which stays "
		"as it is",
	.needs = CT_NEED_MQ | CT_NEED_UIDS)
{
	const char *name;
	mqd_t mqd = ct_mq(t, 2, 16, &name), again;
	struct ct_peer *p;

	CT_OK(q_put(t, mqd, 'a', 2) == 0);
	CT_PEER (t, p) {
		ct_become(t, CT_STRANGER);
		CT_ERRNO(t->os->mq_unlink(name) == -1, EACCES);
		CT_EXPECT(pipc_unlink_message_queue(name),
			  PIPC_PERMISSIONS_ERROR);
	}
	ct_join(t, p);
	CT_MUST(CT_OK((again = q_open(t, name, O_RDWR, 0)) != PIPC__BAD_MQD));
	CT_EQUAL(q_attr(t, mqd).mq_maxmsg, 2);
	CT_EQUAL(q_count(t, again), 1);
	CT_EQUAL(q_take(t, again, NULL), 'a');
	CT_OK(t->os->mq_close(again) == 0);
	CT_OK(t->os->mq_close(mqd) == 0);
}

CT_CASE(mq_unlink_writable, .id = "mq.unlink.other-user-may-write",
	.req = "MQ-149", .posix = "XSH mq_unlink ERRORS [EACCES]",
	.text = "whether another user that may write can unlink is told: he "
		"can and the name is gone, or EACCES and it stays",
	.needs = CT_NEED_MQ | CT_NEED_UIDS)
{
	int *errors = ct_shared(t, sizeof(*errors));
	const char *name = ct_name(t);
	struct ct_peer *p;
	mqd_t mqd;

	umask(0);
	CT_MUST(CT_OK((mqd = q_open(t, name, O_RDWR | PIPC_O_CREX, 0666)) !=
		      PIPC__BAD_MQD));
	CT_PEER (t, p) {
		ct_become(t, CT_STRANGER);
		if (t->os->mq_unlink(name) != 0)
			errors[0] = errno;
	}
	ct_join(t, p);
	if (errors[0] != 0)
		CT_EQUAL(errors[0], EACCES);
	ct_note(t, "unlink", "%s", errors[0] == 0 ? "allowed" : "EACCES");
	CT_CHECK(absent(t, name) == (errors[0] == 0));
	if (errors[0] != 0)
		CT_OK(t->os->mq_unlink(name) == 0);
	CT_OK(t->os->mq_close(mqd) == 0);
}

/* A name of that many bytes, of which no queue is. */
static char *long_name(struct ct *t, size_t len)
{
	const char *name = ct_name(t);
	char *longer = malloc(len + 1);

	CT_SETUP_TRUE(longer != NULL);
	memset(longer, 'x', len);
	memcpy(longer, name, strlen(name));
	longer[len] = '\0';
	return longer;
}

CT_CASE(mq_unlink_long, .id = "mq.unlink.over-long-name", .req = "MQ-150",
	.posix = "XSH mq_unlink ERRORS [ENAMETOOLONG] (may), [ENOENT]",
	.text = "an over-long name is ENAMETOOLONG, or absent like any other",
	.needs = CT_NEED_MQ)
{
	static const size_t lengths[] = {256, 257, 1000, 4096, 10000};
	size_t i;

	for (i = 0; i < sizeof(lengths) / sizeof(lengths[0]); i++) {
		char *name = long_name(t, lengths[i]), key[24];
		int error;

		CT_ERRNO2((error = t->os->mq_unlink(name) == -1 ? errno : 0) !=
			      0,
			  ENAMETOOLONG, ENOENT);
		snprintf(key, sizeof(key), "bytes_%zu", lengths[i]);
		ct_note(t, key, "%s", ct_errno_name(error));
		free(name);
	}
}

CT_CASE(mq_unlink_longest, .id = "mq.unlink.longest-name", .req = "MQ-178",
	.posix = "XSH mq_unlink ERRORS [ENAMETOOLONG] (shall not)",
	.text = "the longest name that mq_open takes can be unlinked",
	.needs = CT_NEED_MQ)
{
	mqd_t mqd = PIPC__BAD_MQD;
	size_t len = 300;
	char *name = NULL;

	for (; len > 13 && mqd == PIPC__BAD_MQD; len--) {
		free(name);
		name = long_name(t, len);
		mqd = q_open(t, name, O_RDWR | PIPC_O_CREX, 0600);
		if (mqd == PIPC__BAD_MQD && errno != ENAMETOOLONG &&
		    errno != EINVAL && errno != ENOENT)
			ct_refused(t, "mq_open", errno);
	}
	CT_REQUIRE(mqd != PIPC__BAD_MQD);
	ct_note(t, "longest", "%zu", strlen(name));
	CT_OK(t->os->mq_close(mqd) == 0);
	CT_OK(t->os->mq_unlink(name) == 0);
	CT_CHECK(absent(t, name));
	free(name);
}

/* Ends the storm, and says how often calls were interrupted. */
static void note_interrupted(struct ct *t, int opens, int unlinks)
{
	ct_storm(t, 0);
	ct_note(t, "mq_open", opens ? "EINTR" : "no EINTR");
	ct_note(t, "mq_unlink", unlinks ? "EINTR" : "no EINTR");
}

CT_CASE(mq_unlink_storm, .id = "mq.unlink.signals", .req = "MQ-179",
	.posix = "XSH mq_open, mq_unlink ERRORS [EINTR]",
	.text = "while signals arrive, opening and unlinking are success or "
		"EINTR, which changes nothing",
	.needs = CT_NEED_MQ)
{
	const char *name = ct_name(t);
	int opens = 0, unlinks = 0, rounds = 0, error;
	mqd_t mqd;

	ct_storm(t, 300);
	while (rounds++ < 50 || ct_caught(SIGALRM) < 3) {
		while ((mqd = q_open(t, name, O_RDWR | PIPC_O_CREX, 0600)) ==
			   PIPC__BAD_MQD &&
		       errno == EINTR)
			opens++;
		if (mqd == PIPC__BAD_MQD) {
			error = errno;
			ct_storm(t, 0);
			ct_refused(t, "mq_open", error);
		}
		while ((error = t->os->mq_unlink(name) != 0 ? errno : 0) ==
		       EINTR)
			unlinks++;
		CT_EQUAL(error, 0);
		CT_CHECK(absent(t, name));
		CT_OK(t->os->mq_close(mqd) == 0);
	}
	note_interrupted(t, opens, unlinks);
}
