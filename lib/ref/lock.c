/* SPDX-License-Identifier: BSD-3-Clause */
/* A lock between processes that survives its owner's death. */
#include "ref.h"

#include <string.h>

/* Tries before it sleeps: the lock is held for less than a microsecond. */
#define TRIES 60

unsigned ref_lock_seconds = 30;

static pthread_mutexattr_t kind;
static pthread_once_t once = PTHREAD_ONCE_INIT;
#ifdef __GLIBC__
static pthread_mutex_t good;
#endif

static void make_kind(void)
{
	pthread_mutexattr_init(&kind);
	pthread_mutexattr_setpshared(&kind, PTHREAD_PROCESS_SHARED);
#if REF_ROBUST
	pthread_mutexattr_setrobust(&kind, PTHREAD_MUTEX_ROBUST);
#endif
#ifdef __GLIBC__
	pthread_mutex_init(&good, &kind);
#endif
}

/* Another kind of lock would follow pointers that are in the file. */
static inline bool right_kind(const pthread_mutex_t *lock)
{
#ifdef __GLIBC__
	return lock->__data.__kind == good.__data.__kind;
#else
	(void)lock;
	return true;
#endif
}

bool ref_lock_valid(const pthread_mutex_t *lock)
{
	pthread_once(&once, make_kind);
	return right_kind(lock);
}

void ref_lock_init(pthread_mutex_t *lock)
{
	pthread_once(&once, make_kind);
	pthread_mutex_init(lock, &kind);
}

static enum ref_locked result(int error)
{
	if (error == 0)
		return REF_LOCKED;
#if REF_ROBUST
	if (error == EOWNERDEAD)
		return REF_OWNER_DIED;
#endif
	return error == EBUSY || error == ETIMEDOUT ? REF_TAKEN : REF_BROKEN;
}

enum ref_locked ref_trylock(pthread_mutex_t *lock)
{
	return right_kind(lock) ? result(pthread_mutex_trylock(lock))
				: REF_BROKEN;
}

static COLD enum ref_locked lock_slowly(pthread_mutex_t *lock)
{
	struct timespec end;
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
	return result(pthread_mutex_timedlock(lock, &end));
}

enum ref_locked ref_lock(pthread_mutex_t *lock)
{
	enum ref_locked got = ref_trylock(lock);

	return got == REF_TAKEN ? lock_slowly(lock) : got;
}

void ref_lock_mend(pthread_mutex_t *lock)
{
#if REF_ROBUST
	pthread_mutex_consistent(lock);
#else
	(void)lock;
#endif
}

bool ref_claim(pthread_mutex_t *lock)
{
	switch (ref_trylock(lock)) {
	case REF_LOCKED:
		return true;
	case REF_OWNER_DIED:
		ref_lock_mend(lock);
		return true;
	case REF_BROKEN:
		ref_lock_init(lock);
		return ref_trylock(lock) == REF_LOCKED;
	default:
		return false;
	}
}
