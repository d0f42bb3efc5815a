/* SPDX-License-Identifier: BSD-3-Clause */
/* Permissions of semaphores: between users, and of their maker. */
#include "sem.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#define UIDS (CT_NEED_SEM | CT_NEED_UIDS)

/* A semaphore at 1 that the owner made; closed again. */
static void owners(struct ct *t, const char *name, mode_t mask, mode_t mode)
{
	struct ct_peer *p;

	CT_PEER (t, p) {
		sem_t *sem;

		ct_become(t, CT_OWNER);
		umask(mask);
		SEM_OPEN(sem, name, PIPC_O_CREX, mode, 1);
	}
	ct_join(t, p);
}

/* The stranger opens: EACCES, or it works. */
static void stranger(struct ct *t, const char *name, int flags, bool may)
{
	struct ct_peer *p;

	CT_PEER (t, p) {
		sem_t *sem;

		ct_become(t, CT_STRANGER);
		if (!may) {
			CT_ERRNO((sem = t->os->sem_open(name, flags, 0666,
							0)) == SEM_FAILED,
				 EACCES);
		} else {
			SEM_OPEN(sem, name, flags, 0666, 0);
			SEM_POST(sem);
			CT_OK(t->os->sem_trywait(sem) == 0);
		}
	}
	ct_join(t, p);
}

/* As the superuser, who may. */
static void still_at_one(struct ct *t, const char *name)
{
	sem_t *sem;

	SEM_OPEN(sem, name, 0, 0, 0);
	CT_EQUAL(ct_value(t, sem), 1);
	SEM_CLOSE(sem);
}

static void remove_name(struct ct *t, const char *name)
{
	still_at_one(t, name);
	CT_OK(t->os->sem_unlink(name) == 0);
}

CT_CASE(sem_perm_kept, .id = "sem.permission.crex-existing", .req = "SEM-007",
	.posix = "XSH sem_open O_CREAT (no effect)",
	.text = "O_CREAT and O_CREX on an existing name leave its permissions",
	.needs = UIDS)
{
	const char *closed = ct_name(t), *open_to_all = ct_name(t);
	struct ct_peer *p;

	owners(t, closed, 0, 0600);
	owners(t, open_to_all, 0, 0666);
	CT_PEER (t, p) {
		sem_t *sem;

		ct_become(t, CT_OWNER);
		umask(0);
		SEM_OPEN(sem, closed, O_CREAT, 0666, 0);
		SEM_OPEN(sem, open_to_all, O_CREAT, 0600, 0);
		CT_ERRNO(t->os->sem_open(closed, PIPC_O_CREX, 0666, 0) ==
			     SEM_FAILED,
			 EEXIST);
		CT_ERRNO(t->os->sem_open(open_to_all, PIPC_O_CREX, 0, 0) ==
			     SEM_FAILED,
			 EEXIST);
	}
	ct_join(t, p);
	stranger(t, closed, 0, false);
	stranger(t, open_to_all, 0, true);
	remove_name(t, closed);
	remove_name(t, open_to_all);
}

CT_CASE(sem_perm_unlink, .id = "sem.permission.unlink-denied", .req = "SEM-097",
	.posix = "XSH sem_unlink ERRORS [EACCES]",
	.text = "a user who may not unlink a semaphore gets EACCES, and it "
		"is not changed",
	.needs = UIDS)
{
	const char *name = ct_name(t);
	bool *removed = ct_shared(t, sizeof(*removed));
	struct ct_peer *p;

	owners(t, name, 0, 0600);
	CT_PEER (t, p) {
		int error;

		ct_become(t, CT_STRANGER);
		*removed = t->os->sem_unlink(name) == 0;
		error = errno;
		ct_note(t, "stranger-unlinks", "%s",
			*removed ? "removed" : ct_errno_name(error));
		if (!*removed) {
			CT_EQUAL(error, EACCES);
			CT_EXPECT(pipc_unlink_semaphore(name),
				  PIPC_PERMISSIONS_ERROR);
		}
	}
	ct_join(t, p);
	if (!*removed)
		remove_name(t, name);
}

CT_CASE(sem_mode_bits, .id = "sem.permission.other-mode-bits", .req = "SEM-118",
	.posix = "XSH sem_open (the effect is unspecified)",
	.text = "mode bits that are no permissions", .needs = CT_NEED_SEM)
{
	const char *name = ct_name(t);
	sem_t *sem =
	    t->os->sem_open(name, PIPC_O_CREX, S_ISUID | S_ISVTX | 0600, 2);
	int error = errno;

	ct_note(t, "other-mode-bits", "%s",
		sem == SEM_FAILED ? ct_errno_name(error) : "accepted");
	CT_CHECK(sem != SEM_FAILED || error != 0);
	if (sem != SEM_FAILED) {
		CT_EQUAL(ct_value(t, sem), 2);
		SEM_CLOSE(sem);
		CT_OK(t->os->sem_unlink(name) == 0);
	}
}

/* A semaphore at 1 of who is the owner effectively, and really is not. */
static void effectively(struct ct *t, const char *name)
{
	struct ct_peer *p;

	CT_PEER (t, p) {
		sem_t *sem;

		CT_SETUP_TRUE(setegid(CT_OWNER) == 0 && seteuid(CT_OWNER) == 0);
		SEM_OPEN(sem, name, PIPC_O_CREX, 0600, 1);
	}
	ct_join(t, p);
}

CT_CASE(sem_owner, .id = "sem.permission.owner", .req = "SEM-119",
	.posix = "XSH sem_open O_CREAT (user ID, group ID)",
	.text = "a new semaphore belongs to its maker's effective user, and "
		"to its group or that of the directory",
	.needs = UIDS)
{
	const char *name = ct_name(t), *effective = ct_name(t);
	char path[256], dir[256];
	struct stat st, above;

	sem_directory(t, dir);
	owners(t, name, 0077, 0666);
	CT_MUST(CT_OK(sem_path(name, path) && stat(path, &st) == 0));
	CT_SETUP_TRUE(stat(dir, &above) == 0);
	CT_EQUAL(st.st_uid, CT_OWNER);
	CT_CHECK(st.st_gid == CT_OWNER || st.st_gid == above.st_gid);
	effectively(t, effective);
	CT_MUST(CT_OK(sem_path(effective, path) && stat(path, &st) == 0));
	CT_EQUAL(st.st_uid, CT_OWNER);
	CT_CHECK(st.st_gid == CT_OWNER || st.st_gid == above.st_gid);
	remove_name(t, effective);
	ct_note(t, "group",
		st.st_gid == CT_OWNER ? "the maker's" : "the directory's");
	ct_note(t, "mode-0666-umask-077", "%#o", (unsigned)st.st_mode & 07777);
	remove_name(t, name);
}

/* A semaphore at 1 of that mode, which a group has that the stranger is in. */
static void groups(struct ct *t, const char *name, mode_t mode)
{
	char path[256];
	struct ct_peer *p;
	struct stat st;

	CT_PEER (t, p) {
		sem_t *sem;

		CT_SETUP_TRUE(setegid(CT_STRANGER) == 0);
		umask(0);
		SEM_OPEN(sem, name, PIPC_O_CREX, mode, 1);
	}
	ct_join(t, p);
	if (!sem_path(name, path) || stat(path, &st) != 0)
		ct_unsupported(t, "a semaphore is not seen to be of the group");
	CT_EQUAL(st.st_gid, CT_STRANGER);
}

CT_CASE(sem_perm_group, .id = "sem.permission.group", .req = "SEM-024",
	.posix = "XBD 4.5 File Access Permissions; XSH sem_open O_CREAT",
	.text = "the group's bits are for its members, and others' are not",
	.needs = UIDS)
{
	const char *members = ct_name(t), *others = ct_name(t);

	groups(t, members, 0660);
	groups(t, others, 0606);
	stranger(t, members, 0, true);
	stranger(t, others, 0, false);
	remove_name(t, members);
	remove_name(t, others);
}
