/* SPDX-License-Identifier: BSD-3-Clause */
/* Who may open a semaphore: modes, the umask, other users. */
#include "sem.h"

#include <sys/stat.h>

/* Another user opens and posts; what came of it, as errno or 0. */
static int stranger_posts(struct ct *t, const char *name, enum ct_who who)
{
	int *came = ct_shared(t, sizeof(*came));
	struct ct_peer *p;

	CT_PEER (t, p) {
		sem_t *sem;

		ct_become(t, who);
		errno = 0;
		sem = t->os->sem_open(name, 0, 0, 0);
		*came = sem == SEM_FAILED	    ? errno
			: t->os->sem_post(sem) != 0 ? errno
						    : 0;
	}
	ct_join(t, p);
	return *came;
}

CT_CASE(sem_mode_ignored, .id = "sem.open.mode-of-existing", .req = "SEM-005",
	.posix = "XSH sem_open DESCRIPTION O_CREAT (has no effect)",
	.text = "O_CREAT on a name in use does not change who may open it",
	.needs = CT_NEED_SEM | CT_NEED_UIDS)
{
	const char *name;
	sem_t *sem = ct_sem(t, 0, &name), *again;

	umask(0);
	SEM_OPEN(again, name, O_CREAT, 0666, 0);
	CT_EQUAL(stranger_posts(t, name, CT_STRANGER), EACCES);
	CT_EQUAL(ct_value(t, sem), 0);
	SEM_CLOSE(again);
	if (again != sem)
		SEM_CLOSE(sem);
}

CT_CASE(sem_mode_denied, .id = "sem.open.other-user-denied", .req = "SEM-019",
	.posix = "XSH sem_open ERRORS [EACCES]",
	.text = "another user cannot open a semaphore of mode 0600, and it "
		"stays as it is",
	.needs = CT_NEED_SEM | CT_NEED_UIDS)
{
	const char *name;
	sem_t *sem = ct_sem(t, 1, &name);
	struct ct_peer *p;

	CT_EQUAL(stranger_posts(t, name, CT_STRANGER), EACCES);
	CT_PEER (t, p) {
		pipc_sem *mine = NULL;

		ct_become(t, CT_STRANGER);
		CT_EXPECT(pipc_sem_open(&mine, name, 0, 0, 0),
			  PIPC_PERMISSIONS_ERROR);
		CT_EXPECT(pipc_sem_open(&mine, name, PIPC_O_CREAT, 0666, 0),
			  PIPC_PERMISSIONS_ERROR);
		CT_CHECK(mine == NULL);
	}
	ct_join(t, p);
	CT_EQUAL(ct_value(t, sem), 1);
	SEM_CLOSE(sem);
}

CT_CASE(sem_mode_granted, .id = "sem.open.other-user-granted", .req = "SEM-024",
	.posix = "XSH sem_open DESCRIPTION (other processes can connect)",
	.text = "with mode 0666 and no umask another user opens and posts",
	.needs = CT_NEED_SEM | CT_NEED_UIDS)
{
	const char *name = ct_name(t);
	sem_t *sem;

	umask(0);
	SEM_OPEN(sem, name, PIPC_O_CREX, 0666, 0);
	CT_EQUAL(stranger_posts(t, name, CT_STRANGER), 0);
	CT_EQUAL(ct_value(t, sem), 1);
	CT_OK(t->os->sem_unlink(name) == 0);
	SEM_CLOSE(sem);
}

CT_CASE(sem_mode_umask, .id = "sem.open.umask", .req = "SEM-023",
	.posix = "XSH sem_open DESCRIPTION O_CREAT (file mode creation mask)",
	.text = "permission bits of the umask are not granted",
	.needs = CT_NEED_SEM | CT_NEED_UIDS)
{
	const char *name = ct_name(t);
	sem_t *sem;

	umask(0066);
	SEM_OPEN(sem, name, PIPC_O_CREX, 0666, 0);
	CT_EQUAL(stranger_posts(t, name, CT_STRANGER), EACCES);
	CT_EQUAL(ct_value(t, sem), 0);
	CT_OK(t->os->sem_unlink(name) == 0);
	SEM_CLOSE(sem);
}

CT_CASE(sem_mode_creator, .id = "sem.open.creator-needs-no-mode",
	.req = "SEM-021",
	.posix = "XSH sem_open DESCRIPTION (may be used in subsequent calls)",
	.text = "the handle that created a semaphore works whatever its mode",
	.needs = CT_NEED_SEM | CT_NEED_UIDS)
{
	static const mode_t modes[] = {0, 0400, 0200};
	struct ct_peer *p;

	CT_PEER (t, p) {
		ct_become(t, CT_OWNER);
		for (size_t i = 0; i < sizeof(modes) / sizeof(modes[0]); i++) {
			const char *name = ct_name(t);
			sem_t *sem;

			SEM_OPEN(sem, name, PIPC_O_CREX, modes[i], 0);
			SEM_POST(sem);
			SEM_WAIT(sem);
			CT_EQUAL(ct_value(t, sem), 0);
			CT_OK(t->os->sem_unlink(name) == 0);
			SEM_CLOSE(sem);
		}
	}
	ct_join(t, p);
}

CT_CASE(sem_mode_reopen, .id = "sem.open.owner-reopens-mode-0400",
	.req = "SEM-022", .posix = "XSH sem_open ERRORS [EACCES] (oflag)",
	.text = "whether the owner may open his semaphore of mode 0400 again "
		"is the system's choice",
	.needs = CT_NEED_SEM | CT_NEED_UIDS)
{
	struct ct_peer *p;

	CT_PEER (t, p) {
		const char *name = ct_name(t);
		sem_t *sem, *again;
		int error;

		ct_become(t, CT_OWNER);
		SEM_OPEN(sem, name, PIPC_O_CREX, 0400, 0);
		errno = 0;
		again = t->os->sem_open(name, 0, 0, 0);
		error = errno;
		ct_note(t, "open", "%s",
			again != SEM_FAILED ? "opens" : ct_errno_name(error));
		CT_CHECK(again != SEM_FAILED || error == EACCES);
		CT_OK(t->os->sem_unlink(name) == 0);
	}
	ct_join(t, p);
}

CT_CASE(sem_mode_create_denied, .id = "sem.open.creation-denied",
	.req = "SEM-020",
	.posix = "XSH sem_open ERRORS [EACCES] (permission to create)",
	.text = "where a user may not create semaphores the error is EACCES; "
		"where he may, that is recorded",
	.needs = CT_NEED_SEM | CT_NEED_UIDS)
{
	struct ct_peer *p;

	CT_PEER (t, p) {
		const char *name = ct_name(t);
		sem_t *sem;
		int error;

		ct_become(t, CT_STRANGER);
		sem = t->os->sem_open(name, PIPC_O_CREX, 0600, 0);
		error = errno;
		if (sem != SEM_FAILED) {
			ct_note(t, "unprivileged", "may create");
			CT_OK(t->os->sem_unlink(name) == 0);
			SEM_CLOSE(sem);
		} else {
			ct_note(t, "unprivileged", "may not create");
			CT_EQUAL(error, EACCES);
			CT_ERRNO(t->os->sem_open(name, 0, 0, 0) == SEM_FAILED,
				 ENOENT);
		}
	}
	ct_join(t, p);
}
