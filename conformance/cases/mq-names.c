/* SPDX-License-Identifier: BSD-3-Clause */
/* Names of message queues: odd, short and long. */
#include "mq.h"

/* A new name with something after it, n bytes in all when n is not 0. */
static const char *name_with(struct ct *t, const char *tail, size_t n)
{
	static char name[1 << 17];
	size_t len;

	len = (size_t)snprintf(name, sizeof(name), "%s%s", ct_name(t), tail);
	if (n > len)
		memset(name + len, 'x', n - len);
	if (n != 0)
		name[n] = '\0';
	return name;
}

/* What was created is what the name leads to, until it is unlinked. */
static void check_created(struct ct *t, mqd_t mqd, const char *name)
{
	mqd_t again;

	CT_OK(q_put(t, mqd, 'a', 0) == 0);
	if (CT_OK((again = q_open(t, name, O_RDWR, 0)) != PIPC__BAD_MQD)) {
		CT_EQUAL(q_take(t, again, NULL), 'a');
		t->os->mq_close(again);
	}
	t->os->mq_close(mqd);
	CT_OK(t->os->mq_unlink(name) == 0);
	CT_CHECK(q_open(t, name, O_RDWR, 0) == PIPC__BAD_MQD);
}

/* Creates, notes what came, and checks that a refused name leads nowhere. */
static void try_name(struct ct *t, const char *key, const char *name)
{
	mqd_t mqd;
	int error;

	errno = 0;
	mqd = q_open(t, name, O_RDWR | PIPC_O_CREX, 0600);
	error = errno;
	ct_note(t, key, "%s",
		mqd != PIPC__BAD_MQD ? "accepted" : ct_errno_name(error));
	if (mqd != PIPC__BAD_MQD) {
		check_created(t, mqd, name);
		return;
	}
	CT_CHECK(error != 0);
	CT_CHECK(q_open(t, name, O_RDWR, 0) == PIPC__BAD_MQD);
}

CT_CASE(mq_name_no_slash, .id = "mq.name.no-slash", .req = "MQ-030",
	.posix = "XSH mq_open (implementation-defined)",
	.text = "a name without a slash is refused, or leads to its queue",
	.needs = CT_NEED_MQ)
{
	try_name(t, "no-slash", ct_name(t) + 1);
}

CT_CASE(mq_name_inner_slash, .id = "mq.name.inner-slash", .req = "MQ-031",
	.posix = "XSH mq_open (implementation-defined)",
	.text = "a name with a second slash is refused, or leads to its queue",
	.needs = CT_NEED_MQ)
{
	try_name(t, "inner-slash", name_with(t, "/x", 0));
	try_name(t, "final-slash", name_with(t, "/", 0));
}

CT_CASE(mq_name_empty, .id = "mq.name.empty", .req = "MQ-032 MQ-033",
	.posix = "XSH mq_open ERRORS [EINVAL] (name not supported)",
	.text = "names that name nothing, or a directory, are survived",
	.needs = CT_NEED_MQ)
{
	static const char *const names[] = {"", "/", "/.", "/.."};
	char key[16];
	size_t i;

	for (i = 0; i < 4; i++) {
		snprintf(key, sizeof(key), "name-%s.", names[i]);
		try_name(t, key, names[i]);
	}
}

CT_CASE(mq_name_short, .id = "mq.name.up-to-14-bytes", .req = "MQ-035",
	.posix = "XSH mq_open ERRORS [ENAMETOOLONG] ({_POSIX_NAME_MAX})",
	.text =
	    "a name of 1 to 14 bytes after the slash is accepted, or refused "
	    "but not as too long",
	.needs = CT_NEED_MQ)
{
	const char *name;
	size_t len;
	mqd_t mqd;
	int error;

	for (len = 1; len <= 14; len++) {
		bool own = len >= strlen(ct_name(t)) - 1;

		/* A shorter one may be another's: it is not made. */
		name = name_with(t, "", len + 1);
		errno = 0;
		mqd = q_open(t, name, O_RDWR | (own ? PIPC_O_CREX : 0), 0600);
		error = mqd == PIPC__BAD_MQD ? errno : 0;
		CT_CHECK(error != ENAMETOOLONG);
		if (own && error == 0)
			check_created(t, mqd, name);
		else if (own && error != EINVAL)
			ct_refused(t, "mq_open", error);
		else if (error == 0)
			CT_OK(t->os->mq_close(mqd) == 0);
	}
	ct_note(t, "tried", "1 to 14");
}

/* No longer name that begins like it leads to a queue. */
static void check_no_alias(struct ct *t, const char *name)
{
	static const size_t more[] = {1, 2, 17, 256, 4096, 70000};
	static char longer[1 << 18];
	size_t i, len = strlen(name);

	memset(longer, 'y', sizeof(longer) - 1);
	memcpy(longer, name, len);
	for (i = sizeof(more) / sizeof(more[0]); i-- > 0;) {
		longer[len + more[i]] = '\0';
		CT_CHECK(q_open(t, longer, O_RDWR, 0) == PIPC__BAD_MQD);
	}
}

CT_CASE(mq_name_long, .id = "mq.name.long", .req = "MQ-034 MQ-036",
	.posix = "XSH mq_open ERRORS [ENAMETOOLONG] (may)",
	.text =
	    "a long name is refused as too long or unsupported, or is a name "
	    "like any other: no part of it is another name",
	.needs = CT_NEED_MQ)
{
	static const size_t lens[] = {17,  32,	 64,   128,  255,  256,
				      257, 1000, 4095, 4097, 70000};
	size_t i, accepted = 0;

	for (i = 0; i < sizeof(lens) / sizeof(lens[0]); i++) {
		const char *name = name_with(t, "", lens[i]);
		mqd_t mqd;
		int error;

		errno = 0;
		mqd = q_open(t, name, O_RDWR | PIPC_O_CREX, 0600);
		error = errno;
		if (mqd == PIPC__BAD_MQD) {
			ct_note(t, "refused", "%zu bytes: %s", lens[i] - 1,
				ct_errno_name(error));
			if (error != ENAMETOOLONG && error != EINVAL)
				ct_refused(t, "mq_open", error);
			continue;
		}
		accepted = lens[i] - 1;
		check_no_alias(t, name);
		check_created(t, mqd, name);
	}
	ct_note(t, "longest-accepted", "%zu", accepted);
}
