/* SPDX-License-Identifier: BSD-3-Clause */
/* Sleeping in a semaphore that processes share, for want of a futex. */
#include "ref.h"

#if REF_SEMAPHORES

void ref_word_init(ref_word *word)
{
	atomic_init(&word->value, 0);
	pipc__os_system.sem_init(&word->wake, 1, 0);
}

#ifdef HAVE_SEM_CLOCKWAIT
#define wait_on pipc__os_system.sem_clockwait
#else
/* Another clock's time as one of the only clock there is, as things are now. */
static int wait_on(sem_t *sem, clockid_t clock, const struct timespec *deadline)
{
	struct timespec other, end;

	if (clock == CLOCK_REALTIME)
		return pipc__os_system.sem_timedwait(sem, deadline);
	if (clock_gettime(clock, &other) != 0 ||
	    clock_gettime(CLOCK_REALTIME, &end) != 0)
		return -1;
	end.tv_sec += deadline->tv_sec - other.tv_sec;
	end.tv_nsec += deadline->tv_nsec - other.tv_nsec;
	if (end.tv_nsec < 0) {
		end.tv_nsec += 1000000000L;
		end.tv_sec--;
	} else if (end.tv_nsec >= 1000000000L) {
		end.tv_nsec -= 1000000000L;
		end.tv_sec++;
	}
	return pipc__os_system.sem_timedwait(sem, &end);
}
#endif

static int wait_for(sem_t *sem, const struct ref_until *until)
{
	if (until->deadline == NULL)
		return pipc__os_system.sem_wait(sem);
	if (wait_on(sem, until->clock, until->deadline) == 0)
		return 0;
	/* It may be early by that clock. */
	return errno == ETIMEDOUT && ref_until_check(until) == 0 ? 0 : -1;
}

int ref_park(ref_word *word, uint32_t value, const struct ref_until *until)
{
	if (atomic_load(&word->value) != value)
		return 0;
	if (wait_for(&word->wake, until) == 0)
		return 0;
	if (errno == EINTR && until->deadline != NULL && ref_all_restart())
		return 0;
	return errno;
}

bool ref_unpark(ref_word *word)
{
	pipc__os_system.sem_post(&word->wake);
	return true;
}

#endif
