/* SPDX-License-Identifier: BSD-3-Clause */
/* Bugs that show at work, and in limits. */
#include "mutant.h"

#include <errno.h>

static int leaky_wait(sem_t *sem)
{
	static unsigned n;

	/* Once in a while two are let through. */
	if (++n % 40 == 0)
		ct_base->sem_post(sem);
	return ct_base->sem_wait(sem);
}
CT_MUTANT(sem_wait_lets_two, .breaks = "SEM-076",
	  .text = "once in a while a wait lets a second one through",
	  .os.sem_wait = leaky_wait);

static int post_seldom_lost(sem_t *sem)
{
	static unsigned n;

	return ++n % 100 == 0 ? 0 : ct_base->sem_post(sem);
}
CT_MUTANT(sem_post_seldom_lost, .breaks = "SEM-076 SEM-077 SEM-115",
	  .text = "one post in a hundred is lost",
	  .os.sem_post = post_seldom_lost);

static int wait_ahead(sem_t *sem)
{
	static unsigned n;

	return ++n % 50 == 0 ? ct_base->sem_trywait(sem) * 0
			     : ct_base->sem_wait(sem);
}
CT_MUTANT(sem_wait_ahead, .breaks = "SEM-115",
	  .text = "one wait in fifty does not wait", .os.sem_wait = wait_ahead);

static long limits_zero(int name)
{
	return name == _SC_SEM_VALUE_MAX ? 255 : ct_base->sysconf(name);
}
CT_MUTANT(sysconf_sem_value_255, .breaks = "SEM-106",
	  .text = "sysconf says that the largest value is 255",
	  .os.sysconf = limits_zero);

static long nsems_small(int name)
{
	return name == _SC_SEM_NSEMS_MAX ? 32 : ct_base->sysconf(name);
}
CT_MUTANT(sysconf_sem_nsems_32, .breaks = "SEM-107",
	  .text = "sysconf says that there are 32 semaphores",
	  .os.sysconf = nsems_small);

static long no_option(int name)
{
	return name == _SC_SEMAPHORES ? -1 : ct_base->sysconf(name);
}
CT_MUTANT(sysconf_no_semaphores, .breaks = "SEM-107 SEM-128",
	  .text = "sysconf denies semaphores", .os.sysconf = no_option);

static long no_timeouts(int name)
{
	return name == _SC_TIMEOUTS ? 0 : ct_base->sysconf(name);
}
CT_MUTANT(sysconf_no_timeouts, .breaks = "SEM-128",
	  .text = "sysconf denies time-outs", .os.sysconf = no_timeouts);

/* A table of 200 that is never given back to. */
static int *slots;

static void share_slots(void)
{
	slots = ct_mutant_shared(sizeof(*slots));
}

static sem_t *open_slot(const char *name, int flags, mode_t mode,
			unsigned value)
{
	if ((flags & O_CREAT) &&
	    __atomic_add_fetch(slots, 1, __ATOMIC_SEQ_CST) > 200) {
		errno = ENOSPC;
		return SEM_FAILED;
	}
	return ct_base->sem_open(name, flags, mode, value);
}
CT_MUTANT(sem_unlinked_kept, .breaks = "SEM-100 SEM-129",
	  .text = "semaphores that are unlinked and closed stay in the table",
	  .init = share_slots, .os.sem_open = open_slot);
