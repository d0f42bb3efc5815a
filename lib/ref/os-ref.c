/* SPDX-License-Identifier: BSD-3-Clause */
/* The reference implementation as a table; the rest is the system's. */
#include "ref.h"

#include <limits.h>

static int fallocate_file(int fd, off_t offset, off_t size)
{
	return pipc__os_system.posix_fallocate(fd, offset, size);
}

static int init_unnamed(sem_t *sem, int pshared, unsigned value)
{
	return pipc__os_system.sem_init(sem, pshared, value);
}

static int destroy_unnamed(sem_t *sem)
{
	return pipc__os_system.sem_destroy(sem);
}

/* Not a switch: where a system lacks names, two may be the same number. */
static long ref_sysconf(int name)
{
#ifdef _SC_MQ_PRIO_MAX
	if (name == _SC_MQ_PRIO_MAX)
		return REF_PRIORITIES;
#endif
#ifdef _SC_MQ_OPEN_MAX
	if (name == _SC_MQ_OPEN_MAX)
		return sysconf(_SC_OPEN_MAX);
#endif
#ifdef _SC_SEM_VALUE_MAX
	if (name == _SC_SEM_VALUE_MAX)
		return INT_MAX;
#endif
#ifdef _SC_SEM_NSEMS_MAX
	if (name == _SC_SEM_NSEMS_MAX)
		return -1;
#endif
	return sysconf(name);
}

const struct pipc__os pipc__os_ref = {
    .sem_open = ref_sem_open,
    .sem_close = ref_sem_close,
    .sem_unlink = ref_sem_unlink,
    .sem_post = ref_sem_post,
    .sem_wait = ref_sem_wait,
    .sem_trywait = ref_sem_trywait,
    .sem_timedwait = ref_sem_timedwait,
    .sem_clockwait = ref_sem_clockwait,
    .sem_getvalue = ref_sem_getvalue,
    .sem_init = init_unnamed,
    .sem_destroy = destroy_unnamed,
    .shm_open = ref_shm_open,
    .shm_unlink = ref_shm_unlink,
    .ftruncate = ftruncate,
    .posix_fallocate = fallocate_file,
    .fstat = ref_fstat,
    .fchmod = ref_fchmod,
    .mmap = mmap,
    .mprotect = mprotect,
    .munmap = munmap,
    .close = ref_close,
    .mq_open = ref_mq_open,
    .mq_close = ref_mq_close,
    .mq_unlink = ref_mq_unlink,
    .mq_getattr = ref_mq_getattr,
    .mq_setattr = ref_mq_setattr,
    .mq_send = ref_mq_send,
    .mq_timedsend = ref_mq_timedsend,
    .mq_receive = ref_mq_receive,
    .mq_timedreceive = ref_mq_timedreceive,
    .mq_notify = ref_mq_notify,
    .mq_event_fd_np = ref_mq_event_fd,
    .sem_clockwait_np = ref_sem_clockwait,
    .mq_clocksend_np = ref_mq_clocksend,
    .mq_clockreceive_np = ref_mq_clockreceive,
    .sysconf = ref_sysconf,
};
