/* SPDX-License-Identifier: BSD-3-Clause */
/* Bugs in opening and creating semaphores. */
#include "mutant.h"

#include <errno.h>
#include <sched.h>
#include <string.h>

#define OPEN(name)                                                             \
	static sem_t *name(const char *n, int flags, mode_t mode, unsigned v)

static sem_t *fails(int error)
{
	errno = error;
	return SEM_FAILED;
}

static void drain(sem_t *sem)
{
	while (ct_base->sem_trywait(sem) == 0)
		;
}

/* The semaphore if it is there already; else SEM_FAILED. */
static sem_t *existing(const char *n)
{
	return ct_base->sem_open(n, 0, 0, 0);
}

/* Gives a race the time to be lost. */
static void dawdle(void)
{
	int i;

	for (i = 0; i < 20; i++)
		sched_yield();
}

OPEN(ignores_excl)
{
	return ct_base->sem_open(n, flags & ~O_EXCL, mode, v);
}
CT_MUTANT(sem_open_ignores_excl, .breaks = "SEM-007 SEM-008 SEM-009",
	  .text = "O_EXCL is not looked at", .os.sem_open = ignores_excl);

OPEN(resets_value)
{
	sem_t *sem = ct_base->sem_open(n, flags, mode, v);

	if (flags == 0 && sem != SEM_FAILED)
		drain(sem);
	return sem;
}
CT_MUTANT(sem_open_resets_value, .breaks = "SEM-001",
	  .text = "opening without flags sets the value to 0",
	  .os.sem_open = resets_value);

OPEN(another_object)
{
	sem_t *sem = ct_base->sem_open(n, flags, mode, v), *own;
	int value;

	if (flags != 0 || sem == SEM_FAILED ||
	    ct_base->sem_getvalue(sem, &value) != 0)
		return sem;
	own = ct_mutant_shared(sizeof(*own));
	ct_base->sem_init(own, 1, value > 0 ? (unsigned)value : 0);
	return own;
}
CT_MUTANT(sem_open_another_object, .breaks = "SEM-001 SEM-026",
	  .text = "each opening gets a copy", .os.sem_open = another_object);

OPEN(absent_einval)
{
	sem_t *sem = ct_base->sem_open(n, flags, mode, v);

	return sem == SEM_FAILED && errno == ENOENT ? fails(EINVAL) : sem;
}
CT_MUTANT(sem_open_absent_einval, .breaks = "SEM-002 SEM-092",
	  .text = "an absent name is EINVAL", .os.sem_open = absent_einval);

OPEN(always_creates)
{
	return ct_base->sem_open(n, flags | O_CREAT, mode ? mode : 0600, v);
}
CT_MUTANT(sem_open_always_creates, .breaks = "SEM-002 SEM-092",
	  .text = "O_CREAT is taken for granted",
	  .os.sem_open = always_creates);

OPEN(value_zero)
{
	return ct_base->sem_open(n, flags, mode, v & 0);
}
CT_MUTANT(sem_open_value_zero, .breaks = "SEM-003 SEM-006 SEM-014",
	  .text = "the initial value is not looked at",
	  .os.sem_open = value_zero);

OPEN(value_byte)
{
	return ct_base->sem_open(n, flags, mode, v & 0xff);
}
CT_MUTANT(sem_open_value_byte, .breaks = "SEM-003 SEM-014",
	  .text = "the initial value is kept in a byte",
	  .os.sem_open = value_byte);

OPEN(creat_sets_value)
{
	sem_t *sem = ct_base->sem_open(n, flags, mode, v);

	if (sem != SEM_FAILED && flags == O_CREAT) {
		drain(sem);
		while (v-- > 0)
			ct_base->sem_post(sem);
	}
	return sem;
}
CT_MUTANT(sem_open_creat_sets_value, .breaks = "SEM-004 SEM-010",
	  .text = "O_CREAT sets the value of an existing semaphore",
	  .os.sem_open = creat_sets_value);

OPEN(creat_adds_value)
{
	sem_t *sem = flags & O_CREAT ? existing(n) : SEM_FAILED;

	if (sem != SEM_FAILED && v > 0)
		ct_base->sem_post(sem);
	if (sem != SEM_FAILED)
		ct_base->sem_close(sem);
	return ct_base->sem_open(n, flags, mode, v);
}
CT_MUTANT(sem_open_crex_adds_value, .breaks = "SEM-004 SEM-007",
	  .text = "creating an existing semaphore adds to it, refused or not",
	  .os.sem_open = creat_adds_value);

OPEN(creat_exclusive)
{
	return ct_base->sem_open(n, flags & O_CREAT ? flags | O_EXCL : flags,
				 mode, v);
}
CT_MUTANT(sem_open_creat_exclusive, .breaks = "SEM-004 SEM-010 SEM-113",
	  .text = "O_CREAT means O_EXCL", .os.sem_open = creat_exclusive);

OPEN(crex_enoent)
{
	if ((flags & O_EXCL) == 0)
		return ct_base->sem_open(n, flags, mode, v);
	return ct_base->sem_open(n, 0, mode, v);
}
CT_MUTANT(sem_open_crex_never_creates, .breaks = "SEM-006",
	  .text = "O_EXCL hides O_CREAT", .os.sem_open = crex_enoent);

OPEN(crex_removes)
{
	sem_t *sem = ct_base->sem_open(n, flags, mode, v);

	if (sem == SEM_FAILED && errno == EEXIST) {
		ct_base->sem_unlink(n);
		errno = EEXIST;
	}
	return sem;
}
CT_MUTANT(sem_open_crex_removes, .breaks = "SEM-007",
	  .text = "the refused O_CREX cleans up the name that it did not make",
	  .os.sem_open = crex_removes);

/* As on FreeBSD up to 10.2: the process's own list is looked through first. */
static char held[64][32];
static unsigned holds;

OPEN(crex_held)
{
	sem_t *sem;
	unsigned i;

	for (i = 0; i < holds && i < 64; i++)
		if (strcmp(held[i], n) == 0)
			flags &= ~O_EXCL;
	sem = ct_base->sem_open(n, flags, mode, v);
	if (sem != SEM_FAILED && strlen(n) < sizeof(held[0]))
		strcpy(held[holds++ % 64], n);
	return sem;
}
CT_MUTANT(sem_open_crex_held, .breaks = "SEM-008",
	  .text = "O_CREX opens what the process holds already",
	  .os.sem_open = crex_held);

OPEN(crex_not_atomic)
{
	sem_t *sem;

	if ((flags & O_EXCL) == 0)
		return ct_base->sem_open(n, flags, mode, v);
	sem = existing(n);
	if (sem != SEM_FAILED) {
		ct_base->sem_close(sem);
		return fails(EEXIST);
	}
	dawdle();
	return ct_base->sem_open(n, O_CREAT, mode, v);
}
CT_MUTANT(sem_open_crex_not_atomic, .breaks = "SEM-009",
	  .text = "O_CREX looks first and creates later",
	  .os.sem_open = crex_not_atomic);

OPEN(creat_not_atomic)
{
	sem_t *sem;

	if (flags != O_CREAT || (sem = existing(n)) == SEM_FAILED) {
		if (flags == O_CREAT)
			dawdle();
		return ct_base->sem_open(
		    n, flags & O_CREAT ? PIPC_O_CREX : flags, mode, v);
	}
	return sem;
}
CT_MUTANT(sem_open_creat_not_atomic, .breaks = "SEM-010",
	  .text = "the loser of an O_CREAT race gets EEXIST",
	  .os.sem_open = creat_not_atomic);

OPEN(creat_value_late)
{
	sem_t *sem;

	if (flags != O_CREAT || (sem = existing(n)) != SEM_FAILED)
		return flags == O_CREAT ? sem
					: ct_base->sem_open(n, flags, mode, v);
	sem = ct_base->sem_open(n, PIPC_O_CREX, mode, 0);
	if (sem == SEM_FAILED)
		return existing(n);
	dawdle();
	while (v-- > 0)
		ct_base->sem_post(sem);
	return sem;
}
CT_MUTANT(sem_open_value_late, .breaks = "SEM-010",
	  .text = "the name is there before the value is",
	  .os.sem_open = creat_value_late);

OPEN(value_capped)
{
	long max = ct_base->sysconf(_SC_SEM_VALUE_MAX);

	if (max > 0 && v > (unsigned long)max)
		v = (unsigned)max;
	return ct_base->sem_open(n, flags, mode, v);
}
CT_MUTANT(sem_open_value_capped, .breaks = "SEM-013",
	  .text = "a value that is too large is cut",
	  .os.sem_open = value_capped);

OPEN(value_erange)
{
	sem_t *sem = ct_base->sem_open(n, flags, mode, v);

	return sem == SEM_FAILED && errno == EINVAL ? fails(ERANGE) : sem;
}
CT_MUTANT(sem_open_value_erange, .breaks = "SEM-013",
	  .text = "a value that is too large is ERANGE",
	  .os.sem_open = value_erange);

OPEN(value_max_refused)
{
	long max = ct_base->sysconf(_SC_SEM_VALUE_MAX);

	if ((flags & O_CREAT) && max > 0 && v >= (unsigned long)max)
		return fails(EINVAL);
	return ct_base->sem_open(n, flags, mode, v);
}
CT_MUTANT(sem_open_value_max_refused, .breaks = "SEM-014",
	  .text = "SEM_VALUE_MAX itself is refused",
	  .os.sem_open = value_max_refused);

OPEN(existing_erange)
{
	long max = ct_base->sysconf(_SC_SEM_VALUE_MAX);
	sem_t *sem = ct_base->sem_open(n, flags, mode, v);

	if (max > 0 && v > (unsigned long)max && sem != SEM_FAILED) {
		drain(sem);
		ct_base->sem_post(sem);
	}
	return sem;
}
CT_MUTANT(sem_open_existing_too_large, .breaks = "SEM-117",
	  .text = "a value that is too large damages an existing semaphore",
	  .os.sem_open = existing_erange);

OPEN(no_errno)
{
	sem_t *sem = ct_base->sem_open(n, flags, mode, v);

	if (sem == SEM_FAILED)
		errno = 0;
	return sem;
}
CT_MUTANT(sem_open_no_errno, .breaks = "SEM-002 SEM-113",
	  .text = "errno is not set", .os.sem_open = no_errno);

OPEN(failed_pointer)
{
	static sem_t nothing;
	sem_t *sem = ct_base->sem_open(n, flags, mode, v);

	return sem == SEM_FAILED ? &nothing : sem;
}
CT_MUTANT(sem_open_failed_pointer, .breaks = "SEM-002 SEM-113",
	  .text = "a failure returns a pointer that is not SEM_FAILED",
	  .os.sem_open = failed_pointer);
