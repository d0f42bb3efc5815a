/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Calls that fail for no reason, with an errno that an environment may give
 * too: the limit, the privilege or the function was there a moment before.
 */
#include "mutant.h"

#include <errno.h>

/* True once in so many calls. */
static bool one_in(unsigned n)
{
	static unsigned calls;

	return ++calls % n == 0;
}

static int fails(int error)
{
	errno = error;
	return -1;
}

static int send_enospc(mqd_t q, const char *msg, size_t len, unsigned prio)
{
	return one_in(1000) ? fails(ENOSPC)
			    : ct_base->mq_send(q, msg, len, prio);
}

CT_MUTANT(send_enospc, .text = "one send of 1,000 fails with ENOSPC",
	  .breaks = "mq/pair/16 mq/stream/10", .os.mq_send = send_enospc);

static int send_eagain(mqd_t q, const char *msg, size_t len, unsigned prio)
{
	return one_in(100) ? fails(EAGAIN)
			   : ct_base->mq_send(q, msg, len, prio);
}

CT_MUTANT(send_eagain, .text = "a send that may wait fails with EAGAIN",
	  .breaks = "mq/pingpong/16 mq/stream/10 kill/mq-senders",
	  .os.mq_send = send_eagain);

static ssize_t receive_enomem(mqd_t q, char *buf, size_t len, unsigned *prio)
{
	return one_in(100) ? fails(ENOMEM)
			   : ct_base->mq_receive(q, buf, len, prio);
}

CT_MUTANT(receive_enomem, .text = "a receive fails with ENOMEM",
	  .breaks = "mq/pair/16 mq/depth/any-full mq/stream/10",
	  .os.mq_receive = receive_enomem);

/* Of those that a process and those before it created. */
static bool is_second(void)
{
	static unsigned made;

	return ++made == 2;
}

static mqd_t second_emfile(const char *name, int flags, mode_t mode,
			   struct mq_attr *a)
{
	if ((flags & O_CREAT) && is_second()) {
		errno = EMFILE;
		return PIPC__BAD_MQD;
	}
	return ct_base->mq_open(name, flags, mode, a);
}

CT_MUTANT(second_queue_emfile, .text = "a second queue is refused with EMFILE",
	  .breaks = "mq/pingpong/16 mq/create", .os.mq_open = second_emfile);

static mqd_t second_enosys(const char *name, int flags, mode_t mode,
			   struct mq_attr *a)
{
	if ((flags & O_CREAT) && is_second()) {
		errno = ENOSYS;
		return PIPC__BAD_MQD;
	}
	return ct_base->mq_open(name, flags, mode, a);
}

CT_MUTANT(second_queue_enosys, .text = "a second queue is refused with ENOSYS",
	  .breaks = "mq/pingpong/16 mq/create", .os.mq_open = second_enosys);

static mqd_t open_enfile(const char *name, int flags, mode_t mode,
			 struct mq_attr *a)
{
	if (!(flags & O_CREAT)) {
		errno = ENFILE;
		return PIPC__BAD_MQD;
	}
	return ct_base->mq_open(name, flags, mode, a);
}

CT_MUTANT(second_open_enfile,
	  .text = "another process cannot open a queue: ENFILE",
	  .breaks = "mq/stream/10 mq/notify kill/mq-both",
	  .os.mq_open = open_enfile);

/* The first call of a cell, which no other cell is refused. */
static mqd_t long_emfile(const char *name, int flags, mode_t mode,
			 struct mq_attr *a)
{
	if ((flags & O_CREAT) && a != NULL && a->mq_msgsize > 512) {
		errno = EMFILE;
		return PIPC__BAD_MQD;
	}
	return ct_base->mq_open(name, flags, mode, a);
}

CT_MUTANT(long_queue_emfile,
	  .text = "queues of long messages are refused with EMFILE",
	  .breaks = "mq/pair/1024 kill/mq-both", .os.mq_open = long_emfile);

static mqd_t long_enosys(const char *name, int flags, mode_t mode,
			 struct mq_attr *a)
{
	if ((flags & O_CREAT) && a != NULL && a->mq_msgsize > 512) {
		errno = ENOSYS;
		return PIPC__BAD_MQD;
	}
	return ct_base->mq_open(name, flags, mode, a);
}

CT_MUTANT(long_queue_enosys,
	  .text = "queues of long messages are refused with ENOSYS",
	  .breaks = "mq/pair/1024 kill/mq-both", .os.mq_open = long_enosys);

static int notify_enosys(mqd_t q, const struct sigevent *e)
{
	return e != NULL && one_in(3) ? fails(ENOSYS)
				      : ct_base->mq_notify(q, e);
}

CT_MUTANT(notify_enosys, .text = "the third mq_notify fails with ENOSYS",
	  .breaks = "mq/notify mq/notify-turns kill/mq-registrants",
	  .os.mq_notify = notify_enosys);

static int notify_enomem(mqd_t q, const struct sigevent *e)
{
	return e != NULL && one_in(3) ? fails(ENOMEM)
				      : ct_base->mq_notify(q, e);
}

CT_MUTANT(notify_enomem, .text = "the third mq_notify fails with ENOMEM",
	  .breaks = "mq/notify mq/notify-turns", .os.mq_notify = notify_enomem);

static sem_t *open_eacces(const char *name, int flags, mode_t mode,
			  unsigned value)
{
	if (one_in(20)) {
		errno = EACCES;
		return SEM_FAILED;
	}
	return ct_base->sem_open(name, flags, mode, value);
}

CT_MUTANT(sem_open_eacces, .text = "sem_open fails with EACCES now and then",
	  .breaks = "sem/create sem/churn/4c", .os.sem_open = open_eacces);

static sem_t *second_sem(const char *name, int flags, mode_t mode,
			 unsigned value)
{
	if ((flags & O_CREAT) && is_second()) {
		errno = ENOSPC;
		return SEM_FAILED;
	}
	return ct_base->sem_open(name, flags, mode, value);
}

CT_MUTANT(second_semaphore_enospc,
	  .text = "a second semaphore is refused with ENOSPC",
	  .breaks = "sem/alone sem/pingpong sem/create",
	  .os.sem_open = second_sem);

static int wait_eagain(sem_t *sem)
{
	return one_in(100) ? fails(EAGAIN) : ct_base->sem_wait(sem);
}

CT_MUTANT(wait_eagain, .text = "sem_wait fails with EAGAIN",
	  .breaks = "sem/alone sem/mutex/2 sem/pingpong",
	  .os.sem_wait = wait_eagain);

static int post_enosys(sem_t *sem)
{
	return one_in(100) ? fails(ENOSYS) : ct_base->sem_post(sem);
}

CT_MUTANT(post_enosys, .text = "sem_post fails with ENOSYS now and then",
	  .breaks = "sem/alone sem/mutex/2", .os.sem_post = post_enosys);

static int unlink_erofs(const char *name)
{
	ct_base->sem_unlink(name);
	return fails(EROFS);
}

CT_MUTANT(sem_unlink_erofs, .text = "sem_unlink works and fails with EROFS",
	  .breaks = "sem/alone sem/create sem/churn/4c",
	  .os.sem_unlink = unlink_erofs);

static int timedwait_enotsup(sem_t *sem, const struct timespec *deadline)
{
	return one_in(5) ? fails(ENOTSUP)
			 : ct_base->sem_timedwait(sem, deadline);
}

CT_MUTANT(timedwait_enotsup, .text = "the fifth sem_timedwait fails: ENOTSUP",
	  .breaks = "timeout/sem/100us", .os.sem_timedwait = timedwait_enotsup);

static int open_eperm(const char *name, int flags, mode_t mode)
{
	return one_in(20) ? fails(EPERM) : ct_base->shm_open(name, flags, mode);
}

CT_MUTANT(shm_open_eperm, .text = "shm_open fails with EPERM now and then",
	  .breaks = "shm/create/4k shm/churn/4c", .os.shm_open = open_eperm);

static int open_emfile(const char *name, int flags, mode_t mode)
{
	return !(flags & O_CREAT) ? fails(EMFILE)
				  : ct_base->shm_open(name, flags, mode);
}

CT_MUTANT(second_shm_open_emfile,
	  .text = "another process cannot open memory: EMFILE",
	  .breaks = "shm/copy/64k limit/mappings", .os.shm_open = open_emfile);

static int truncate_enospc(int fd, off_t size)
{
	return one_in(20) ? fails(ENOSPC) : ct_base->ftruncate(fd, size);
}

CT_MUTANT(ftruncate_enospc, .text = "ftruncate fails with ENOSPC now and then",
	  .breaks = "shm/create/4k shm/resize/4k shm/fault",
	  .os.ftruncate = truncate_enospc);

static void *map_enomem(void *addr, size_t len, int prot, int flags, int fd,
			off_t offset)
{
	if (one_in(20)) {
		errno = ENOMEM;
		return MAP_FAILED;
	}
	return ct_base->mmap(addr, len, prot, flags, fd, offset);
}

CT_MUTANT(mmap_enomem, .text = "mmap fails with ENOMEM now and then",
	  .breaks = "shm/create/4k shm/map/4k", .os.mmap = map_enomem);
