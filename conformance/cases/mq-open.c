/* SPDX-License-Identifier: BSD-3-Clause */
/* Opening and creating message queues. */
#include "mq.h"

CT_CASE(mq_open_existing, .id = "mq.open.existing-same-queue",
	.req = "MQ-001 MQ-015", .posix = "XSH mq_open",
	.text =
	    "opening a name gives the queue with its messages, which opening "
	    "neither adds to nor takes from",
	.needs = CT_NEED_MQ)
{
	static const int flags[] = {O_RDWR, O_RDONLY, O_WRONLY,
				    O_RDWR | O_NONBLOCK, O_RDWR | O_CREAT};
	const char *name;
	mqd_t mqd = ct_mq(t, 2, 16, &name), other;
	struct ct_peer *p;
	pipc_mq *handle;
	size_t i;

	CT_OK(q_put(t, mqd, 'a', 1) == 0);
	CT_OK(q_put(t, mqd, 'b', 0) == 0);
	for (i = 0; i < sizeof(flags) / sizeof(flags[0]); i++) {
		CT_MUST(CT_OK((other = q_open(t, name, flags[i], 0600)) !=
			      PIPC__BAD_MQD));
		CT_EQUAL(q_count(t, other), 2);
		CT_EQUAL(q_count(t, mqd), 2);
		t->os->mq_close(other);
	}
	CT_PEER (t, p) {
		CT_MUST(CT_OK((other = q_open(t, name, O_RDWR, 0)) !=
			      PIPC__BAD_MQD));
		CT_EQUAL(q_take(t, other, NULL), 'a');
		CT_OK(q_put(t, other, 'c', 0) == 0);
	}
	ct_join(t, p);
	CT_MUST(CT_EXPECT(pipc_mq_open(&handle, name, 0, NULL), PIPC_OK));
	CT_EQUAL(q_take(t, *(const mqd_t *)pipc_mq_mqd(handle), NULL), 'b');
	CT_EQUAL(q_take(t, mqd, NULL), 'c');
	pipc_mq_close(handle);
	pipc_mq_free(handle);
	t->os->mq_close(mqd);
}

CT_CASE(mq_open_absent, .id = "mq.open.absent", .req = "MQ-002 MQ-039",
	.posix = "XSH mq_open ERRORS [ENOENT]",
	.text = "an absent name without O_CREAT is refused with (mqd_t)-1, and "
		"stays absent",
	.needs = CT_NEED_MQ)
{
	static const int flags[] = {O_RDWR, O_RDONLY, O_WRONLY, O_RDWR};
	const char *name = ct_name(t);
	pipc_mq *mq = NULL;
	mqd_t mqd;
	size_t i;

	for (i = 0; i < sizeof(flags) / sizeof(flags[0]); i++)
		CT_ERRNO((mqd = q_open(t, name, flags[i], 0600)) ==
			     PIPC__BAD_MQD,
			 ENOENT);
	CT_EXPECT(pipc_mq_open(&mq, name, 0, NULL), PIPC_EXISTENTIAL_ERROR);
	CT_CHECK(mq == NULL);
	mqd = ct_mq(t, 1, 16, &name);
	CT_OK(t->os->mq_unlink(name) == 0);
	CT_ERRNO(q_open(t, name, O_RDWR, 0600) == PIPC__BAD_MQD, ENOENT);
	t->os->mq_close(mqd);
}

CT_CASE(mq_absent_until_made, .id = "mq.open.absent-until-made",
	.req = "MQ-001 MQ-002 MQ-141", .posix = "XSH mq_open, mq_unlink",
	.text = "a queue that was absent is found when another process has "
		"made it, and is absent when another has removed it",
	.needs = CT_NEED_MQ)
{
	const char *name = ct_name(t);
	struct ct_peer *p;
	mqd_t mqd;
	int i;

	for (i = 0; i < 2; i++) {
		CT_ERRNO(q_open(t, name, O_RDWR, 0) == PIPC__BAD_MQD, ENOENT);
		CT_PEER (t, p) {
			CT_MUST(
			    CT_OK((mqd = q_open(t, name, O_RDWR | PIPC_O_CREX,
						0600)) != PIPC__BAD_MQD));
			CT_OK(q_put(t, mqd, 'a', 0) == 0);
		}
		ct_join(t, p);
		CT_MUST(
		    CT_OK((mqd = q_open(t, name, O_RDWR, 0)) != PIPC__BAD_MQD));
		CT_EQUAL(q_take(t, mqd, NULL), 'a');
		CT_OK(t->os->mq_close(mqd) == 0);
		CT_PEER (t, p)
			CT_OK(t->os->mq_unlink(name) == 0);
		ct_join(t, p);
	}
	CT_ERRNO(q_open(t, name, O_RDWR, 0) == PIPC__BAD_MQD, ENOENT);
}

CT_CASE(mq_creat_absent, .id = "mq.open.creat-attributes",
	.req = "MQ-003 MQ-006 MQ-014", .posix = "XSH mq_open O_CREAT",
	.text = "O_CREAT, with O_EXCL or without, makes an empty queue of "
		"exactly the asked depth and size",
	.needs = CT_NEED_MQ)
{
	const long size[][2] = {{1, 1}, {t->mq_depth, 16}, {1, 33}, {2, 7}};
	struct mq_attr attr;
	const char *name;
	mqd_t mqd;
	size_t i;

	for (i = 0; i < 8; i++) {
		const long *s = size[i % 4];

		memset(&attr, 0, sizeof(attr));
		attr.mq_maxmsg = s[0] <= t->mq_depth ? s[0] : 1;
		attr.mq_msgsize = s[1];
		attr.mq_curmsgs = 2;
		name = ct_name(t);
		CT_MUST(
		    CT_OK((mqd = t->os->mq_open(
			       name, O_RDWR | O_CREAT | (i < 4 ? O_EXCL : 0),
			       0600, &attr)) != PIPC__BAD_MQD));
		CT_EQUAL(q_attr(t, mqd).mq_maxmsg, attr.mq_maxmsg);
		CT_EQUAL(q_attr(t, mqd).mq_msgsize, attr.mq_msgsize);
		CT_EQUAL(q_count(t, mqd), 0);
		CT_ERRNO(q_take(t, mqd, NULL) == -1, ETIMEDOUT);
		CT_OK(q_put(t, mqd, 'a', 0) == 0);
		t->os->mq_close(mqd);
		CT_OK(t->os->mq_unlink(name) == 0);
	}
}

CT_CASE(mq_crex_handle, .id = "mq.open.crex-handle", .req = "MQ-003 MQ-006",
	.posix = "S66 S67; XSH mq_open",
	.text = "pipc_mq_open() creates with the options' depth and size",
	.needs = CT_NEED_MQ)
{
	struct pipc_mq_options o = PIPC_MQ_OPTIONS;
	static const int flags[] = {PIPC_O_CREX, PIPC_O_CREAT};
	struct pipc_mq_attributes attr = {0};
	const char *name;
	pipc_mq *mq;
	int i;

	o.max_messages = t->mq_depth;
	o.max_message_size = 24;
	for (i = 0; i < 2; i++) {
		name = ct_name(t);
		CT_MUST(
		    CT_EXPECT(pipc_mq_open(&mq, name, flags[i], &o), PIPC_OK));
		CT_EXPECT(pipc_mq_attributes(mq, &attr), PIPC_OK);
		CT_EQUAL(attr.max_messages, t->mq_depth);
		CT_EQUAL(attr.max_message_size, 24);
		CT_EQUAL(attr.current_messages, 0);
		CT_CHECK(strcmp(pipc_mq_name(mq), name) == 0);
		CT_EXPECT(pipc_mq_unlink(mq), PIPC_OK);
		CT_EXPECT(pipc_mq_close(mq), PIPC_OK);
		pipc_mq_free(mq);
	}
}

CT_CASE(mq_creat_existing, .id = "mq.open.creat-existing", .req = "MQ-004",
	.posix = "XSH mq_open O_CREAT (no effect)",
	.text = "O_CREAT on a queue in use opens it and ignores other sizes",
	.needs = CT_NEED_MQ)
{
	struct mq_attr attr = {.mq_maxmsg = 2, .mq_msgsize = 40};
	struct pipc_mq_options o = {0, 2, 40, true, true};
	const char *name;
	mqd_t mqd = ct_mq(t, 1, 16, &name), other;
	pipc_mq *handle;

	CT_OK(q_put(t, mqd, 'a', 0) == 0);
	CT_MUST(CT_OK((other = t->os->mq_open(name, O_RDWR | O_CREAT, 0,
					      &attr)) != PIPC__BAD_MQD));
	CT_EQUAL(q_attr(t, other).mq_maxmsg, 1);
	CT_EQUAL(q_attr(t, other).mq_msgsize, 16);
	CT_EQUAL(q_attr(t, mqd).mq_maxmsg, 1);
	CT_EQUAL(q_attr(t, mqd).mq_msgsize, 16);
	CT_MUST(
	    CT_EXPECT(pipc_mq_open(&handle, name, PIPC_O_CREAT, &o), PIPC_OK));
	CT_EQUAL(q_attr(t, mqd).mq_maxmsg, 1);
	CT_EQUAL(q_count(t, mqd), 1);
	pipc_mq_close(handle);
	pipc_mq_free(handle);
	CT_EQUAL(q_take(t, other, NULL), 'a');
	t->os->mq_close(other);
	t->os->mq_close(mqd);
}

CT_CASE(mq_creat_existing_bad, .id = "mq.open.creat-existing-bad-attributes",
	.req = "MQ-005", .posix = "XSH mq_open O_CREAT; ERRORS [EINVAL]",
	.text =
	    "O_CREAT on a queue in use with sizes of no queue opens it or is "
	    "refused with EINVAL",
	.needs = CT_NEED_MQ)
{
	static const long bad[][2] = {{0, 16}, {1, 0}, {-1, -1}};
	struct mq_attr attr = {0};
	const char *name;
	mqd_t mqd = ct_mq(t, 1, 16, &name), other;
	size_t i;
	int error;

	for (i = 0; i < 3; i++) {
		attr.mq_maxmsg = bad[i][0];
		attr.mq_msgsize = bad[i][1];
		errno = 0;
		other = t->os->mq_open(name, O_RDWR | O_CREAT, 0600, &attr);
		error = errno;
		ct_note(t, "outcome", "%s",
			other != PIPC__BAD_MQD ? "opened"
					       : ct_errno_name(error));
		CT_CHECK(other != PIPC__BAD_MQD || error == EINVAL);
		CT_EQUAL(q_attr(t, mqd).mq_maxmsg, 1);
		CT_EQUAL(q_attr(t, mqd).mq_msgsize, 16);
		if (other == PIPC__BAD_MQD)
			continue;
		CT_EQUAL(q_attr(t, other).mq_msgsize, 16);
		t->os->mq_close(other);
	}
	t->os->mq_close(mqd);
}

CT_CASE(mq_crex_existing, .id = "mq.open.crex-existing", .req = "MQ-007",
	.posix = "XSH mq_open ERRORS [EEXIST]",
	.text = "O_CREX on a queue in use is refused and leaves it untouched",
	.needs = CT_NEED_MQ)
{
	const char *name;
	mqd_t mqd = ct_mq(t, 1, 16, &name);
	pipc_mq *second = NULL;
	struct ct_peer *p;

	CT_OK(q_put(t, mqd, 'a', 0) == 0);
	CT_ERRNO(t->os->mq_open(name, O_RDWR | PIPC_O_CREX, 0600, NULL) ==
		     PIPC__BAD_MQD,
		 EEXIST);
	CT_ERRNO(q_open(t, name, O_RDWR | PIPC_O_CREX, 0600) == PIPC__BAD_MQD,
		 EEXIST);
	CT_EXPECT(pipc_mq_open(&second, name, PIPC_O_CREX, NULL),
		  PIPC_EXISTENTIAL_ERROR);
	CT_CHECK(second == NULL);
	CT_PEER (t, p) {
		CT_ERRNO(q_open(t, name, O_RDWR | PIPC_O_CREX, 0600) ==
			     PIPC__BAD_MQD,
			 EEXIST);
	}
	ct_join(t, p);
	CT_EQUAL(q_attr(t, mqd).mq_maxmsg, 1);
	CT_EQUAL(q_count(t, mqd), 1);
	CT_EQUAL(q_take(t, mqd, NULL), 'a');
	t->os->mq_close(mqd);
}

CT_CASE(mq_open_defaults, .id = "mq.open.default-attributes", .req = "MQ-010",
	.posix = "XSH mq_open (attr NULL)",
	.text = "without attributes a queue has a default depth and size, both "
		"above 0, and holds as much",
	.needs = CT_NEED_MQ)
{
	static char msg[1 << 16];
	const char *name = ct_name(t);
	struct mq_attr attr;
	long i, depth;
	size_t size;
	mqd_t mqd;

	CT_MUST(CT_OK((mqd = t->os->mq_open(name, O_RDWR | PIPC_O_CREX, 0600,
					    NULL)) != PIPC__BAD_MQD));
	attr = q_attr(t, mqd);
	ct_note(t, "maxmsg", "%ld", attr.mq_maxmsg);
	ct_note(t, "msgsize", "%ld", attr.mq_msgsize);
	CT_CHECK(attr.mq_maxmsg > 0 && attr.mq_msgsize > 0);
	size = (size_t)attr.mq_msgsize;
	if (size > sizeof(msg))
		size = sizeof(msg);
	depth = attr.mq_maxmsg < 64 ? attr.mq_maxmsg : 64;
	for (i = 0; i < depth; i++)
		CT_OK(t->os->mq_timedsend(mqd, msg, size, 0, &ct_past) == 0);
	if (depth == attr.mq_maxmsg)
		CT_ERRNO(t->os->mq_timedsend(mqd, msg, 1, 0, &ct_past) == -1,
			 ETIMEDOUT);
	t->os->mq_close(mqd);
	CT_OK(t->os->mq_unlink(name) == 0);
}

CT_CASE(mq_open_bad_attributes, .id = "mq.open.bad-attributes",
	.req = "MQ-012 MQ-039", .posix = "XSH mq_open ERRORS [EINVAL]",
	.text = "a new queue of depth or size 0 or less is refused",
	.needs = CT_NEED_MQ)
{
	static const long bad[] = {0, -1, LONG_MIN};
	size_t i;

	for (i = 0; i < 6; i++) {
		long size[2] = {1, 1};
		struct mq_attr attr = {0};
		const char *name = ct_name(t);

		size[i % 2] = bad[i / 2];
		attr.mq_maxmsg = size[0];
		attr.mq_msgsize = size[1];
		CT_ERRNO(t->os->mq_open(name, O_RDWR | PIPC_O_CREX, 0600,
					&attr) == PIPC__BAD_MQD,
			 EINVAL);
		ct_note(t, "name-afterwards", "%s",
			t->os->mq_unlink(name) == 0 ? "exists" : "absent");
	}
}

CT_CASE(mq_open_flags_ignored, .id = "mq.open.attr-flags-ignored",
	.req = "MQ-013", .posix = "XSH mq_open (mq_flags ignored)",
	.text = "O_NONBLOCK in the attributes does not make the queue "
		"non-blocking",
	.needs = CT_NEED_MQ)
{
	struct mq_attr attr = {
	    .mq_flags = O_NONBLOCK, .mq_maxmsg = 1, .mq_msgsize = 16};
	const char *name = ct_name(t);
	struct ct_peer *p;
	char buf[16];
	mqd_t mqd;

	CT_MUST(CT_OK((mqd = t->os->mq_open(name, O_RDWR | PIPC_O_CREX, 0600,
					    &attr)) != PIPC__BAD_MQD));
	CT_EQUAL(q_attr(t, mqd).mq_flags & O_NONBLOCK, 0);
	CT_PEER (t, p) {
		ct_tell_parent(t);
		CT_OK(t->os->mq_receive(mqd, buf, sizeof(buf), NULL) == 1);
	}
	ct_await_blocked(t, p);
	CT_OK(q_put(t, mqd, 'a', 0) == 0);
	ct_join(t, p);
	t->os->mq_close(mqd);
	CT_OK(t->os->mq_unlink(name) == 0);
}

CT_CASE(mq_open_mode_type_bits, .id = "mq.open.mode-type-bits", .req = "MQ-027",
	.posix = "XSH mq_open (mode: unspecified)",
	.text = "a mode with bits that are no permissions is survived",
	.needs = CT_NEED_MQ)
{
	static const struct {
		const char *key;
		mode_t bits;
	} modes[] = {
	    {"S_IFDIR", S_IFDIR}, {"S_ISUID", S_ISUID}, {"S_IFMT", S_IFMT}};
	size_t i;

	for (i = 0; i < 3; i++) {
		const char *name = ct_name(t);
		mqd_t mqd;
		int error;

		errno = 0;
		mqd =
		    q_open(t, name, O_RDWR | PIPC_O_CREX, 0600 | modes[i].bits);
		error = errno;
		ct_note(t, modes[i].key, "%s",
			mqd != PIPC__BAD_MQD ? "created"
					     : ct_errno_name(error));
		CT_CHECK(mqd != PIPC__BAD_MQD || error != 0);
		if (mqd == PIPC__BAD_MQD)
			continue;
		CT_OK(q_put(t, mqd, 'a', 0) == 0);
		CT_EQUAL(q_take(t, mqd, NULL), 'a');
		t->os->mq_close(mqd);
		CT_OK(t->os->mq_unlink(name) == 0);
	}
}

CT_CASE(mq_open_undefined, .id = "mq.open.undefined-flags",
	.req = "MQ-028 MQ-029", .posix = "XSH mq_open oflag (undefined)",
	.text = "both access modes at once, and O_EXCL without O_CREAT, are "
		"survived",
	.needs = CT_NEED_MQ)
{
	const char *name;
	mqd_t mqd = ct_mq(t, 1, 16, &name), other;

	CT_UNDEFINED (t, "RDWR|WRONLY") {
		other = q_open(t, name, O_RDWR | O_WRONLY, 0);
		ct_note(t, "RDWR|WRONLY-came", "%s",
			other != PIPC__BAD_MQD ? "opened"
					       : ct_errno_name(errno));
	}
	CT_UNDEFINED (t, "EXCL") {
		other = q_open(t, name, O_RDWR | O_EXCL, 0);
		ct_note(t, "EXCL-came", "%s",
			other != PIPC__BAD_MQD ? "opened"
					       : ct_errno_name(errno));
	}
	t->os->mq_close(mqd);
}
