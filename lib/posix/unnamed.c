/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Unnamed semaphores of a program that is static as a whole: the C library's
 * have names that are hidden and cannot be looked up.
 */
#include "next.h"

#if REF_FUTEX

/* Above the value: somebody may sleep, or has. */
#define WAITED_FOR 0x80000000u
#define MOST 0x7fffffffu

static ref_word *word_of(sem_t *sem)
{
	_Static_assert(sizeof(sem_t) >= sizeof(ref_word), "too small");
	return (ref_word *)(void *)sem;
}

static _Atomic uint32_t *value_of(sem_t *sem)
{
	return &word_of(sem)->value;
}

static int failed(int error)
{
	errno = error;
	return -1;
}

int unnamed_init(sem_t *sem, unsigned value)
{
	if (value > MOST)
		return failed(EINVAL);
	atomic_init(value_of(sem), value);
	return 0;
}

/* It is not touched after the value: who waited may have destroyed it. */
int unnamed_post(sem_t *sem)
{
	_Atomic uint32_t *value = value_of(sem);
	uint32_t now = atomic_load(value);
	int error = errno;

	do {
		if ((now & MOST) == MOST)
			return failed(EOVERFLOW);
	} while (!atomic_compare_exchange_weak(value, &now, now + 1));
	if (now & WAITED_FOR)
		ref_unpark(word_of(sem));
	errno = error;
	return 0;
}

int unnamed_trywait(sem_t *sem)
{
	_Atomic uint32_t *value = value_of(sem);
	uint32_t now = atomic_load(value);

	while ((now & MOST) != 0)
		if (atomic_compare_exchange_weak(value, &now, now - 1))
			return 0;
	return failed(EAGAIN);
}

int unnamed_wait(sem_t *sem, const struct ref_until *until)
{
	int error = 0;

	ref_cancellation_point();
	while (error == 0) {
		if (unnamed_trywait(sem) == 0)
			return 0;
		error = ref_until_check(until);
		atomic_fetch_or(value_of(sem), WAITED_FOR);
		if (error == 0)
			error = ref_park(word_of(sem), WAITED_FOR, until);
	}
	return failed(error);
}

int unnamed_getvalue(sem_t *sem, int *value)
{
	*value = (int)(atomic_load(value_of(sem)) & MOST);
	return 0;
}

#endif
