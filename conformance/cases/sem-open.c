/* SPDX-License-Identifier: BSD-3-Clause */
/* Opening and creating semaphores. */
#include "sem.h"

CT_CASE(sem_open_existing, .id = "sem.open.existing", .req = "SEM-001 SEM-026",
	.posix = "XSH sem_open DESCRIPTION (the same semaphore object)",
	.text = "opening without flags reaches the same semaphore, from this "
		"and from another process, and leaves its value",
	.needs = CT_NEED_SEM)
{
	const char *name;
	sem_t *sem = ct_sem(t, 3, &name), *again;
	struct ct_peer *p;

	SEM_OPEN(again, name, 0, 0, 0);
	CT_EQUAL(ct_value(t, sem), 3);
	CT_EQUAL(ct_value(t, again), 3);
	SEM_POST(again);
	CT_EQUAL(ct_value(t, sem), 4);
	CT_PEER (t, p) {
		sem_t *mine;

		SEM_OPEN(mine, name, 0, 0777, 9);
		CT_EQUAL(ct_value(t, mine), 4);
		SEM_POST(mine);
	}
	ct_join(t, p);
	CT_EQUAL(ct_value(t, sem), 5);
	SEM_CLOSE(again);
	SEM_CLOSE(sem);
}

CT_CASE(sem_open_absent, .id = "sem.open.absent", .req = "SEM-002 SEM-113",
	.posix = "XSH sem_open ERRORS [ENOENT]",
	.text = "opening an absent name without O_CREAT is refused and creates "
		"nothing",
	.needs = CT_NEED_SEM)
{
	const char *name = ct_name(t);
	pipc_sem *sem = NULL;
	sem_t *made;

	CT_ERRNO(t->os->sem_open(name, 0, 0, 0) == SEM_FAILED, ENOENT);
	CT_ERRNO(t->os->sem_open(name, 0, 0600, 1) == SEM_FAILED, ENOENT);
	CT_EXPECT(pipc_sem_open(&sem, name, 0, 0600, 1),
		  PIPC_EXISTENTIAL_ERROR);
	CT_CHECK(sem == NULL);
	SEM_OPEN(made, name, PIPC_O_CREX, 0600, 0);
	SEM_CLOSE(made);
	CT_OK(t->os->sem_unlink(name) == 0);
	CT_ERRNO(t->os->sem_open(name, 0, 0, 0) == SEM_FAILED, ENOENT);
}

CT_CASE(sem_absent_until_made, .id = "sem.open.absent-until-made",
	.req = "SEM-001 SEM-002 SEM-092", .posix = "XSH sem_open, sem_unlink",
	.text = "a semaphore that was absent is found when another process has "
		"made it, and is absent when another has removed it",
	.needs = CT_NEED_SEM)
{
	const char *name = ct_name(t);
	struct ct_peer *p;
	sem_t *sem;
	int i;

	for (i = 0; i < 2; i++) {
		CT_ERRNO(t->os->sem_open(name, 0, 0, 0) == SEM_FAILED, ENOENT);
		CT_PEER (t, p)
			SEM_OPEN(sem, name, PIPC_O_CREX, 0600, 3);
		ct_join(t, p);
		SEM_OPEN(sem, name, 0, 0, 0);
		CT_EQUAL(ct_value(t, sem), 3);
		SEM_CLOSE(sem);
		CT_PEER (t, p)
			CT_OK(t->os->sem_unlink(name) == 0);
		ct_join(t, p);
	}
	CT_ERRNO(t->os->sem_open(name, 0, 0, 0) == SEM_FAILED, ENOENT);
}

CT_CASE(sem_creat_new, .id = "sem.open.creat-new", .req = "SEM-003",
	.posix = "XSH sem_open O_CREAT (initial value of value)",
	.text = "O_CREAT on an absent name creates a semaphore of that value",
	.needs = CT_NEED_SEM)
{
	static const unsigned values[] = {0, 1, 2, 7, 300, 32767};
	unsigned i;

	for (i = 0; i < sizeof(values) / sizeof(values[0]); i++) {
		const char *name = ct_name(t);
		struct ct_peer *p;
		sem_t *sem;

		SEM_OPEN(sem, name, O_CREAT, 0600, values[i]);
		CT_EQUAL(ct_value(t, sem), values[i]);
		CT_PEER (t, p) {
			sem_t *mine;

			SEM_OPEN(mine, name, 0, 0, 0);
			CT_EQUAL(ct_value(t, mine), values[i]);
		}
		ct_join(t, p);
		SEM_CLOSE(sem);
		CT_OK(t->os->sem_unlink(name) == 0);
	}
}

CT_CASE(sem_creat_existing, .id = "sem.open.creat-existing", .req = "SEM-004",
	.posix = "XSH sem_open O_CREAT (has no effect)",
	.text = "O_CREAT on an existing name opens it and ignores the value",
	.needs = CT_NEED_SEM)
{
	static const unsigned values[] = {0, 1, 5, 9, 32767};
	const char *name;
	sem_t *sem = ct_sem(t, 5, &name), *again;
	struct ct_peer *p;
	pipc_sem *lib;
	unsigned i;

	for (i = 0; i < sizeof(values) / sizeof(values[0]); i++) {
		SEM_OPEN(again, name, O_CREAT, 0600, values[i]);
		CT_EQUAL(ct_value(t, again), 5);
		SEM_CLOSE(again);
		CT_PEER (t, p) {
			SEM_OPEN(again, name, O_CREAT, 0600, values[i]);
			CT_EQUAL(ct_value(t, again), 5);
		}
		ct_join(t, p);
	}
	CT_MUST(CT_EXPECT(pipc_sem_open(&lib, name, PIPC_O_CREAT, 0600, 8),
			  PIPC_OK));
	CT_EXPECT(pipc_sem_release(lib), PIPC_OK);
	CT_EXPECT(pipc_sem_close(lib), PIPC_OK);
	pipc_sem_free(lib);
	CT_EQUAL(ct_value(t, sem), 6);
	SEM_CLOSE(sem);
}

CT_CASE(sem_crex_new, .id = "sem.open.crex-new", .req = "SEM-006",
	.posix = "XSH sem_open O_EXCL",
	.text = "O_CREX on an absent name creates, at both levels",
	.needs = CT_NEED_SEM)
{
	const char *name = ct_name(t), *other = ct_name(t);
	pipc_sem *lib;
	sem_t *sem;

	SEM_OPEN(sem, name, O_CREAT | O_EXCL, 0600, 2);
	CT_EQUAL(ct_value(t, sem), 2);
	SEM_CLOSE(sem);
	SEM_OPEN(sem, name, 0, 0, 0);
	CT_EQUAL(ct_value(t, sem), 2);
	SEM_CLOSE(sem);
	CT_OK(t->os->sem_unlink(name) == 0);
	CT_MUST(CT_EXPECT(pipc_sem_open(&lib, other, PIPC_O_CREX, 0600, 1),
			  PIPC_OK));
	CT_EXPECT(pipc_sem_acquire(lib, PIPC_SECONDS(0)), PIPC_OK);
	CT_EXPECT(pipc_sem_acquire(lib, PIPC_SECONDS(0)), PIPC_BUSY_ERROR);
	CT_EXPECT(pipc_sem_unlink(lib), PIPC_OK);
	CT_EXPECT(pipc_sem_close(lib), PIPC_OK);
	pipc_sem_free(lib);
}

CT_CASE(sem_crex_existing, .id = "sem.open.crex-existing", .req = "SEM-007",
	.posix = "XSH sem_open ERRORS [EEXIST]",
	.text = "O_CREX on a name that another process made is refused and "
		"changes nothing",
	.needs = CT_NEED_SEM)
{
	const char *name = ct_name(t);
	pipc_sem *second = NULL;
	struct ct_peer *p;
	sem_t *sem;

	CT_PEER (t, p) {
		SEM_OPEN(sem, name, PIPC_O_CREX, 0600, 3);
		SEM_CLOSE(sem);
	}
	ct_join(t, p);
	CT_ERRNO(t->os->sem_open(name, PIPC_O_CREX, 0600, 1) == SEM_FAILED,
		 EEXIST);
	CT_EXPECT(pipc_sem_open(&second, name, PIPC_O_CREX, 0600, 0),
		  PIPC_EXISTENTIAL_ERROR);
	CT_CHECK(second == NULL);
	SEM_OPEN(sem, name, 0, 0, 0);
	CT_EQUAL(ct_value(t, sem), 3);
	SEM_CLOSE(sem);
	CT_OK(t->os->sem_unlink(name) == 0);
}

CT_CASE(sem_crex_held, .id = "sem.open.crex-held-by-self", .req = "SEM-008",
	.posix = "XSH sem_open ERRORS [EEXIST] (has no exception)",
	.text = "O_CREX is refused also where the caller holds the semaphore",
	.needs = CT_NEED_SEM)
{
	const char *name;
	sem_t *sem = ct_sem(t, 3, &name);
	pipc_sem *second = NULL;
	struct ct_peer *p;

	CT_ERRNO(t->os->sem_open(name, PIPC_O_CREX, 0600, 1) == SEM_FAILED,
		 EEXIST);
	CT_EXPECT(pipc_sem_open(&second, name, PIPC_O_CREX, 0600, 1),
		  PIPC_EXISTENTIAL_ERROR);
	CT_CHECK(second == NULL);
	CT_PEER (t, p) /* holds it by inheritance */
	{
		CT_ERRNO(t->os->sem_open(name, PIPC_O_CREX, 0600, 1) ==
			     SEM_FAILED,
			 EEXIST);
	}
	ct_join(t, p);
	SEM_POST(sem);
	CT_EQUAL(ct_value(t, sem), 4);
	SEM_CLOSE(sem);
}

CT_CASE(sem_value_too_large, .id = "sem.open.value-too-large",
	.req = "SEM-013 SEM-113", .posix = "XSH sem_open ERRORS [EINVAL]",
	.text = "a value above SEM_VALUE_MAX is refused for a new semaphore",
	.needs = CT_NEED_SEM)
{
	unsigned values[] = {sem_value_max(t) + 1, UINT_MAX};
	unsigned i;

	for (i = 0; i < 2; i++) {
		const char *name = ct_name(t);
		bool left;
		sem_t *sem;

		CT_ERRNO(t->os->sem_open(name, O_CREAT, 0600, values[i]) ==
			     SEM_FAILED,
			 EINVAL);
		CT_ERRNO(t->os->sem_open(name, PIPC_O_CREX, 0600, values[i]) ==
			     SEM_FAILED,
			 EINVAL);
		sem = t->os->sem_open(name, 0, 0, 0);
		left = sem != SEM_FAILED;
		ct_note(t, "left-after-refusal", "%s", left ? "yes" : "no");
		if (left)
			SEM_CLOSE(sem);
		if (left)
			CT_OK(t->os->sem_unlink(name) == 0);
	}
}

CT_CASE(sem_value_largest, .id = "sem.open.value-largest", .req = "SEM-014",
	.posix = "XSH sem_open (valid initial values)",
	.text = "SEM_VALUE_MAX is a valid initial value and is read back",
	.needs = CT_NEED_SEM | CT_NEED_SEM_GETVALUE)
{
	unsigned max = sem_value_max(t);
	const char *name = ct_name(t);
	int value = -1;
	sem_t *sem;

	SEM_OPEN(sem, name, PIPC_O_CREX, 0600, max);
	CT_OK(t->os->sem_getvalue(sem, &value) == 0);
	CT_EQUAL(value, max);
	CT_OK(t->os->sem_trywait(sem) == 0);
	CT_OK(t->os->sem_getvalue(sem, &value) == 0);
	CT_EQUAL(value, max - 1);
	SEM_POST(sem);
	CT_OK(t->os->sem_getvalue(sem, &value) == 0);
	CT_EQUAL(value, max);
	SEM_CLOSE(sem);
	CT_OK(t->os->sem_unlink(name) == 0);
}

CT_CASE(sem_value_existing, .id = "sem.open.value-too-large-existing",
	.req = "SEM-117", .posix = "XSH sem_open [EINVAL], O_CREAT (no effect)",
	.text = "a value above SEM_VALUE_MAX for an existing name: EINVAL or "
		"ignored; the value stays",
	.needs = CT_NEED_SEM)
{
	unsigned max = sem_value_max(t);
	const char *name;
	sem_t *sem = ct_sem(t, 3, &name);
	sem_t *again = t->os->sem_open(name, O_CREAT, 0600, max + 1);
	int error = errno;

	ct_note(t, "value-too-large-existing", "%s",
		again == SEM_FAILED ? ct_errno_name(error) : "opened");
	if (again == SEM_FAILED)
		CT_EQUAL(error, EINVAL);
	else
		SEM_CLOSE(again);
	CT_EQUAL(ct_value(t, sem), 3);
	SEM_CLOSE(sem);
}

/* Every way to fail: SEM_FAILED, and errno says why. */
CT_CASE(sem_open_failure, .id = "sem.open.failure-value", .req = "SEM-113",
	.posix = "XSH sem_open RETURN VALUE",
	.text = "a call that fails returns SEM_FAILED and sets errno; one that "
		"returns anything else has opened",
	.needs = CT_NEED_SEM)
{
	static const int flags[] = {0, O_CREAT, PIPC_O_CREX, 0};
	const char *name;
	sem_t *sem = ct_sem(t, 0, &name), *got;
	int i, error;

	for (i = 0; i < 4; i++) {
		bool fails = i >= 2; /* EEXIST; an absent name */

		errno = 0;
		got = t->os->sem_open(i == 3 ? ct_name(t) : name, flags[i],
				      0600, 0);
		error = errno;
		CT_EQUAL(got == SEM_FAILED, fails);
		if (fails) {
			CT_CHECK(error != 0);
			continue;
		}
		SEM_POST(got);
		CT_OK(t->os->sem_trywait(sem) == 0);
		SEM_CLOSE(got);
	}
	SEM_CLOSE(sem);
}
