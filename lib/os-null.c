/* SPDX-License-Identifier: BSD-3-Clause */
/* A system that has nothing: every call fails with ENOSYS. */
#include "os.h"

#include <errno.h>

#pragma GCC diagnostic ignored "-Wunused-parameter"

#define NONE(type, name, args, failure)                                        \
	static type none_##name args                                           \
	{                                                                      \
		errno = ENOSYS;                                                \
		return failure;                                                \
	}

NONE(sem_t *, sem_open,
     (const char *name, int flags, mode_t mode, unsigned value), SEM_FAILED)
NONE(int, sem_close, (sem_t * sem), -1)
NONE(int, sem_unlink, (const char *name), -1)
NONE(int, sem_post, (sem_t * sem), -1)
NONE(int, sem_wait, (sem_t * sem), -1)
NONE(int, sem_trywait, (sem_t * sem), -1)
NONE(int, sem_timedwait, (sem_t * sem, const struct timespec *deadline), -1)
NONE(int, sem_clockwait,
     (sem_t * sem, clockid_t clock, const struct timespec *deadline), -1)
NONE(int, sem_getvalue, (sem_t * sem, int *value), -1)
NONE(int, sem_init, (sem_t * sem, int pshared, unsigned value), -1)
NONE(int, sem_destroy, (sem_t * sem), -1)
NONE(int, shm_open, (const char *name, int flags, mode_t mode), -1)
NONE(int, shm_unlink, (const char *name), -1)
NONE(int, ftruncate, (int fd, off_t size), -1)
NONE(int, posix_fallocate, (int fd, off_t offset, off_t size), -1)
NONE(int, fstat, (int fd, struct stat *st), -1)
NONE(int, fchmod, (int fd, mode_t mode), -1)
NONE(void *, mmap,
     (void *addr, size_t len, int prot, int flags, int fd, off_t offset),
     MAP_FAILED)
NONE(int, mprotect, (void *addr, size_t len, int prot), -1)
NONE(int, munmap, (void *addr, size_t len), -1)
NONE(int, close, (int fd), -1)
NONE(mqd_t, mq_open,
     (const char *name, int flags, mode_t mode, struct mq_attr *attr),
     PIPC__BAD_MQD)
NONE(int, mq_close, (mqd_t mqd), -1)
NONE(int, mq_unlink, (const char *name), -1)
NONE(int, mq_getattr, (mqd_t mqd, struct mq_attr *attr), -1)
NONE(int, mq_setattr,
     (mqd_t mqd, const struct mq_attr *attr, struct mq_attr *old), -1)
NONE(int, mq_send, (mqd_t mqd, const char *msg, size_t len, unsigned prio), -1)
NONE(int, mq_timedsend,
     (mqd_t mqd, const char *msg, size_t len, unsigned prio,
      const struct timespec *deadline),
     -1)
NONE(ssize_t, mq_receive, (mqd_t mqd, char *buf, size_t len, unsigned *prio),
     -1)
NONE(ssize_t, mq_timedreceive,
     (mqd_t mqd, char *buf, size_t len, unsigned *prio,
      const struct timespec *deadline),
     -1)
NONE(int, mq_notify, (mqd_t mqd, const struct sigevent *notification), -1)
NONE(int, mq_event_fd_np, (mqd_t mqd), -1)
NONE(int, sem_clockwait_np,
     (sem_t * sem, clockid_t clock, const struct timespec *deadline), -1)
NONE(int, mq_clocksend_np,
     (mqd_t mqd, const char *msg, size_t len, unsigned prio, clockid_t clock,
      const struct timespec *deadline),
     -1)
NONE(ssize_t, mq_clockreceive_np,
     (mqd_t mqd, char *buf, size_t len, unsigned *prio, clockid_t clock,
      const struct timespec *deadline),
     -1)
NONE(long, sysconf, (int name), -1)

const struct pipc__os pipc__os_null = {
    .sem_open = none_sem_open,
    .sem_close = none_sem_close,
    .sem_unlink = none_sem_unlink,
    .sem_post = none_sem_post,
    .sem_wait = none_sem_wait,
    .sem_trywait = none_sem_trywait,
    .sem_timedwait = none_sem_timedwait,
    .sem_clockwait = none_sem_clockwait,
    .sem_getvalue = none_sem_getvalue,
    .sem_init = none_sem_init,
    .sem_destroy = none_sem_destroy,
    .shm_open = none_shm_open,
    .shm_unlink = none_shm_unlink,
    .ftruncate = none_ftruncate,
    .posix_fallocate = none_posix_fallocate,
    .fstat = none_fstat,
    .fchmod = none_fchmod,
    .mmap = none_mmap,
    .mprotect = none_mprotect,
    .munmap = none_munmap,
    .close = none_close,
    .mq_open = none_mq_open,
    .mq_close = none_mq_close,
    .mq_unlink = none_mq_unlink,
    .mq_getattr = none_mq_getattr,
    .mq_setattr = none_mq_setattr,
    .mq_send = none_mq_send,
    .mq_timedsend = none_mq_timedsend,
    .mq_receive = none_mq_receive,
    .mq_timedreceive = none_mq_timedreceive,
    .mq_notify = none_mq_notify,
    .mq_event_fd_np = none_mq_event_fd_np,
    .sem_clockwait_np = none_sem_clockwait_np,
    .mq_clocksend_np = none_mq_clocksend_np,
    .mq_clockreceive_np = none_mq_clockreceive_np,
    .sysconf = none_sysconf,
};
