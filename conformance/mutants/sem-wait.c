/* SPDX-License-Identifier: BSD-3-Clause */
/* Bugs in taking from semaphores. */
#include "mutant.h"

#include <errno.h>
#include <sched.h>

static int fails(int error)
{
	errno = error;
	return -1;
}

static int takes_two(sem_t *sem)
{
	int result = ct_base->sem_wait(sem);

	if (result == 0)
		ct_base->sem_trywait(sem);
	return result;
}
CT_MUTANT(sem_wait_takes_two, .breaks = "SEM-039 SEM-040",
	  .text = "a wait takes two where it can", .os.sem_wait = takes_two);

static int takes_none(sem_t *sem)
{
	int result = ct_base->sem_wait(sem);

	if (result == 0)
		ct_base->sem_post(sem);
	return result;
}
CT_MUTANT(sem_wait_takes_none, .breaks = "SEM-039 SEM-040 SEM-041 SEM-073",
	  .text = "a wait takes nothing", .os.sem_wait = takes_none);

static int wait_last_kept(sem_t *sem)
{
	int value;

	if (ct_base->sem_getvalue(sem, &value) == 0 && value == 1)
		return 0;
	return ct_base->sem_wait(sem);
}
CT_MUTANT(sem_wait_last_kept, .breaks = "SEM-039 SEM-040",
	  .text = "the last one is given to everybody",
	  .os.sem_wait = wait_last_kept);

static int never_blocks(sem_t *sem)
{
	ct_base->sem_trywait(sem);
	return 0;
}
CT_MUTANT(sem_wait_never_blocks, .breaks = "SEM-041 SEM-063 SEM-071",
	  .text = "sem_wait does not block", .os.sem_wait = never_blocks);

static int gives_up(sem_t *sem)
{
	struct timespec soon;

	clock_gettime(CLOCK_REALTIME, &soon);
	soon.tv_nsec += 5000000;
	if (soon.tv_nsec >= 1000000000) {
		soon.tv_sec++;
		soon.tv_nsec -= 1000000000;
	}
	ct_base->sem_timedwait(sem, &soon);
	return 0;
}
CT_MUTANT(sem_wait_gives_up, .breaks = "SEM-041 SEM-057 SEM-059 SEM-095",
	  .text = "sem_wait has a hidden limit", .os.sem_wait = gives_up);

static int try_takes_two(sem_t *sem)
{
	int result = ct_base->sem_trywait(sem);

	if (result == 0)
		ct_base->sem_trywait(sem);
	return result;
}
CT_MUTANT(sem_trywait_takes_two, .breaks = "SEM-042",
	  .text = "sem_trywait takes two where it can",
	  .os.sem_trywait = try_takes_two);

static int try_keeps_last(sem_t *sem)
{
	int value;

	if (ct_base->sem_getvalue(sem, &value) == 0 && value < 2)
		return fails(EAGAIN);
	return ct_base->sem_trywait(sem);
}
CT_MUTANT(sem_trywait_keeps_last, .breaks = "SEM-042",
	  .text = "sem_trywait leaves the last one",
	  .os.sem_trywait = try_keeps_last, .os.sem_timedwait = NULL);

static int try_etimedout(sem_t *sem)
{
	int result = ct_base->sem_trywait(sem);

	return result != 0 && errno == EAGAIN ? fails(ETIMEDOUT) : result;
}
CT_MUTANT(sem_trywait_etimedout, .breaks = "SEM-043",
	  .text = "sem_trywait at zero is ETIMEDOUT",
	  .os.sem_trywait = try_etimedout);

static int try_succeeds(sem_t *sem)
{
	ct_base->sem_trywait(sem);
	return 0;
}
CT_MUTANT(sem_trywait_succeeds, .breaks = "SEM-043 SEM-073",
	  .text = "sem_trywait at zero succeeds",
	  .os.sem_trywait = try_succeeds);

static int try_owes(sem_t *sem)
{
	int result = ct_base->sem_trywait(sem);

	if (result != 0)
		ct_base->sem_post(sem);
	return result != 0 ? fails(EAGAIN) : result;
}
CT_MUTANT(sem_trywait_failure_posts, .breaks = "SEM-043",
	  .text = "a sem_trywait that fails adds one",
	  .os.sem_trywait = try_owes);

static int try_not_atomic(sem_t *sem)
{
	int value, i;

	if (ct_base->sem_getvalue(sem, &value) != 0 || value <= 0)
		return fails(EAGAIN);
	for (i = 0; i < 10; i++)
		sched_yield();
	ct_base->sem_trywait(sem);
	return 0;
}
CT_MUTANT(sem_trywait_not_atomic, .breaks = "SEM-109",
	  .text = "sem_trywait looks first and takes later",
	  .os.sem_trywait = try_not_atomic);

/* What a process holds is given back at its end, as SEM_UNDO does. */
static sem_t *taken_from;
static pid_t taken_by;

static void undo(void)
{
	if (taken_from != NULL && taken_by == getpid())
		ct_base->sem_post(taken_from);
}

static int close_undoes(sem_t *sem)
{
	undo();
	taken_from = NULL;
	return ct_base->sem_close(sem);
}

static int wait_with_undo(sem_t *sem)
{
	taken_from = sem;
	taken_by = getpid();
	return ct_base->sem_wait(sem);
}
CT_MUTANT(sem_close_undoes, .breaks = "SEM-087",
	  .text = "what a process took is given back when it closes",
	  .os.sem_wait = wait_with_undo, .os.sem_close = close_undoes);

/* Waiters stand in a queue, from which only they themselves go. */
static pid_t *queue;

static void share_queue(void)
{
	queue = ct_mutant_shared(sizeof(*queue) * 64);
}

static int queued_wait(sem_t *sem)
{
	int result, i;
	pid_t none;

	for (i = 0; i < 64; i++) {
		none = 0;
		if (__atomic_compare_exchange_n(&queue[i], &none, getpid(),
						false, __ATOMIC_SEQ_CST,
						__ATOMIC_SEQ_CST))
			break;
	}
	result = ct_base->sem_wait(sem);
	if (i < 64)
		__atomic_store_n(&queue[i], 0, __ATOMIC_SEQ_CST);
	return result;
}

static int post_to_dead(sem_t *sem)
{
	int i;

	for (i = 0; i < 64; i++)
		if (queue[i] != 0 && kill(queue[i], 0) != 0) {
			queue[i] = 0;
			return 0;
		}
	return ct_base->sem_post(sem);
}
CT_MUTANT(sem_wait_killed_in_queue, .breaks = "SEM-072",
	  .text = "a waiter that was killed still gets a post",
	  .init = share_queue, .os.sem_wait = queued_wait,
	  .os.sem_post = post_to_dead);
