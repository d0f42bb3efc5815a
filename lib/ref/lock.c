/* SPDX-License-Identifier: BSD-3-Clause */
/* A lock between processes that survives its owner's death. */
#include "ref.h"

/* Tries before it sleeps: the lock is held for less than a microsecond. */
#define TRIES 60

unsigned ref_lock_seconds = 30;

static COLD enum ref_locked lock_slowly(ref_mutex *lock)
{
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
	clock_gettime(CLOCK_REALTIME, &end);
	end.tv_sec += ref_lock_seconds;
	return ref_lock_until(lock, &end);
}

enum ref_locked ref_lock(ref_mutex *lock)
{
	enum ref_locked got = ref_trylock(lock);

	return got == REF_TAKEN ? lock_slowly(lock) : got;
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
