/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The names of POSIX over the reference implementation, for programs that were
 * written for the system's.
 */
#include "next.h"
#include "names.h"
#include "other.h"

#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

sem_t *sem_open(const char *name, int flags, ...)
{
	unsigned value = 0;
	mode_t mode = 0;
	va_list args;

	if (flags & O_CREAT) {
		va_start(args, flags);
		mode = (mode_t)va_arg(args, int); /* it may be narrower */
		value = va_arg(args, unsigned);
		va_end(args);
	}
	return ref_sem_open(name, flags, mode, value);
}

int sem_close(sem_t *sem)
{
	return ref_sem_close(sem);
}

int sem_unlink(const char *name)
{
	return loaded_probe(name) ? 0 : ref_sem_unlink(name);
}

int sem_post(sem_t *sem)
{
	return ref_sem_post(sem);
}

int sem_wait(sem_t *sem)
{
	return ref_sem_wait(sem);
}

int sem_trywait(sem_t *sem)
{
	return ref_sem_trywait(sem);
}

int sem_timedwait(sem_t *sem, const struct timespec *deadline)
{
	return ref_sem_timedwait(sem, deadline);
}

#ifdef HAVE_SEM_CLOCKWAIT
int sem_clockwait(sem_t *sem, clockid_t clock, const struct timespec *deadline)
{
	return ref_sem_clockwait(sem, clock, deadline);
}
#endif

int sem_getvalue(sem_t *sem, int *value)
{
	return ref_sem_getvalue(sem, value);
}

int sem_init(sem_t *sem, int pshared, unsigned value)
{
	return pipc__os_system.sem_init(sem, pshared, value);
}

int sem_destroy(sem_t *sem)
{
	return pipc__os_system.sem_destroy(sem);
}

#ifdef PIPC_SHM_OPEN_VARIADIC
int shm_open(const char *name, int flags, ...)
{
	mode_t mode = 0;
	va_list args;

	if (flags & O_CREAT) {
		va_start(args, flags);
		mode = (mode_t)va_arg(args, int);
		va_end(args);
	}
	return ref_shm_open(name, flags, mode);
}
#else
int shm_open(const char *name, int flags, mode_t mode)
{
	return ref_shm_open(name, flags, mode);
}
#endif

int shm_unlink(const char *name)
{
	return ref_shm_unlink(name);
}

mqd_t mq_open(const char *name, int flags, ...)
{
	struct mq_attr *attr = NULL;
	mode_t mode = 0;
	va_list args;

	if (flags & O_CREAT) {
		va_start(args, flags);
		mode = (mode_t)va_arg(args, int);
		attr = va_arg(args, struct mq_attr *);
		va_end(args);
	}
	return ref_mq_open(name, flags, mode, attr);
}

int mq_close(mqd_t mqd)
{
	return ref_mq_close(mqd);
}

int mq_unlink(const char *name)
{
	return loaded_probe(name) ? 0 : ref_mq_unlink(name);
}

int mq_getattr(mqd_t mqd, struct mq_attr *attr)
{
	return ref_mq_getattr(mqd, attr);
}

int mq_setattr(mqd_t mqd, const struct mq_attr *attr, struct mq_attr *old)
{
	return ref_mq_setattr(mqd, attr, old);
}

int mq_send(mqd_t mqd, const char *msg, size_t len, unsigned prio)
{
	return ref_mq_send(mqd, msg, len, prio);
}

int mq_timedsend(mqd_t mqd, const char *msg, size_t len, unsigned prio,
		 const struct timespec *deadline)
{
	return ref_mq_timedsend(mqd, msg, len, prio, deadline);
}

ssize_t mq_receive(mqd_t mqd, char *buf, size_t len, unsigned *prio)
{
	return ref_mq_receive(mqd, buf, len, prio);
}

ssize_t mq_timedreceive(mqd_t mqd, char *buf, size_t len, unsigned *prio,
			const struct timespec *deadline)
{
	return ref_mq_timedreceive(mqd, buf, len, prio, deadline);
}

int mq_notify(mqd_t mqd, const struct sigevent *notification)
{
	return ref_mq_notify(mqd, notification);
}

/* What takes a descriptor away may take a queue's. */

int close(int fd)
{
	return ref_close(fd);
}

int dup2(int from, int to)
{
	int fd = next_dup2(from, to);

	if (fd >= 0 && from != to)
		ref_forget(to);
	return fd;
}

#ifdef HAVE_DUP3
int dup3(int from, int to, int flags)
{
	int fd = next_dup3(from, to, flags);

	if (fd >= 0)
		ref_forget(to);
	return fd;
}
#endif

#ifdef HAVE_CLOSE_RANGE
/* Of the flags of Linux this one closes nothing yet. */
#ifndef CLOSE_RANGE_CLOEXEC
#define CLOSE_RANGE_CLOEXEC (1u << 2)
#endif
int close_range(unsigned first, unsigned last, int flags)
{
	int result = next_close_range(first, last, flags);

	if (result == 0 && !((unsigned)flags & CLOSE_RANGE_CLOEXEC))
		ref_forget_range(first, last);
	return result;
}
#endif

#ifdef HAVE_CLOSEFROM
void closefrom(int first)
{
	next_closefrom(first);
	ref_forget_range(first < 0 ? 0 : (unsigned)first, ~0u);
}
#endif

int fchmod(int fd, mode_t mode)
{
	return ref_fchmod(fd, mode);
}

/*
 * What gives a queue's descriptor a number: if that was another queue's, its
 * close was not seen, as when a system call did it.
 */

int dup(int from)
{
	int fd = next_dup(from);

	if (fd >= 0)
		ref_forget(fd);
	return fd;
}

static void forget_received(struct msghdr *msg)
{
	struct cmsghdr *c;
	size_t i, n;
	int fd;

	for (c = CMSG_FIRSTHDR(msg); c != NULL; c = CMSG_NXTHDR(msg, c)) {
		if (c->cmsg_level != SOL_SOCKET || c->cmsg_type != SCM_RIGHTS)
			continue;
		n = (c->cmsg_len - CMSG_LEN(0)) / sizeof(fd);
		for (i = 0; i < n; i++) {
			memcpy(&fd, CMSG_DATA(c) + i * sizeof(fd), sizeof(fd));
			ref_forget(fd);
		}
	}
}

ssize_t recvmsg(int fd, struct msghdr *msg, int flags)
{
	ssize_t n = next_recvmsg(fd, msg, flags);

	if (n >= 0 && msg->msg_controllen > 0)
		forget_received(msg);
	return n;
}

#ifdef __GLIBC__

/* What _FORTIFY_SOURCE makes of mq_open() with two arguments. */
mqd_t __mq_open_2(const char *name, int flags);
mqd_t __mq_open_2(const char *name, int flags)
{
	if (flags & O_CREAT) /* its other arguments are missing */
		abort();
	return ref_mq_open(name, flags, 0, NULL);
}

#ifdef OTHER
int other_sem_timedwait(sem_t *sem, const struct other *deadline)
    OTHER("sem_timedwait", "__sem_timedwait64");
int other_sem_timedwait(sem_t *sem, const struct other *deadline)
{
	struct timespec copy;

	return ref_sem_timedwait(sem, ours(deadline, &copy));
}

int other_sem_clockwait(sem_t *sem, clockid_t clock,
			const struct other *deadline)
    OTHER("sem_clockwait", "__sem_clockwait64");
int other_sem_clockwait(sem_t *sem, clockid_t clock,
			const struct other *deadline)
{
	struct timespec copy;

	return ref_sem_clockwait(sem, clock, ours(deadline, &copy));
}

int other_mq_timedsend(mqd_t mqd, const char *msg, size_t len, unsigned prio,
		       const struct other *deadline)
    OTHER("mq_timedsend", "__mq_timedsend_time64");
int other_mq_timedsend(mqd_t mqd, const char *msg, size_t len, unsigned prio,
		       const struct other *deadline)
{
	struct timespec copy;

	return ref_mq_timedsend(mqd, msg, len, prio, ours(deadline, &copy));
}

ssize_t other_mq_timedreceive(mqd_t mqd, char *buf, size_t len, unsigned *prio,
			      const struct other *deadline)
    OTHER("mq_timedreceive", "__mq_timedreceive_time64");
ssize_t other_mq_timedreceive(mqd_t mqd, char *buf, size_t len, unsigned *prio,
			      const struct other *deadline)
{
	struct timespec copy;

	return ref_mq_timedreceive(mqd, buf, len, prio, ours(deadline, &copy));
}
#endif
#endif
