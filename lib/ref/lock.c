/* SPDX-License-Identifier: BSD-3-Clause */
/* A lock between processes that survives its owner's death. */
#include "ref.h"

/* Tries before it sleeps: the lock is held for less than a microsecond. */
#define TRIES 60

unsigned ref_lock_seconds = 30;

/*
 * It waits in slices of time.  Between them signals come, so that a process
 * that waits for one that is stopped can be ended; and time for which it does
 * not run, as it is stopped itself, or the machine suspended, counts as one
 * slice.
 */
#define SLICE_MS 20

static void let_signals_come(const sigset_t *mask)
{
	sigset_t blocked;

	pthread_sigmask(SIG_SETMASK, mask, &blocked);
	pthread_sigmask(SIG_SETMASK, &blocked, NULL);
}

static COLD enum ref_locked lock_slowly(ref_mutex *lock, const sigset_t *mask)
{
	unsigned slices = ref_lock_seconds * (1000 / SLICE_MS);
	struct timespec end = {0, 0};
	enum ref_locked got;
	int i, pause;

	for (i = 0; i < TRIES; i++) {
		for (pause = i; pause > 0; pause--)
			ref_pause();
		got = ref_trylock(lock);
		if (got != REF_TAKEN)
			return got;
	}
	for (; got == REF_TAKEN && slices > 0; slices--) {
		clock_gettime(CLOCK_MONOTONIC, &end);
		end.tv_nsec += SLICE_MS * 1000000L;
		end.tv_sec += end.tv_nsec / 1000000000L;
		end.tv_nsec %= 1000000000L;
		got = ref_lock_until(lock, &end);
		if (got == REF_TAKEN && mask != NULL)
			let_signals_come(mask);
	}
	return got;
}

enum ref_locked ref_lock_unless_ended(ref_mutex *lock, const sigset_t *mask)
{
	enum ref_locked got = ref_trylock(lock);

	return got == REF_TAKEN ? lock_slowly(lock, mask) : got;
}

enum ref_locked ref_lock(ref_mutex *lock)
{
	return ref_lock_unless_ended(lock, NULL);
}

bool ref_claim(ref_mutex *lock)
{
	switch (ref_trylock_for_long(lock)) {
	case REF_LOCKED:
		return true;
	case REF_OWNER_DIED:
		ref_lock_mend(lock);
		return true;
	case REF_BROKEN:
		ref_lock_init(lock);
		return ref_trylock_for_long(lock) == REF_LOCKED;
	default:
		return false;
	}
}
