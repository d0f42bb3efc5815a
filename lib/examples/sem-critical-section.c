/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * A semaphore as a lock around a block, in two processes.
 *
 * WITH(sem) is what a context manager is elsewhere: entering the block
 * acquires, reaching its end releases, and nothing else.  As with a lock taken
 * by hand, leave the block only by its end: no break, return or goto.
 */
#include "example.h"

#include <sched.h>

#define TURNS 2000

static int enter(pipc_sem *sem)
{
	MUST(pipc_sem_acquire(sem, NULL));
	return 1;
}

static int leave(pipc_sem *sem)
{
	MUST(pipc_sem_release(sem));
	return 0;
}

#define WITH(sem) for (int inside = enter(sem); inside; inside = leave(sem))

static pipc_sem *lock;
static volatile unsigned *counter; /* in shared memory */

/* Adds one, TURNS times, in a way that loses counts unless it is alone. */
static void count(void)
{
	int i;

	for (i = 0; i < TURNS; i++)
		WITH(lock)
		{
			unsigned before = *counter;

			sched_yield(); /* the other's chance to interfere */
			*counter = before + 1;
		}
}

int main(void)
{
	pid_t pid;

	begin();
	counter = new_shared(sizeof(*counter));
	lock = new_semaphore(1);
	pid = start_partner(count);
	count();
	join_partner(pid);
	printf("two processes counted to %u\n", *counter);
	HOLDS(*counter == 2 * TURNS);
	munmap((void *)counter, sizeof(*counter));
	discard_semaphore(lock);
	return 0;
}
