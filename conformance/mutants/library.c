/* SPDX-License-Identifier: BSD-3-Clause */
/* Bugs of a system through which the library cannot keep what it promises. */
#include "mutant.h"

#include <errno.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>

static int fails(int error)
{
	errno = error;
	return -1;
}

/* A case's own process leads its group; its peers, and its probes, do not. */
static bool in_child(void)
{
	return getpid() != getpgrp();
}

static sem_t *zero_is_one(const char *name, int flags, mode_t mode,
			  unsigned value)
{
	return ct_base->sem_open(name, flags, mode, value == 0 ? 1 : value);
}

CT_MUTANT(sem_open_zero_is_one, .breaks = "SEM-003 SEM-015",
	  .text = "no semaphore begins at 0", .os.sem_open = zero_is_one);

/* Random names differ after what all of them have in common. */
static const char *begun(const char *name)
{
	static _Thread_local char text[8];

	snprintf(text, sizeof(text), "%.2s", name);
	return text;
}

static sem_t *sem_begun(const char *name, int flags, mode_t mode,
			unsigned value)
{
	return ct_base->sem_open(begun(name), flags & ~O_EXCL, mode, value);
}

static int shm_begun(const char *name, int flags, mode_t mode)
{
	return ct_base->shm_open(begun(name), flags & ~O_EXCL, mode);
}

static mqd_t mq_begun(const char *name, int flags, mode_t mode,
		      struct mq_attr *attr)
{
	return ct_base->mq_open(begun(name), flags & ~O_EXCL, mode, attr);
}

CT_MUTANT(names_begin_alike, .breaks = "SEM-035 SEM-038 SHM-036 SHM-039 MQ-152",
	  .text = "names that begin alike are one, created or opened",
	  .os = {.sem_open = sem_begun,
		 .shm_open = shm_begun,
		 .mq_open = mq_begun});

static int trywait_edeadlk(sem_t *sem)
{
	int result = ct_base->sem_trywait(sem);

	return result != 0 && errno == EAGAIN ? fails(EDEADLK) : result;
}

CT_MUTANT(sem_trywait_edeadlk, .breaks = "SEM-043 SEM-044",
	  .text = "at 0 sem_trywait sees a deadlock",
	  .os.sem_trywait = trywait_edeadlk);

static int timedwait_not_in_child(sem_t *sem, const struct timespec *end)
{
	return in_child() ? fails(ENOSYS) : ct_base->sem_timedwait(sem, end);
}

CT_MUTANT(sem_timedwait_not_in_child, .breaks = "SEM-060",
	  .text = "sem_timedwait is absent from forked children",
	  .os.sem_timedwait = timedwait_not_in_child);

static int getvalue_not_in_child(sem_t *sem, int *value)
{
	return in_child() ? fails(ENOSYS) : ct_base->sem_getvalue(sem, value);
}

CT_MUTANT(sem_getvalue_not_in_child, .breaks = "SEM-061",
	  .text = "sem_getvalue is absent from forked children",
	  .os.sem_getvalue = getvalue_not_in_child);

/*
 * As with a module that is loaded on demand, after the answer.  A case is a
 * process group, and so is a child of the probe.
 */
static pid_t *asked;

static void nobody_asked(void)
{
	asked = ct_mutant_shared(sizeof(*asked));
}

static mqd_t not_the_first(const char *name, int flags, mode_t mode,
			   struct mq_attr *attr)
{
	if (__atomic_exchange_n(asked, getpgrp(), __ATOMIC_SEQ_CST) ==
	    getpgrp())
		return ct_base->mq_open(name, flags, mode, attr);
	errno = ENOSYS;
	return PIPC__BAD_MQD;
}

CT_MUTANT(mq_open_not_the_first, .breaks = "GEN-024 MQ-155",
	  .text =
	      "the first queue of a group of processes is ENOSYS, the next is "
	      "made",
	  .init = nobody_asked, .os.mq_open = not_the_first);

static mqd_t smaller_in_child(const char *name, int flags, mode_t mode,
			      struct mq_attr *attr)
{
	struct mq_attr small = {.mq_maxmsg = 1, .mq_msgsize = 16};

	if ((flags & O_CREAT) && attr == NULL && in_child())
		attr = &small;
	return ct_base->mq_open(name, flags, mode, attr);
}

CT_MUTANT(mq_default_differs, .breaks = "MQ-153",
	  .text = "the default size is another one for the next process",
	  .os.mq_open = smaller_in_child);

static mqd_t denied_erofs(const char *name, int flags, mode_t mode,
			  struct mq_attr *attr)
{
	mqd_t mqd;

	if ((flags & O_CREAT) == 0 || geteuid() == 0)
		return ct_base->mq_open(name, flags, mode, attr);
	mqd = ct_base->mq_open(name, flags & ~(O_CREAT | O_EXCL), mode, attr);
	if (mqd == PIPC__BAD_MQD && errno == ENOENT)
		errno = EROFS;
	return mqd;
}

CT_MUTANT(mq_create_denied_erofs, .breaks = "MQ-025",
	  .text = "creation that is denied is not EACCES",
	  .os.mq_open = denied_erofs);

/* Who has taken it once is let through. */
static bool took;

static int wait_remembered(sem_t *sem)
{
	int result = ct_base->sem_wait(sem);

	took = took || result == 0;
	return result;
}

static int again_let_through(sem_t *sem, const struct timespec *end)
{
	int result = ct_base->sem_timedwait(sem, end);

	return took && result != 0 && errno == ETIMEDOUT ? 0 : result;
}

CT_MUTANT(sem_timedwait_recursive, .breaks = "SEM-078",
	  .text = "a process that took a semaphore may take it again",
	  .os.sem_wait = wait_remembered,
	  .os.sem_timedwait = again_let_through);

static int in_order_of_arrival(sem_t *sem)
{
	static const struct sched_param none = {0};

	sched_setscheduler(0, SCHED_OTHER, &none);
	return ct_base->sem_wait(sem);
}

CT_MUTANT(sem_waiters_by_arrival, .breaks = "SEM-074",
	  .text = "waiters are woken by arrival, whatever their priority",
	  .os.sem_wait = in_order_of_arrival);

static long claims_2024(int name)
{
	return name == _SC_VERSION ? 202405L : ct_base->sysconf(name);
}

static int overflow_einval(sem_t *sem)
{
	int result = ct_base->sem_post(sem);

	return result != 0 && errno == EOVERFLOW ? fails(EINVAL) : result;
}

CT_MUTANT(sem_post_overflow_einval, .breaks = "SEM-123",
	  .text = "a system of POSIX.1-2024 says EINVAL for an overflow",
	  .os.sysconf = claims_2024, .os.sem_post = overflow_einval);

static int overflow_fine(sem_t *sem)
{
	int result = ct_base->sem_post(sem);

	return result != 0 && errno == EOVERFLOW ? 0 : result;
}

CT_MUTANT(sem_post_overflow_fine, .breaks = "SEM-123",
	  .text = "a system of POSIX.1-2024 takes a post beyond the largest",
	  .os.sysconf = claims_2024, .os.sem_post = overflow_fine);
