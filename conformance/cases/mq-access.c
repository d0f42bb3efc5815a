/* SPDX-License-Identifier: BSD-3-Clause */
/* Permissions of message queues: between users, and of their maker. */
#include "mq.h"

#define UIDS (CT_NEED_MQ | CT_NEED_UIDS)

/* A queue that the owner made; closed again. */
static void owners(struct ct *t, const char *name, mode_t mask, mode_t mode)
{
	struct ct_peer *p;

	CT_PEER (t, p) {
		mqd_t mqd;

		ct_become(t, CT_OWNER);
		umask(mask);
		CT_MUST(CT_OK((mqd = q_open(t, name, O_RDWR | PIPC_O_CREX,
					    mode)) != PIPC__BAD_MQD));
		t->os->mq_close(mqd);
	}
	ct_join(t, p);
}

/* Opens as somebody: it works, or EACCES. */
static void opens(struct ct *t, enum ct_who who, const char *name, int flags,
		  bool may)
{
	struct ct_peer *p;

	CT_PEER (t, p) {
		mqd_t mqd;

		ct_become(t, who);
		if (may) {
			CT_MUST(CT_OK((mqd = q_open(t, name, flags, 0666)) !=
				      PIPC__BAD_MQD));
			t->os->mq_close(mqd);
		} else {
			CT_ERRNO(q_open(t, name, flags, 0666) == PIPC__BAD_MQD,
				 EACCES);
		}
	}
	ct_join(t, p);
}

CT_CASE(mq_owner_denied, .id = "mq.access.owner-denied-by-mode",
	.req = "MQ-022", .posix = "XSH mq_open ERRORS [EACCES]", .needs = UIDS,
	.text = "the owner is refused the access that the mode does not give, "
		"and has what it gives")
{
	static const struct {
		mode_t mode;
		int flags;
		bool may;
	} rows[] = {
	    {0400, O_WRONLY, false}, {0400, O_RDWR, false},
	    {0400, O_RDONLY, true},  {0200, O_RDONLY, false},
	    {0200, O_RDWR, false},   {0200, O_WRONLY, true},
	    {0, O_RDONLY, false},    {0, O_WRONLY, false},
	    {0066, O_RDWR, false},
	};
	size_t i;

	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		const char *name = ct_name(t);

		owners(t, name, 0, rows[i].mode);
		opens(t, CT_OWNER, name, rows[i].flags, rows[i].may);
		CT_OK(t->os->mq_unlink(name) == 0);
	}
}

CT_CASE(mq_stranger_denied, .id = "mq.access.other-user", .req = "MQ-023",
	.posix = "XSH mq_open ERRORS [EACCES]; S18", .needs = UIDS,
	.text = "another user is refused a queue of mode 0600, with O_CREAT "
		"too, and its messages stay")
{
	const char *name = ct_name(t);
	struct ct_peer *p;

	owners(t, name, 0, 0600);
	opens(t, CT_STRANGER, name, O_RDONLY, false);
	opens(t, CT_STRANGER, name, O_WRONLY, false);
	opens(t, CT_STRANGER, name, O_RDWR | O_CREAT, false);
	CT_PEER (t, p) {
		pipc_mq *mq = NULL;

		ct_become(t, CT_STRANGER);
		CT_EXPECT(pipc_mq_open(&mq, name, 0, NULL),
			  PIPC_PERMISSIONS_ERROR);
		CT_CHECK(mq == NULL);
	}
	ct_join(t, p);
	/* O_CREAT with another mode has changed nothing. */
	opens(t, CT_STRANGER, name, O_RDONLY, false);
	opens(t, CT_OWNER, name, O_RDWR, true);
	CT_OK(t->os->mq_unlink(name) == 0);
}

CT_CASE(
    mq_makers_access, .id = "mq.access.maker-whatever-mode", .req = "MQ-024",
    .posix = "XSH mq_open ERRORS [EACCES] (two cases); S93",
    .text = "who creates a queue has the access asked for, whatever the mode",
    .needs = CT_NEED_MQ)
{
	static const mode_t modes[] = {0400, 0200, 0};
	struct ct_peer *p;
	size_t i;

	for (i = 0; i < 3; i++) {
		const char *name = ct_name(t);

		CT_PEER (t, p) {
			mqd_t mqd;

			if (geteuid() == 0)
				ct_become(t, CT_OWNER);
			CT_MUST(
			    CT_OK((mqd = q_open(t, name, O_RDWR | PIPC_O_CREX,
						modes[i])) != PIPC__BAD_MQD));
			CT_OK(t->os->mq_send(mqd, "a", 1, 0) == 0);
			CT_EQUAL(q_take(t, mqd, NULL), 'a');
			t->os->mq_close(mqd);
		}
		ct_join(t, p);
		CT_OK(t->os->mq_unlink(name) == 0);
	}
}

CT_CASE(mq_create_denied, .id = "mq.access.creation-denied", .req = "MQ-025",
	.posix = "XSH mq_open ERRORS [EACCES]; S64", .needs = UIDS,
	.text = "where a user may not create queues the creation is EACCES and "
		"makes none")
{
	const char *name = ct_name(t);
	struct ct_peer *p;
	mqd_t mqd;

	CT_PEER (t, p) {
		pipc_mq *mq;

		ct_become(t, CT_STRANGER);
		mqd = q_open(t, name, O_RDWR | PIPC_O_CREX, 0600);
		if (mqd != PIPC__BAD_MQD) {
			t->os->mq_close(mqd);
			t->os->mq_unlink(name);
			ct_unsupported(t, "every user may create queues here");
		}
		CT_ERRNO(q_open(t, name, O_RDWR | PIPC_O_CREX, 0600) ==
			     PIPC__BAD_MQD,
			 EACCES);
		CT_EXPECT(pipc_mq_open(&mq, name, PIPC_O_CREX, NULL),
			  PIPC_PERMISSIONS_ERROR);
	}
	ct_join(t, p);
	CT_ERRNO(q_open(t, name, O_RDWR, 0) == PIPC__BAD_MQD, ENOENT);
}

CT_CASE(mq_umask, .id = "mq.access.umask", .req = "MQ-026",
	.posix = "XSH umask, mq_open (mode)", .needs = UIDS,
	.text = "the umask takes permissions away from a new queue's mode, and "
		"nothing else does")
{
	const char *name = ct_name(t);

	owners(t, name, 0077, 0666);
	opens(t, CT_STRANGER, name, O_RDONLY, false);
	opens(t, CT_OWNER, name, O_RDWR, true);
	CT_OK(t->os->mq_unlink(name) == 0);
	name = ct_name(t);
	owners(t, name, 0022, 0666);
	opens(t, CT_STRANGER, name, O_RDONLY, true);
	opens(t, CT_STRANGER, name, O_WRONLY, false);
	CT_OK(t->os->mq_unlink(name) == 0);
	name = ct_name(t);
	owners(t, name, 0, 0666);
	opens(t, CT_STRANGER, name, O_RDWR, true);
	CT_OK(t->os->mq_unlink(name) == 0);
}

CT_CASE(mq_shown_owner, .id = "mq.access.shown-mode-and-owner", .req = "MQ-026",
	.posix = "XSH mq_open (mode, user ID, group ID)",
	.text = "where a descriptor is a file, fstat() shows the mode less the "
		"umask, and the effective user",
	.needs = CT_NEED_MQ)
{
	const char *name = ct_name(t);
	struct stat st;
	mode_t mask = umask(027);
	mqd_t mqd;

	CT_MUST(CT_OK((mqd = q_open(t, name, O_RDWR | PIPC_O_CREX, 0666)) !=
		      PIPC__BAD_MQD));
	umask(mask);
	CT_OK(t->os->mq_unlink(name) == 0);
	if (q_fd(mqd) < 0 || t->os->fstat(q_fd(mqd), &st) != 0) {
		t->os->mq_close(mqd);
		ct_unsupported(t, "a descriptor is no file here");
	}
	CT_EQUAL(st.st_mode & 0777, 0640);
	CT_EQUAL(st.st_uid, geteuid());
	ct_note(t, "group", "%s",
		st.st_gid == getegid() ? "effective" : "other");
	t->os->mq_close(mqd);
}

CT_CASE(mq_effective_owner, .id = "mq.access.effective-owner", .req = "MQ-026",
	.posix = "XSH mq_open (user ID, group ID)", .needs = UIDS,
	.text = "where real and effective user differ, the effective one owns "
		"a new queue: he can open it, and nobody else")
{
	const char *name = ct_name(t);
	struct ct_peer *p;

	CT_PEER (t, p) {
		mqd_t mqd;

		CT_SETUP_TRUE(setegid(CT_OWNER) == 0 && seteuid(CT_OWNER) == 0);
		CT_MUST(CT_OK((mqd = q_open(t, name, O_RDWR | PIPC_O_CREX,
					    0600)) != PIPC__BAD_MQD));
		t->os->mq_close(mqd);
	}
	ct_join(t, p);
	opens(t, CT_OWNER, name, O_RDWR, true);
	opens(t, CT_STRANGER, name, O_RDONLY, false);
	CT_OK(t->os->mq_unlink(name) == 0);
}

/* A queue of that mode, which a group has that the stranger is in. */
static void groups(struct ct *t, const char *name, mode_t mode)
{
	struct ct_peer *p;
	struct stat st;

	CT_PEER (t, p) {
		mqd_t mqd;

		CT_SETUP_TRUE(setegid(CT_STRANGER) == 0);
		umask(0);
		CT_MUST(CT_OK((mqd = q_open(t, name, O_RDWR | PIPC_O_CREX,
					    mode)) != PIPC__BAD_MQD));
		if (q_fd(mqd) < 0 || t->os->fstat(q_fd(mqd), &st) != 0)
			ct_unsupported(t, "a queue is not seen to be of the "
					  "group");
		CT_EQUAL(st.st_gid, CT_STRANGER);
		t->os->mq_close(mqd);
	}
	ct_join(t, p);
}

CT_CASE(mq_group, .id = "mq.access.group", .req = "MQ-022 MQ-023",
	.posix = "XBD 4.5 File Access Permissions; XSH mq_open ERRORS [EACCES]",
	.text = "the group's bits are for its members, and others' are not",
	.needs = UIDS)
{
	static const struct {
		mode_t mode;
		int flags;
		bool may;
	} rows[] = {{0660, O_RDWR, true},
		    {0640, O_RDONLY, true},
		    {0640, O_RDWR, false},
		    {0606, O_RDONLY, false}};
	size_t i;

	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		const char *name = ct_name(t);

		groups(t, name, rows[i].mode);
		opens(t, CT_STRANGER, name, rows[i].flags, rows[i].may);
		CT_OK(t->os->mq_unlink(name) == 0);
	}
}
