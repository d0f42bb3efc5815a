/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Systems that have a capability, but wrong.  Each call in turn is refused with
 * an errno that nothing explains, kills its caller, hangs, works for root only,
 * or works only the first time; the data are wrong at the end of the file.
 */
#include "mutant.h"

#include <errno.h>
#include <poll.h>
#include <string.h>

/* A call that fails where the condition holds, and its mutant's members. */
#define FAILS_IF(id, call, bad, returns, condition, error, params, args)       \
	static returns id params                                               \
	{                                                                      \
		if (condition) {                                               \
			errno = error;                                         \
			return bad;                                            \
		}                                                              \
		return ct_base->call args;                                     \
	}
#define WRONG(id, call, words)                                                 \
	.breaks = "GEN-024", .text = #call "() " words, .os.call = id

static bool always(void)
{
	return true;
}

static bool dies(void)
{
	raise(SIGSEGV);
	return false;
}

static bool hangs(void)
{
	for (;;)
		poll(NULL, 0, -1);
	return false;
}

/* Counted in each process. */
static bool again(unsigned *times)
{
	return (*times)++ > 0;
}

static bool for_ordinary_users(void)
{
	return geteuid() != 0;
}

/* sem */

FAILS_IF(sem_eperm, sem_open, SEM_FAILED, sem_t *, always(), EPERM,
	 (const char *name, int flags, mode_t mode, unsigned value),
	 (name, flags, mode, value))
CT_MUTANT(capability_sem_eperm, WRONG(sem_eperm, sem_open, "fails: EPERM"));
FAILS_IF(sem_eio, sem_open, SEM_FAILED, sem_t *, always(), EIO,
	 (const char *name, int flags, mode_t mode, unsigned value),
	 (name, flags, mode, value))
CT_MUTANT(capability_sem_eio, WRONG(sem_eio, sem_open, "fails: EIO"));
FAILS_IF(sem_emfile, sem_open, SEM_FAILED, sem_t *, always(), EMFILE,
	 (const char *name, int flags, mode_t mode, unsigned value),
	 (name, flags, mode, value))
CT_MUTANT(capability_sem_emfile, WRONG(sem_emfile, sem_open, "fails: EMFILE"));
FAILS_IF(sem_enosys, sem_open, SEM_FAILED, sem_t *, always(), ENOSYS,
	 (const char *name, int flags, mode_t mode, unsigned value),
	 (name, flags, mode, value))
CT_MUTANT(capability_sem_enosys, WRONG(sem_enosys, sem_open, "fails: ENOSYS"));
FAILS_IF(sem_enoent, sem_open, SEM_FAILED, sem_t *, always(), ENOENT,
	 (const char *name, int flags, mode_t mode, unsigned value),
	 (name, flags, mode, value))
CT_MUTANT(capability_sem_enoent, WRONG(sem_enoent, sem_open, "fails: ENOENT"));
FAILS_IF(sem_dies, sem_open, SEM_FAILED, sem_t *, dies(), EIO,
	 (const char *name, int flags, mode_t mode, unsigned value),
	 (name, flags, mode, value))
CT_MUTANT(capability_sem_dies, WRONG(sem_dies, sem_open, "kills its caller"));
FAILS_IF(sem_hangs, sem_open, SEM_FAILED, sem_t *, hangs(), EIO,
	 (const char *name, int flags, mode_t mode, unsigned value),
	 (name, flags, mode, value))
CT_MUTANT(capability_sem_hangs, WRONG(sem_hangs, sem_open, "does not return"));
FAILS_IF(sem_for_root, sem_open, SEM_FAILED, sem_t *, for_ordinary_users(),
	 EACCES, (const char *name, int flags, mode_t mode, unsigned value),
	 (name, flags, mode, value))
CT_MUTANT(capability_sem_for_root,
	  WRONG(sem_for_root, sem_open, "works for root only"));
static unsigned sem_times;
FAILS_IF(sem_once, sem_open, SEM_FAILED, sem_t *, again(&sem_times), EMFILE,
	 (const char *name, int flags, mode_t mode, unsigned value),
	 (name, flags, mode, value))
CT_MUTANT(capability_sem_once,
	  WRONG(sem_once, sem_open, "works only once in a process"));

/* sem_timedwait */

FAILS_IF(sem_timedwait_eagain, sem_timedwait, -1, int, always(), EAGAIN,
	 (sem_t * sem, const struct timespec *deadline), (sem, deadline))
CT_MUTANT(capability_sem_timedwait_eagain,
	  WRONG(sem_timedwait_eagain, sem_timedwait, "fails: EAGAIN"));
FAILS_IF(sem_timedwait_einval, sem_timedwait, -1, int, always(), EINVAL,
	 (sem_t * sem, const struct timespec *deadline), (sem, deadline))
CT_MUTANT(capability_sem_timedwait_einval,
	  WRONG(sem_timedwait_einval, sem_timedwait, "fails: EINVAL"));
FAILS_IF(sem_timedwait_enosys, sem_timedwait, -1, int, always(), ENOSYS,
	 (sem_t * sem, const struct timespec *deadline), (sem, deadline))
CT_MUTANT(capability_sem_timedwait_enosys,
	  WRONG(sem_timedwait_enosys, sem_timedwait, "fails: ENOSYS"));
FAILS_IF(sem_timedwait_eperm, sem_timedwait, -1, int, always(), EPERM,
	 (sem_t * sem, const struct timespec *deadline), (sem, deadline))
CT_MUTANT(capability_sem_timedwait_eperm,
	  WRONG(sem_timedwait_eperm, sem_timedwait, "fails: EPERM"));
FAILS_IF(sem_timedwait_dies, sem_timedwait, -1, int, dies(), EIO,
	 (sem_t * sem, const struct timespec *deadline), (sem, deadline))
CT_MUTANT(capability_sem_timedwait_dies,
	  WRONG(sem_timedwait_dies, sem_timedwait, "kills its caller"));
FAILS_IF(sem_timedwait_hangs, sem_timedwait, -1, int, hangs(), EIO,
	 (sem_t * sem, const struct timespec *deadline), (sem, deadline))
CT_MUTANT(capability_sem_timedwait_hangs,
	  WRONG(sem_timedwait_hangs, sem_timedwait, "does not return"));
FAILS_IF(sem_timedwait_for_root, sem_timedwait, -1, int, for_ordinary_users(),
	 EPERM, (sem_t * sem, const struct timespec *deadline), (sem, deadline))
CT_MUTANT(capability_sem_timedwait_for_root,
	  WRONG(sem_timedwait_for_root, sem_timedwait, "works for root only"));
static unsigned sem_timedwait_times;
FAILS_IF(sem_timedwait_once, sem_timedwait, -1, int,
	 again(&sem_timedwait_times), EPERM,
	 (sem_t * sem, const struct timespec *deadline), (sem, deadline))
CT_MUTANT(capability_sem_timedwait_once,
	  WRONG(sem_timedwait_once, sem_timedwait,
		"works only once in a process"));

/* sem_clockwait */

FAILS_IF(sem_clockwait_eagain, sem_clockwait, -1, int, always(), EAGAIN,
	 (sem_t * sem, clockid_t clock, const struct timespec *deadline),
	 (sem, clock, deadline))
CT_MUTANT(capability_sem_clockwait_eagain,
	  WRONG(sem_clockwait_eagain, sem_clockwait, "fails: EAGAIN"));
FAILS_IF(sem_clockwait_enosys, sem_clockwait, -1, int, always(), ENOSYS,
	 (sem_t * sem, clockid_t clock, const struct timespec *deadline),
	 (sem, clock, deadline))
CT_MUTANT(capability_sem_clockwait_enosys,
	  WRONG(sem_clockwait_enosys, sem_clockwait, "fails: ENOSYS"));
FAILS_IF(sem_clockwait_dies, sem_clockwait, -1, int, dies(), EIO,
	 (sem_t * sem, clockid_t clock, const struct timespec *deadline),
	 (sem, clock, deadline))
CT_MUTANT(capability_sem_clockwait_dies,
	  WRONG(sem_clockwait_dies, sem_clockwait, "kills its caller"));
FAILS_IF(sem_clockwait_hangs, sem_clockwait, -1, int, hangs(), EIO,
	 (sem_t * sem, clockid_t clock, const struct timespec *deadline),
	 (sem, clock, deadline))
CT_MUTANT(capability_sem_clockwait_hangs,
	  WRONG(sem_clockwait_hangs, sem_clockwait, "does not return"));
FAILS_IF(sem_clockwait_for_root, sem_clockwait, -1, int, for_ordinary_users(),
	 EPERM, (sem_t * sem, clockid_t clock, const struct timespec *deadline),
	 (sem, clock, deadline))
CT_MUTANT(capability_sem_clockwait_for_root,
	  WRONG(sem_clockwait_for_root, sem_clockwait, "works for root only"));
static unsigned sem_clockwait_times;
FAILS_IF(sem_clockwait_once, sem_clockwait, -1, int,
	 again(&sem_clockwait_times), EPERM,
	 (sem_t * sem, clockid_t clock, const struct timespec *deadline),
	 (sem, clock, deadline))
CT_MUTANT(capability_sem_clockwait_once,
	  WRONG(sem_clockwait_once, sem_clockwait,
		"works only once in a process"));

/* sem_getvalue */

FAILS_IF(sem_getvalue_einval, sem_getvalue, -1, int, always(), EINVAL,
	 (sem_t * sem, int *value), (sem, value))
CT_MUTANT(capability_sem_getvalue_einval,
	  WRONG(sem_getvalue_einval, sem_getvalue, "fails: EINVAL"));
FAILS_IF(sem_getvalue_enosys, sem_getvalue, -1, int, always(), ENOSYS,
	 (sem_t * sem, int *value), (sem, value))
CT_MUTANT(capability_sem_getvalue_enosys,
	  WRONG(sem_getvalue_enosys, sem_getvalue, "fails: ENOSYS"));
FAILS_IF(sem_getvalue_dies, sem_getvalue, -1, int, dies(), EIO,
	 (sem_t * sem, int *value), (sem, value))
CT_MUTANT(capability_sem_getvalue_dies,
	  WRONG(sem_getvalue_dies, sem_getvalue, "kills its caller"));
FAILS_IF(sem_getvalue_hangs, sem_getvalue, -1, int, hangs(), EIO,
	 (sem_t * sem, int *value), (sem, value))
CT_MUTANT(capability_sem_getvalue_hangs,
	  WRONG(sem_getvalue_hangs, sem_getvalue, "does not return"));
FAILS_IF(sem_getvalue_for_root, sem_getvalue, -1, int, for_ordinary_users(),
	 EPERM, (sem_t * sem, int *value), (sem, value))
CT_MUTANT(capability_sem_getvalue_for_root,
	  WRONG(sem_getvalue_for_root, sem_getvalue, "works for root only"));
static unsigned sem_getvalue_times;
FAILS_IF(sem_getvalue_once, sem_getvalue, -1, int, again(&sem_getvalue_times),
	 EPERM, (sem_t * sem, int *value), (sem, value))
CT_MUTANT(capability_sem_getvalue_once, WRONG(sem_getvalue_once, sem_getvalue,
					      "works only once in a process"));

/* sem_init */

FAILS_IF(sem_init_enospc, sem_init, -1, int, always(), ENOSPC,
	 (sem_t * sem, int pshared, unsigned value), (sem, pshared, value))
CT_MUTANT(capability_sem_init_enospc,
	  WRONG(sem_init_enospc, sem_init, "fails: ENOSPC"));
FAILS_IF(sem_init_eperm, sem_init, -1, int, always(), EPERM,
	 (sem_t * sem, int pshared, unsigned value), (sem, pshared, value))
CT_MUTANT(capability_sem_init_eperm,
	  WRONG(sem_init_eperm, sem_init, "fails: EPERM"));
FAILS_IF(sem_init_enosys, sem_init, -1, int, always(), ENOSYS,
	 (sem_t * sem, int pshared, unsigned value), (sem, pshared, value))
CT_MUTANT(capability_sem_init_enosys,
	  WRONG(sem_init_enosys, sem_init, "fails: ENOSYS"));
FAILS_IF(sem_init_dies, sem_init, -1, int, dies(), EIO,
	 (sem_t * sem, int pshared, unsigned value), (sem, pshared, value))
CT_MUTANT(capability_sem_init_dies,
	  WRONG(sem_init_dies, sem_init, "kills its caller"));
FAILS_IF(sem_init_hangs, sem_init, -1, int, hangs(), EIO,
	 (sem_t * sem, int pshared, unsigned value), (sem, pshared, value))
CT_MUTANT(capability_sem_init_hangs,
	  WRONG(sem_init_hangs, sem_init, "does not return"));
FAILS_IF(sem_init_for_root, sem_init, -1, int, for_ordinary_users(), EPERM,
	 (sem_t * sem, int pshared, unsigned value), (sem, pshared, value))
CT_MUTANT(capability_sem_init_for_root,
	  WRONG(sem_init_for_root, sem_init, "works for root only"));
static unsigned sem_init_times;
FAILS_IF(sem_init_once, sem_init, -1, int, again(&sem_init_times), ENOSPC,
	 (sem_t * sem, int pshared, unsigned value), (sem, pshared, value))
CT_MUTANT(capability_sem_init_once,
	  WRONG(sem_init_once, sem_init, "works only once in a process"));

/* shm */

FAILS_IF(shm_eacces, shm_open, -1, int, always(), EACCES,
	 (const char *name, int flags, mode_t mode), (name, flags, mode))
CT_MUTANT(capability_shm_eacces, WRONG(shm_eacces, shm_open, "fails: EACCES"));
FAILS_IF(shm_enospc, shm_open, -1, int, always(), ENOSPC,
	 (const char *name, int flags, mode_t mode), (name, flags, mode))
CT_MUTANT(capability_shm_enospc, WRONG(shm_enospc, shm_open, "fails: ENOSPC"));
FAILS_IF(shm_erofs, shm_open, -1, int, always(), EROFS,
	 (const char *name, int flags, mode_t mode), (name, flags, mode))
CT_MUTANT(capability_shm_erofs, WRONG(shm_erofs, shm_open, "fails: EROFS"));
FAILS_IF(shm_emfile, shm_open, -1, int, always(), EMFILE,
	 (const char *name, int flags, mode_t mode), (name, flags, mode))
CT_MUTANT(capability_shm_emfile, WRONG(shm_emfile, shm_open, "fails: EMFILE"));
FAILS_IF(shm_enosys, shm_open, -1, int, always(), ENOSYS,
	 (const char *name, int flags, mode_t mode), (name, flags, mode))
CT_MUTANT(capability_shm_enosys, WRONG(shm_enosys, shm_open, "fails: ENOSYS"));
FAILS_IF(shm_einval, shm_open, -1, int, always(), EINVAL,
	 (const char *name, int flags, mode_t mode), (name, flags, mode))
CT_MUTANT(capability_shm_einval, WRONG(shm_einval, shm_open, "fails: EINVAL"));
FAILS_IF(shm_dies, shm_open, -1, int, dies(), EIO,
	 (const char *name, int flags, mode_t mode), (name, flags, mode))
CT_MUTANT(capability_shm_dies, WRONG(shm_dies, shm_open, "kills its caller"));
FAILS_IF(shm_hangs, shm_open, -1, int, hangs(), EIO,
	 (const char *name, int flags, mode_t mode), (name, flags, mode))
CT_MUTANT(capability_shm_hangs, WRONG(shm_hangs, shm_open, "does not return"));
FAILS_IF(shm_for_root, shm_open, -1, int, for_ordinary_users(), EACCES,
	 (const char *name, int flags, mode_t mode), (name, flags, mode))
CT_MUTANT(capability_shm_for_root,
	  WRONG(shm_for_root, shm_open, "works for root only"));
static unsigned shm_times;
FAILS_IF(shm_once, shm_open, -1, int, again(&shm_times), EMFILE,
	 (const char *name, int flags, mode_t mode), (name, flags, mode))
CT_MUTANT(capability_shm_once,
	  WRONG(shm_once, shm_open, "works only once in a process"));

/* mq */

FAILS_IF(mq_emfile, mq_open, PIPC__BAD_MQD, mqd_t, always(), EMFILE,
	 (const char *name, int flags, mode_t mode, struct mq_attr *attr),
	 (name, flags, mode, attr))
CT_MUTANT(capability_mq_emfile, WRONG(mq_emfile, mq_open, "fails: EMFILE"));
FAILS_IF(mq_enospc, mq_open, PIPC__BAD_MQD, mqd_t, always(), ENOSPC,
	 (const char *name, int flags, mode_t mode, struct mq_attr *attr),
	 (name, flags, mode, attr))
CT_MUTANT(capability_mq_enospc, WRONG(mq_enospc, mq_open, "fails: ENOSPC"));
FAILS_IF(mq_eacces, mq_open, PIPC__BAD_MQD, mqd_t, always(), EACCES,
	 (const char *name, int flags, mode_t mode, struct mq_attr *attr),
	 (name, flags, mode, attr))
CT_MUTANT(capability_mq_eacces, WRONG(mq_eacces, mq_open, "fails: EACCES"));
FAILS_IF(mq_eperm, mq_open, PIPC__BAD_MQD, mqd_t, always(), EPERM,
	 (const char *name, int flags, mode_t mode, struct mq_attr *attr),
	 (name, flags, mode, attr))
CT_MUTANT(capability_mq_eperm, WRONG(mq_eperm, mq_open, "fails: EPERM"));
FAILS_IF(mq_enomem, mq_open, PIPC__BAD_MQD, mqd_t, always(), ENOMEM,
	 (const char *name, int flags, mode_t mode, struct mq_attr *attr),
	 (name, flags, mode, attr))
CT_MUTANT(capability_mq_enomem, WRONG(mq_enomem, mq_open, "fails: ENOMEM"));
FAILS_IF(mq_enosys, mq_open, PIPC__BAD_MQD, mqd_t, always(), ENOSYS,
	 (const char *name, int flags, mode_t mode, struct mq_attr *attr),
	 (name, flags, mode, attr))
CT_MUTANT(capability_mq_enosys, WRONG(mq_enosys, mq_open, "fails: ENOSYS"));
FAILS_IF(mq_einval, mq_open, PIPC__BAD_MQD, mqd_t, always(), EINVAL,
	 (const char *name, int flags, mode_t mode, struct mq_attr *attr),
	 (name, flags, mode, attr))
CT_MUTANT(capability_mq_einval, WRONG(mq_einval, mq_open, "fails: EINVAL"));
FAILS_IF(mq_dies, mq_open, PIPC__BAD_MQD, mqd_t, dies(), EIO,
	 (const char *name, int flags, mode_t mode, struct mq_attr *attr),
	 (name, flags, mode, attr))
CT_MUTANT(capability_mq_dies, WRONG(mq_dies, mq_open, "kills its caller"));
FAILS_IF(mq_hangs, mq_open, PIPC__BAD_MQD, mqd_t, hangs(), EIO,
	 (const char *name, int flags, mode_t mode, struct mq_attr *attr),
	 (name, flags, mode, attr))
CT_MUTANT(capability_mq_hangs, WRONG(mq_hangs, mq_open, "does not return"));
FAILS_IF(mq_for_root, mq_open, PIPC__BAD_MQD, mqd_t, for_ordinary_users(),
	 EACCES,
	 (const char *name, int flags, mode_t mode, struct mq_attr *attr),
	 (name, flags, mode, attr))
CT_MUTANT(capability_mq_for_root,
	  WRONG(mq_for_root, mq_open, "works for root only"));
static unsigned mq_times;
FAILS_IF(mq_once, mq_open, PIPC__BAD_MQD, mqd_t, again(&mq_times), EMFILE,
	 (const char *name, int flags, mode_t mode, struct mq_attr *attr),
	 (name, flags, mode, attr))
CT_MUTANT(capability_mq_once,
	  WRONG(mq_once, mq_open, "works only once in a process"));

/* mq_notify */

FAILS_IF(mq_notify_ebadf, mq_notify, -1, int, always(), EBADF,
	 (mqd_t mqd, const struct sigevent *event), (mqd, event))
CT_MUTANT(capability_mq_notify_ebadf,
	  WRONG(mq_notify_ebadf, mq_notify, "fails: EBADF"));
FAILS_IF(mq_notify_ebusy, mq_notify, -1, int, always(), EBUSY,
	 (mqd_t mqd, const struct sigevent *event), (mqd, event))
CT_MUTANT(capability_mq_notify_ebusy,
	  WRONG(mq_notify_ebusy, mq_notify, "fails: EBUSY"));
FAILS_IF(mq_notify_eperm, mq_notify, -1, int, always(), EPERM,
	 (mqd_t mqd, const struct sigevent *event), (mqd, event))
CT_MUTANT(capability_mq_notify_eperm,
	  WRONG(mq_notify_eperm, mq_notify, "fails: EPERM"));
FAILS_IF(mq_notify_enosys, mq_notify, -1, int, always(), ENOSYS,
	 (mqd_t mqd, const struct sigevent *event), (mqd, event))
CT_MUTANT(capability_mq_notify_enosys,
	  WRONG(mq_notify_enosys, mq_notify, "fails: ENOSYS"));
FAILS_IF(mq_notify_dies, mq_notify, -1, int, dies(), EIO,
	 (mqd_t mqd, const struct sigevent *event), (mqd, event))
CT_MUTANT(capability_mq_notify_dies,
	  WRONG(mq_notify_dies, mq_notify, "kills its caller"));
FAILS_IF(mq_notify_hangs, mq_notify, -1, int, hangs(), EIO,
	 (mqd_t mqd, const struct sigevent *event), (mqd, event))
CT_MUTANT(capability_mq_notify_hangs,
	  WRONG(mq_notify_hangs, mq_notify, "does not return"));
FAILS_IF(mq_notify_for_root, mq_notify, -1, int, for_ordinary_users(), EPERM,
	 (mqd_t mqd, const struct sigevent *event), (mqd, event))
CT_MUTANT(capability_mq_notify_for_root,
	  WRONG(mq_notify_for_root, mq_notify, "works for root only"));
static unsigned mq_notify_times;
FAILS_IF(mq_notify_once, mq_notify, -1, int, again(&mq_notify_times), EPERM,
	 (mqd_t mqd, const struct sigevent *event), (mqd, event))
CT_MUTANT(capability_mq_notify_once,
	  WRONG(mq_notify_once, mq_notify, "works only once in a process"));

/* Wrong data. */

static int value_one_more(sem_t *sem, int *value)
{
	int result = ct_base->sem_getvalue(sem, value);

	*value += 1;
	return result;
}
CT_MUTANT(capability_sem_getvalue_one_more, .breaks = "GEN-024",
	  .text = "sem_getvalue() gives one more than the value",
	  .os.sem_getvalue = value_one_more);

static int posts_nothing(sem_t *sem)
{
	(void)sem;
	return 0;
}
CT_MUTANT(capability_sem_posts_nothing, .breaks = "GEN-024",
	  .text = "sem_post() does nothing", .os.sem_post = posts_nothing);

static int takes_nothing(sem_t *sem)
{
	(void)sem;
	return 0;
}
CT_MUTANT(capability_sem_takes_nothing, .breaks = "GEN-024",
	  .text = "sem_trywait() succeeds and takes nothing",
	  .os.sem_trywait = takes_nothing);

static int waits_not(sem_t *sem, const struct timespec *deadline)
{
	(void)sem;
	(void)deadline;
	return 0;
}
CT_MUTANT(capability_sem_timedwait_waits_not, .breaks = "GEN-024",
	  .text = "sem_timedwait() succeeds at once",
	  .os.sem_timedwait = waits_not);

static int waits_not_by_clock(sem_t *sem, clockid_t clock,
			      const struct timespec *deadline)
{
	(void)clock;
	return waits_not(sem, deadline);
}
CT_MUTANT(capability_sem_clockwait_waits_not, .breaks = "GEN-024",
	  .text = "sem_clockwait() succeeds at once",
	  .os.sem_clockwait = waits_not_by_clock);

static int begins_at_zero(sem_t *sem, int pshared, unsigned value)
{
	(void)value;
	return ct_base->sem_init(sem, pshared, 0);
}
CT_MUTANT(capability_sem_init_begins_at_zero, .breaks = "GEN-024",
	  .text = "sem_init() ignores the value",
	  .os.sem_init = begins_at_zero);

static void *maps_a_copy(void *addr, size_t len, int prot, int flags, int fd,
			 off_t offset)
{
	if (fd >= 0 && (flags & MAP_SHARED))
		flags = (flags & ~MAP_SHARED) | MAP_PRIVATE;
	return ct_base->mmap(addr, len, prot, flags, fd, offset);
}
CT_MUTANT(capability_shm_is_private, .breaks = "GEN-024",
	  .text = "mmap() gives each mapping a copy", .os.mmap = maps_a_copy);

static mqd_t ignores_attributes(const char *name, int flags, mode_t mode,
				struct mq_attr *attr)
{
	(void)attr;
	return ct_base->mq_open(name, flags, mode, NULL);
}
CT_MUTANT(capability_mq_ignores_attributes, .breaks = "GEN-024",
	  .text = "mq_open() ignores the attributes",
	  .os.mq_open = ignores_attributes);

static ssize_t receives_zeroes(mqd_t mqd, char *buf, size_t len, unsigned *prio)
{
	ssize_t n = ct_base->mq_receive(mqd, buf, len, prio);

	if (n > 0)
		memset(buf, 0, (size_t)n);
	return n;
}
CT_MUTANT(capability_mq_receives_zeroes, .breaks = "GEN-024",
	  .text = "mq_receive() gives zeroes",
	  .os.mq_receive = receives_zeroes);

static int drops_priority(mqd_t mqd, const char *msg, size_t len, unsigned prio)
{
	(void)prio;
	return ct_base->mq_send(mqd, msg, len, 0);
}
CT_MUTANT(capability_mq_drops_priority, .breaks = "GEN-024",
	  .text = "mq_send() sends all with priority 0",
	  .os.mq_send = drops_priority);

static int registers_nothing(mqd_t mqd, const struct sigevent *event)
{
	(void)mqd;
	(void)event;
	return 0;
}
CT_MUTANT(capability_mq_notify_registers_nothing, .breaks = "GEN-024",
	  .text = "mq_notify() succeeds and nothing is ever notified",
	  .os.mq_notify = registers_nothing);
