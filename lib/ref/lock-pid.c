/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Locks with their owner's process number, where the system has none that
 * tell a death.  A dead owner counts as alive until it has been waited for,
 * and while another process has its number.
 */
#include "ref.h"

#if !REF_ROBUST

void ref_lock_init(ref_mutex *lock)
{
	atomic_store(&lock->owner, 0);
}

enum ref_locked ref_trylock(ref_mutex *lock)
{
	int32_t mine = (int32_t)getpid(), owner = 0;

	if (atomic_compare_exchange_strong(&lock->owner, &owner, mine))
		return REF_LOCKED;
	if (owner < 0)
		return REF_BROKEN;
	if (owner == mine || kill(owner, 0) == 0 || errno != ESRCH)
		return REF_TAKEN;
	return atomic_compare_exchange_strong(&lock->owner, &owner, mine)
		   ? REF_OWNER_DIED
		   : REF_TAKEN;
}

enum ref_locked ref_trylock_for_long(ref_mutex *lock)
{
	return ref_trylock(lock);
}

enum ref_locked ref_lock_until(ref_mutex *lock, const struct timespec *end)
{
	const struct ref_until until = {end, CLOCK_MONOTONIC};
	const struct timespec step = {0, 100000};
	enum ref_locked got;
	/* nanosleep() is a cancellation point, and a lock may be held. */
	int state = ref_uncancelled();

	while ((got = ref_trylock(lock)) == REF_TAKEN) {
		if (ref_until_check(&until) != 0)
			break;
		nanosleep(&step, NULL);
	}
	ref_cancelled(state);
	return got;
}

void ref_unlock(ref_mutex *lock)
{
	atomic_store(&lock->owner, 0);
}

void ref_lock_mend(ref_mutex *lock)
{
	(void)lock;
}

void ref_locks_forked(void)
{
}

bool ref_deaths_are_told(void)
{
	return true;
}

#endif
