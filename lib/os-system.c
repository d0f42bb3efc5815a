/* SPDX-License-Identifier: BSD-3-Clause */
/* The operating system's own calls, or ENOSYS for those it lacks. */
#include "os.h"

#include <errno.h>
#include <stdint.h>

/* The line for an absent function: its arguments are not looked at. */
#define ABSENT(type, name, args, failure)                                      \
	static type name args                                                  \
	{                                                                      \
		errno = ENOSYS;                                                \
		return failure;                                                \
	}

#pragma GCC diagnostic ignored "-Wunused-parameter"
/* Whoever deprecates a call may still have it: that is found by calling. */
#pragma GCC diagnostic ignored "-Wdeprecated-declarations"

#ifdef HAVE_SEM_OPEN
static sem_t *call_sem_open(const char *name, int flags, mode_t mode,
			    unsigned value)
{
	return sem_open(name, flags, mode, value);
}
#else
ABSENT(sem_t *, call_sem_open,
       (const char *name, int flags, mode_t mode, unsigned value), SEM_FAILED)
#endif

/* Not an alias: the type of its third argument may be "...". */
#ifdef HAVE_SHM_OPEN
static int call_shm_open(const char *name, int flags, mode_t mode)
{
	return shm_open(name, flags, mode);
}
#define call_shm_unlink shm_unlink
#else
ABSENT(int, call_shm_open, (const char *name, int flags, mode_t mode), -1)
ABSENT(int, call_shm_unlink, (const char *name), -1)
#endif

/* A queue that nobody can close again is none (dietlibc). */
#ifndef HAVE_MQ_CLOSE
#undef HAVE_MQ_OPEN
#endif

/* POSIX wants errno left alone here; the table wants one convention. */
static int call_posix_fallocate(int fd, off_t offset, off_t size)
{
#ifdef HAVE_POSIX_FALLOCATE
	int error = posix_fallocate(fd, offset, size);
#else
	int error = ENOSYS;
#endif
	if (error == 0)
		return 0;
	errno = error;
	return -1;
}

#ifdef HAVE_MQ_OPEN
static mqd_t call_mq_open(const char *name, int flags, mode_t mode,
			  struct mq_attr *attr)
{
	return mq_open(name, flags, mode, attr);
}
#else
ABSENT(mqd_t, call_mq_open,
       (const char *name, int flags, mode_t mode, struct mq_attr *attr),
       PIPC__BAD_MQD)
#endif

#ifdef HAVE_SEM_CLOSE
#define call_sem_close sem_close
#else
ABSENT(int, call_sem_close, (sem_t * sem), -1)
#endif

#ifdef HAVE_SEM_UNLINK
#define call_sem_unlink sem_unlink
#else
ABSENT(int, call_sem_unlink, (const char *name), -1)
#endif

#ifdef HAVE_SEM_POST
#define call_sem_post sem_post
#else
ABSENT(int, call_sem_post, (sem_t * sem), -1)
#endif

#ifdef HAVE_SEM_WAIT
#define call_sem_wait sem_wait
#else
ABSENT(int, call_sem_wait, (sem_t * sem), -1)
#endif

#ifdef HAVE_SEM_TRYWAIT
#define call_sem_trywait sem_trywait
#else
ABSENT(int, call_sem_trywait, (sem_t * sem), -1)
#endif

#ifdef HAVE_SEM_TIMEDWAIT
#define call_sem_timedwait sem_timedwait
#else
ABSENT(int, call_sem_timedwait, (sem_t * sem, const struct timespec *deadline),
       -1)
#endif

#ifdef HAVE_SEM_CLOCKWAIT
#define call_sem_clockwait sem_clockwait
#else
ABSENT(int, call_sem_clockwait,
       (sem_t * sem, clockid_t clock, const struct timespec *deadline), -1)
#endif

#ifdef HAVE_SEM_GETVALUE
#define call_sem_getvalue sem_getvalue
#else
ABSENT(int, call_sem_getvalue, (sem_t * sem, int *value), -1)
#endif

#ifdef HAVE_SEM_INIT
#define call_sem_init sem_init
#else
ABSENT(int, call_sem_init, (sem_t * sem, int pshared, unsigned value), -1)
#endif

#ifdef HAVE_SEM_DESTROY
#define call_sem_destroy sem_destroy
#else
ABSENT(int, call_sem_destroy, (sem_t * sem), -1)
#endif

#ifdef HAVE_MQ_CLOSE
#define call_mq_close mq_close
#else
ABSENT(int, call_mq_close, (mqd_t mqd), -1)
#endif

#ifdef HAVE_MQ_UNLINK
#define call_mq_unlink mq_unlink
#else
ABSENT(int, call_mq_unlink, (const char *name), -1)
#endif

#ifdef HAVE_MQ_GETATTR
#define call_mq_getattr mq_getattr
#else
ABSENT(int, call_mq_getattr, (mqd_t mqd, struct mq_attr *attr), -1)
#endif

#ifdef HAVE_MQ_SETATTR
#define call_mq_setattr mq_setattr
#else
ABSENT(int, call_mq_setattr,
       (mqd_t mqd, const struct mq_attr *attr, struct mq_attr *old), -1)
#endif

#ifdef HAVE_MQ_SEND
#define call_mq_send mq_send
#else
ABSENT(int, call_mq_send,
       (mqd_t mqd, const char *msg, size_t len, unsigned prio), -1)
#endif

#ifdef HAVE_MQ_TIMEDSEND
#define call_mq_timedsend mq_timedsend
#else
ABSENT(int, call_mq_timedsend,
       (mqd_t mqd, const char *msg, size_t len, unsigned prio,
	const struct timespec *deadline),
       -1)
#endif

#ifdef HAVE_MQ_RECEIVE
#define call_mq_receive mq_receive
#else
ABSENT(ssize_t, call_mq_receive,
       (mqd_t mqd, char *buf, size_t len, unsigned *prio), -1)
#endif

#ifdef HAVE_MQ_TIMEDRECEIVE
#define call_mq_timedreceive mq_timedreceive
#else
ABSENT(ssize_t, call_mq_timedreceive,
       (mqd_t mqd, char *buf, size_t len, unsigned *prio,
	const struct timespec *deadline),
       -1)
#endif

#ifdef HAVE_MQ_NOTIFY
#define call_mq_notify mq_notify
#else
ABSENT(int, call_mq_notify, (mqd_t mqd, const struct sigevent *notification),
       -1)
#endif

/* Where the descriptor is one of a file, or has one (FreeBSD). */
#if defined(HAVE_MQ_OPEN) && defined(HAVE_MQ_GETFD_NP)
#define call_mq_event_fd_np mq_getfd_np
#elif defined(HAVE_MQ_OPEN) &&                                                 \
    (defined(__linux__) || defined(__NetBSD__) || defined(__DragonFly__))
static int call_mq_event_fd_np(mqd_t mqd)
{
	struct mq_attr attr;

	return mq_getattr(mqd, &attr) == 0 ? (int)(intptr_t)mqd : -1;
}
#else
ABSENT(int, call_mq_event_fd_np, (mqd_t mqd), -1)
#endif

/* FreeBSD's; the flag says that it is no time-out. */
#ifdef HAVE_SEM_CLOCKWAIT_NP
static int call_sem_clockwait_np(sem_t *sem, clockid_t clock,
				 const struct timespec *deadline)
{
	return sem_clockwait_np(sem, clock, TIMER_ABSTIME, deadline, NULL);
}
#else
ABSENT(int, call_sem_clockwait_np,
       (sem_t * sem, clockid_t clock, const struct timespec *deadline), -1)
#endif

/* No system has these. */
ABSENT(int, call_mq_clocksend_np,
       (mqd_t mqd, const char *msg, size_t len, unsigned prio, clockid_t clock,
	const struct timespec *deadline),
       -1)
ABSENT(ssize_t, call_mq_clockreceive_np,
       (mqd_t mqd, char *buf, size_t len, unsigned *prio, clockid_t clock,
	const struct timespec *deadline),
       -1)

const bool pipc__system_names = false;

const struct pipc__os pipc__os_system = {
    .sem_open = call_sem_open,
    .sem_close = call_sem_close,
    .sem_unlink = call_sem_unlink,
    .sem_post = call_sem_post,
    .sem_wait = call_sem_wait,
    .sem_trywait = call_sem_trywait,
    .sem_timedwait = call_sem_timedwait,
    .sem_clockwait = call_sem_clockwait,
    .sem_getvalue = call_sem_getvalue,
    .sem_init = call_sem_init,
    .sem_destroy = call_sem_destroy,
    .shm_open = call_shm_open,
    .shm_unlink = call_shm_unlink,
    .ftruncate = ftruncate,
    .posix_fallocate = call_posix_fallocate,
    .fstat = fstat,
    .fchmod = fchmod,
    .mmap = mmap,
    .mprotect = mprotect,
    .munmap = munmap,
    .close = close,
    .mq_open = call_mq_open,
    .mq_close = call_mq_close,
    .mq_unlink = call_mq_unlink,
    .mq_getattr = call_mq_getattr,
    .mq_setattr = call_mq_setattr,
    .mq_send = call_mq_send,
    .mq_timedsend = call_mq_timedsend,
    .mq_receive = call_mq_receive,
    .mq_timedreceive = call_mq_timedreceive,
    .mq_notify = call_mq_notify,
    .mq_event_fd_np = call_mq_event_fd_np,
    .sem_clockwait_np = call_sem_clockwait_np,
    .mq_clocksend_np = call_mq_clocksend_np,
    .mq_clockreceive_np = call_mq_clockreceive_np,
    .sysconf = sysconf,
};
