/* SPDX-License-Identifier: BSD-3-Clause */
/* Bugs that the general cases and the scenarios are there for. */
#include "mutant.h"

#include <errno.h>

static void *maps_privately(void *addr, size_t len, int prot, int flags, int fd,
			    off_t offset)
{
	if ((flags & MAP_SHARED) && fd >= 0)
		flags = (flags & ~MAP_SHARED) | MAP_PRIVATE;
	return ct_base->mmap(addr, len, prot, flags, fd, offset);
}

CT_MUTANT(gen_mmap_maps_privately, .breaks = "GEN-015",
	  .text = "a shared mapping is a private one",
	  .os.mmap = maps_privately);

static ssize_t receives_one_short(mqd_t mqd, char *buf, size_t len,
				  unsigned *prio)
{
	ssize_t n = ct_base->mq_receive(mqd, buf, len, prio);

	return n > 1 ? n - 1 : n;
}

CT_MUTANT(gen_mq_receive_one_short, .breaks = "GEN-016",
	  .text = "the last byte of a message is lost",
	  .os.mq_receive = receives_one_short);

static int notifies_once(mqd_t mqd, const struct sigevent *event)
{
	static int registered;

	if (event != NULL && registered++ > 0)
		return 0;
	return ct_base->mq_notify(mqd, event);
}

CT_MUTANT(gen_mq_notify_only_once, .breaks = "GEN-017",
	  .text = "a second request is accepted and forgotten",
	  .os.mq_notify = notifies_once);

static int lets_in(sem_t *sem)
{
	ct_base->sem_trywait(sem);
	return 0;
}

CT_MUTANT(gen_sem_wait_lets_everybody_in, .breaks = "GEN-018 SEM-105",
	  .text = "sem_wait does not wait", .os.sem_wait = lets_in);

static sem_t *says_einval(const char *name, int flags, mode_t mode,
			  unsigned value)
{
	sem_t *sem = ct_base->sem_open(name, flags, mode, value);

	if (sem == SEM_FAILED && errno == ENOENT)
		errno = EINVAL;
	return sem;
}

CT_MUTANT(gen_sem_open_absent_einval, .breaks = "GEN-003",
	  .text = "an absent name is an invalid argument",
	  .os.sem_open = says_einval);

static int wait_goes_on(sem_t *sem)
{
	int result;

	do
		result = ct_base->sem_wait(sem);
	while (result != 0 && errno == EINTR);
	return result;
}

CT_MUTANT(gen_sem_wait_restarts_always, .breaks = "GEN-003",
	  .text = "a signal does not end a wait", .os.sem_wait = wait_goes_on);

static sem_t *opens_unnamed(const char *name, int flags, mode_t mode,
			    unsigned value)
{
	sem_t *sem = ct_base->sem_open(name, flags, mode, value);

	if (sem != SEM_FAILED && (flags & O_EXCL))
		ct_base->sem_unlink(name);
	return sem;
}

CT_MUTANT(gen_sem_open_leaves_no_name, .breaks = "GEN-012",
	  .text = "a created semaphore has no name",
	  .os.sem_open = opens_unnamed);

static long says_zero(int name)
{
	return name == _SC_MESSAGE_PASSING ? 0 : ct_base->sysconf(name);
}

CT_MUTANT(gen_sysconf_option_zero, .breaks = "GEN-021",
	  .text = "sysconf gives 0 for an option", .os.sysconf = says_zero);
