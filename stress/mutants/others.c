/* SPDX-License-Identifier: BSD-3-Clause */
/* Bugs of semaphores and shared memory under load. */
#include "mutant.h"

#include <errno.h>

#define EVERY 50

static bool now_and_then(void)
{
	static unsigned calls;

	return ++calls % EVERY == 0;
}

static int forgets(sem_t *sem)
{
	return now_and_then() ? 0 : ct_base->sem_post(sem);
}

CT_MUTANT(lost_wakeup, .text = "a post does nothing: hangs",
	  .breaks = "sem/alone sem/mutex/2 sem/pingpong sem/broadcast/4c "
		    "eintr/sem",
	  .os.sem_post = forgets);

static int doubles(sem_t *sem)
{
	if (now_and_then())
		ct_base->sem_post(sem);
	return ct_base->sem_post(sem);
}

CT_MUTANT(double_post, .text = "a post counts twice",
	  .breaks = "sem/alone sem/mutex/2 sem/pingpong sem/broadcast/4c "
		    "kill/sem-waiters kill/sem-both",
	  .os.sem_post = doubles);

/* Barges in without taking. */
static int passes(sem_t *sem)
{
	return now_and_then() ? 0 : ct_base->sem_wait(sem);
}

CT_MUTANT(wait_without_taking, .text = "a wait returns without a post",
	  .breaks = "sem/alone sem/mutex/2 sem/pingpong kill/sem-waiters "
		    "kill/sem-both",
	  .os.sem_wait = passes);

/* Has one in advance, as a waiter that does not run. */
static int keeps_one(sem_t *sem)
{
	static bool has;

	has = has || ct_base->sem_wait(sem) == 0;
	return ct_base->sem_wait(sem);
}

CT_MUTANT(kept_post, .text = "a waiter keeps a post that others wait for",
	  .breaks = "stop/sem-waiters", .os.sem_wait = keeps_one);

/* Looks every now and then, instead of sleeping until there is a post. */
static int polls(sem_t *sem)
{
	struct timespec t;
	int result;

	do {
		clock_gettime(CLOCK_REALTIME, &t);
		t.tv_nsec += 2000000;
		t.tv_sec += t.tv_nsec / 1000000000;
		t.tv_nsec %= 1000000000;
		result = ct_base->sem_timedwait(sem, &t);
	} while (result != 0 && errno == ETIMEDOUT);
	return result;
}

CT_MUTANT(polling_waiter, .text = "a blocked waiter looks every 2 ms",
	  .breaks = "sem/idle/20ms", .os.sem_wait = polls);

static int takes_and_fails(sem_t *sem)
{
	int result = ct_base->sem_wait(sem);

	if (result == 0 && now_and_then()) {
		errno = EINTR;
		return -1;
	}
	return result;
}

CT_MUTANT(interrupted_after_taking,
	  .text = "a wait that was interrupted has taken: hangs",
	  .breaks = "eintr/sem", .os.sem_wait = takes_and_fails);

static int wrong_value(sem_t *sem, int *value)
{
	int result = ct_base->sem_getvalue(sem, value);

	++*value;
	return result;
}

CT_MUTANT(wrong_value, .text = "sem_getvalue counts one too many",
	  .breaks = "sem/alone sem/mutex/2 sem/churn/4c limit/value",
	  .os.sem_getvalue = wrong_value);

static int wraps(sem_t *sem)
{
	int result = ct_base->sem_post(sem);

	return result != 0 && errno == EOVERFLOW ? 0 : result;
}

CT_MUTANT(overflow_is_ignored, .text = "a post beyond the limit succeeds",
	  .breaks = "limit/value", .os.sem_post = wraps);

static int early(sem_t *sem, const struct timespec *deadline)
{
	struct timespec t = *deadline;

	t.tv_sec--;
	return ct_base->sem_timedwait(sem, &t);
}

CT_MUTANT(early_timeout, .text = "sem_timedwait gives up too early",
	  .breaks = "timeout/sem/1ms timeout/sem/10ms",
	  .os.sem_timedwait = early);

static int clock_early(sem_t *sem, clockid_t clock, const struct timespec *t)
{
	struct timespec earlier = *t;

	earlier.tv_sec--;
	return ct_base->sem_clockwait(sem, clock, &earlier);
}

CT_MUTANT(early_clock_timeout, .text = "sem_clockwait gives up too early",
	  .breaks = "timeout/sem-clock/1ms", .os.sem_clockwait = clock_early);

static int keeps(const char *name)
{
	(void)name;
	return 0;
}

CT_MUTANT(semaphore_left_behind, .text = "sem_unlink removes nothing",
	  .breaks = "sem/alone sem/churn/4c sem/create",
	  .os.sem_unlink = keeps);
CT_MUTANT(memory_left_behind, .text = "shm_unlink removes nothing",
	  .breaks = "shm/create/4k shm/fault shm/churn/4c",
	  .os.shm_unlink = keeps);

static sem_t *shared_creation(const char *name, int flags, mode_t mode,
			      unsigned value)
{
	return ct_base->sem_open(name, flags & ~O_EXCL, mode, value);
}

CT_MUTANT(semaphore_not_exclusive,
	  .text = "two processes create the same semaphore",
	  .breaks = "sem/churn/4c", .os.sem_open = shared_creation);

static int shared_memory(const char *name, int flags, mode_t mode)
{
	return ct_base->shm_open(name, flags & ~O_EXCL, mode);
}

CT_MUTANT(memory_not_exclusive, .text = "two processes create the same memory",
	  .breaks = "shm/churn/4c", .os.shm_open = shared_memory);

/* Never smaller, so what was cut off is seen again. */
static int only_grows(int fd, off_t size)
{
	struct stat s;

	if (ct_base->fstat(fd, &s) == 0 && size < s.st_size)
		return 0;
	return ct_base->ftruncate(fd, size);
}

CT_MUTANT(dirty_pages, .text = "new pages hold what was there before",
	  .breaks = "shm/resize/4k shm/fault", .os.ftruncate = only_grows);

static void *maps_privately(void *addr, size_t len, int prot, int flags, int fd,
			    off_t offset)
{
	return ct_base->mmap(addr, len, prot,
			     (flags & ~MAP_SHARED) | MAP_PRIVATE, fd, offset);
}

CT_MUTANT(private_mapping, .text = "a process does not see another's writes",
	  .breaks = "shm/copy/64k shm/resize/4k shm/map/4k limit/mappings",
	  .os.mmap = maps_privately);

static int leaks(int fd)
{
	return now_and_then() ? 0 : ct_base->close(fd);
}

CT_MUTANT(leaked_descriptor, .text = "close leaves a descriptor open",
	  .breaks = "limit/descriptors", .os.close = leaks);
