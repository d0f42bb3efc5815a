/* SPDX-License-Identifier: BSD-3-Clause */
/* Locks whose owner's death the system tells. */
#include "ref.h"

#if REF_ROBUST

#ifdef HAVE_SYS_SYSCALL_H
#include <sys/syscall.h>
#endif

static pthread_mutexattr_t kind;
static pthread_once_t once = PTHREAD_ONCE_INIT;
#ifdef __GLIBC__
static pthread_mutex_t good;
#endif

static void make_kind(void)
{
	pthread_mutexattr_init(&kind);
	pthread_mutexattr_setpshared(&kind, PTHREAD_PROCESS_SHARED);
	pthread_mutexattr_setrobust(&kind, PTHREAD_MUTEX_ROBUST);
#ifdef __GLIBC__
	pthread_mutex_init(&good, &kind);
#endif
}

/* Another kind of lock would follow pointers that are in the file. */
static inline bool right_kind(const ref_mutex *lock)
{
#ifdef __GLIBC__
	return lock->__data.__kind == good.__data.__kind;
#else
	(void)lock;
	return true;
#endif
}

bool ref_lock_valid(const ref_mutex *lock)
{
	pthread_once(&once, make_kind);
	return right_kind(lock);
}

void ref_lock_init(ref_mutex *lock)
{
	pthread_once(&once, make_kind);
	pthread_mutex_init(lock, &kind);
}

static enum ref_locked result(int error)
{
	if (error == 0)
		return REF_LOCKED;
	if (error == EOWNERDEAD)
		return REF_OWNER_DIED;
	return error == EBUSY || error == ETIMEDOUT ? REF_TAKEN : REF_BROKEN;
}

enum ref_locked ref_trylock(ref_mutex *lock)
{
	return right_kind(lock) ? result(pthread_mutex_trylock(lock))
				: REF_BROKEN;
}

enum ref_locked ref_lock_until(ref_mutex *lock, const struct timespec *end)
{
	return result(pthread_mutex_timedlock(lock, end));
}

void ref_unlock(ref_mutex *lock)
{
	pthread_mutex_unlock(lock);
}

void ref_lock_mend(ref_mutex *lock)
{
	pthread_mutex_consistent(lock);
}

/* Emulators do not always do what the C library relies upon. */
bool ref_deaths_are_told(void)
{
#ifdef SYS_get_robust_list
	static _Atomic int known;
	size_t size;
	void *head;

	if (known == 0)
		known =
		    syscall(SYS_get_robust_list, 0, &head, &size) == 0 ? 1 : -1;
	return known > 0;
#else
	return true;
#endif
}

#endif
