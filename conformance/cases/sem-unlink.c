/* SPDX-License-Identifier: BSD-3-Clause */
/* Removing names, with and without users. */
#include "sem.h"

CT_CASE(sem_unlink_gone, .id = "sem.unlink.name-gone", .req = "SEM-092",
	.posix = "XSH sem_unlink; XSH sem_open [ENOENT]",
	.text = "after sem_unlink the name is gone, for every process",
	.needs = CT_NEED_SEM)
{
	const char *name = ct_name(t);
	struct ct_peer *p;
	sem_t *sem;

	SEM_OPEN(sem, name, PIPC_O_CREX, 0600, 0);
	SEM_CLOSE(sem);
	CT_OK(t->os->sem_unlink(name) == 0);
	CT_ERRNO(t->os->sem_open(name, 0, 0, 0) == SEM_FAILED, ENOENT);
	CT_PEER (t, p) {
		CT_ERRNO(t->os->sem_open(name, 0, 0, 0) == SEM_FAILED, ENOENT);
	}
	ct_join(t, p);
}

CT_CASE(sem_unlink_absent, .id = "sem.unlink.absent", .req = "SEM-096",
	.posix = "XSH sem_unlink ERRORS [ENOENT]",
	.text = "a name that never was, or is no more, is ENOENT",
	.needs = CT_NEED_SEM)
{
	const char *name = ct_name(t);
	sem_t *sem;

	CT_ERRNO(t->os->sem_unlink(name) == -1, ENOENT);
	SEM_OPEN(sem, name, PIPC_O_CREX, 0600, 0);
	CT_OK(t->os->sem_unlink(name) == 0);
	CT_ERRNO(t->os->sem_unlink(name) == -1, ENOENT);
	SEM_CLOSE(sem);
	CT_ERRNO(t->os->sem_unlink(name) == -1, ENOENT);
}

CT_CASE(sem_unlink_library, .id = "sem.unlink.library", .req = "SEM-104",
	.posix = "XSH sem_unlink ERRORS [ENOENT]",
	.text = "the library unlinks by name as by handle, and says the same "
		"of an absent name",
	.needs = CT_NEED_SEM)
{
	pipc_sem *a = ct_pipc_sem(t, 0), *b = ct_pipc_sem(t, 0);

	CT_EXPECT(pipc_unlink_semaphore(pipc_sem_name(a)), PIPC_OK);
	CT_EXPECT(pipc_sem_unlink(b), PIPC_OK);
	CT_EXPECT(pipc_sem_unlink(a), PIPC_EXISTENTIAL_ERROR);
	CT_ERRNO(pipc_unlink_semaphore(pipc_sem_name(a)) != PIPC_OK, ENOENT);
	CT_EXPECT(pipc_unlink_semaphore(pipc_sem_name(b)),
		  PIPC_EXISTENTIAL_ERROR);
	CT_EXPECT(pipc_unlink_semaphore(NULL), PIPC_VALUE_ERROR);
	CT_EXPECT(pipc_sem_close(a), PIPC_OK);
	CT_EXPECT(pipc_sem_close(b), PIPC_OK);
	pipc_sem_free(a);
	pipc_sem_free(b);
}

CT_CASE(sem_unlink_open, .id = "sem.unlink.while-open",
	.req = "SEM-093 SEM-094 SEM-095",
	.posix = "XSH sem_unlink (shall return immediately; no effect)",
	.text = "unlinking returns at once though others hold it and wait; old "
		"handles work on, a blocked process stays and is woken",
	.needs = CT_NEED_SEM)
{
	const char *name;
	sem_t *sem = ct_sem(t, 0, &name);
	struct ct_peer *p;

	CT_PEER (t, p) {
		sem_t *mine;

		SEM_OPEN(mine, name, 0, 0, 0);
		ct_tell_parent(t);
		SEM_WAIT(mine);
		SEM_POST(mine);
		SEM_POST(mine);
	}
	ct_await_blocked(t, p);
	CT_OK(t->os->sem_unlink(name) == 0);
	CT_CHECK(ct_still_blocked(t, p));
	SEM_POST(sem);
	ct_join(t, p);
	CT_EQUAL(ct_value(t, sem), 2);
	CT_OK(t->os->sem_trywait(sem) == 0);
	CT_EQUAL(ct_value(t, sem), 1);
	SEM_CLOSE(sem);
}

CT_CASE(sem_unlink_keeps_value, .id = "sem.unlink.keeps-value",
	.req = "SEM-094", .posix = "XSH sem_unlink (no effect on the state)",
	.text = "the value is the same after unlinking, for all who hold it",
	.needs = CT_NEED_SEM)
{
	const char *name;
	sem_t *sem = ct_sem(t, 3, &name), *twin;

	SEM_OPEN(twin, name, 0, 0, 0);
	CT_OK(t->os->sem_unlink(name) == 0);
	CT_EQUAL(ct_value(t, sem), 3);
	CT_EQUAL(ct_value(t, twin), 3);
	SEM_POST(twin);
	CT_EQUAL(ct_value(t, sem), 4);
	SEM_CLOSE(twin);
	SEM_CLOSE(sem);
}

/* The old semaphore at 1 and one that is new under its name, at 7. */
static void two_of_a_name(struct ct *t, int flags)
{
	const char *name;
	sem_t *old = ct_sem(t, 1, &name), *fresh;
	struct ct_peer *p;

	CT_OK(t->os->sem_unlink(name) == 0);
	SEM_OPEN(fresh, name, flags, 0600, 7);
	CT_EQUAL(ct_value(t, fresh), 7);
	CT_EQUAL(ct_value(t, old), 1);
	SEM_POST(fresh);
	CT_OK(t->os->sem_trywait(old) == 0);
	CT_EQUAL(ct_value(t, fresh), 8);
	CT_EQUAL(ct_value(t, old), 0);
	CT_PEER (t, p) {
		sem_t *mine;

		SEM_OPEN(mine, name, 0, 0, 0);
		CT_EQUAL(ct_value(t, mine), 8);
	}
	ct_join(t, p);
	SEM_CLOSE(old);
	CT_EQUAL(ct_value(t, fresh), 8);
	CT_OK(t->os->sem_unlink(name) == 0);
	SEM_CLOSE(fresh);
}

CT_CASE(sem_unlink_crex, .id = "sem.unlink.create-anew", .req = "SEM-098",
	.posix = "XSH sem_unlink (refer to a new semaphore)",
	.text = "after unlink O_CREX makes a semaphore apart from the old one",
	.needs = CT_NEED_SEM)
{
	two_of_a_name(t, PIPC_O_CREX);
}

CT_CASE(sem_unlink_creat, .id = "sem.unlink.creat-anew", .req = "SEM-099",
	.posix = "XSH sem_unlink (refer to a new semaphore)",
	.text = "so does O_CREAT, though this process holds the old one",
	.needs = CT_NEED_SEM)
{
	two_of_a_name(t, O_CREAT);
}

CT_CASE(sem_unlink_reopen, .id = "sem.unlink.no-reopen-while-held",
	.req = "SEM-092 SEM-098",
	.posix = "XSH sem_unlink; XSH sem_open [ENOENT]",
	.text = "who holds an unlinked semaphore cannot open it by name again",
	.needs = CT_NEED_SEM)
{
	const char *name;
	sem_t *sem = ct_sem(t, 0, &name);

	CT_OK(t->os->sem_unlink(name) == 0);
	CT_ERRNO(t->os->sem_open(name, 0, 0, 0) == SEM_FAILED, ENOENT);
	SEM_POST(sem);
	CT_OK(t->os->sem_trywait(sem) == 0);
	SEM_CLOSE(sem);
}

/* A slash and len bytes, which begin like no other run's. */
static char *long_name(struct ct *t, char *name, size_t len)
{
	const char *unique = ct_name(t);

	memset(name, 'n', len + 1);
	memcpy(name, unique, strlen(unique));
	name[len + 1] = '\0';
	return name;
}

enum { LONGEST = 1100 };

CT_CASE(sem_unlink_longest, .id = "sem.unlink.longest-name",
	.req = "SEM-103 SEM-112",
	.posix = "XSH sem_unlink ERRORS (shall not give [ENAMETOOLONG])",
	.text = "what sem_open accepts sem_unlink does not call too long; "
		"one byte more it may",
	.needs = CT_NEED_SEM)
{
	char name[LONGEST + 2];
	size_t len, longest = 0;
	int error;

	for (len = 13; len <= LONGEST; len++) {
		sem_t *sem = t->os->sem_open(long_name(t, name, len),
					     PIPC_O_CREX, 0600, 0);

		if (sem == SEM_FAILED) {
			if (errno != ENAMETOOLONG && errno != EINVAL)
				ct_refused(t, "sem_open(O_CREAT)", errno);
			break;
		}
		longest = len;
		SEM_CLOSE(sem);
		CT_OK(t->os->sem_unlink(name) == 0);
	}
	CT_CHECK(longest >= 14);
	error = t->os->sem_unlink(long_name(t, name, LONGEST)) == 0 ? 0 : errno;
	ct_note(t, "unlink-too-long", "%s", ct_errno_name(error));
	CT_CHECK(error == ENAMETOOLONG || error == ENOENT || error == EINVAL);
}
