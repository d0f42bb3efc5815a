/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The one table that is the only road to an operating system.
 *
 * Its members have the names and signatures of the POSIX functions.  A system
 * that lacks a function has an entry that fails with ENOSYS, so callers ask by
 * calling and never by #ifdef.
 */
#ifndef PIPC_OS_H
#define PIPC_OS_H

#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#include <fcntl.h>
#include <signal.h>
#include <stdbool.h>
#include <stddef.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/types.h>
#include <time.h>
#include <unistd.h>

#ifdef HAVE_SEMAPHORE_H
#include <semaphore.h>
#else
typedef struct {
	int unused;
} sem_t;
#endif
#ifndef SEM_FAILED
#define SEM_FAILED ((sem_t *)0)
#endif

#ifdef HAVE_MQUEUE_H
#include <mqueue.h>
#else
typedef int mqd_t;
struct mq_attr {
	long mq_flags, mq_maxmsg, mq_msgsize, mq_curmsgs;
};
#endif
#define PIPC__BAD_MQD ((mqd_t)-1)

#include "absent.h"

/* With no queues there may be nothing to notify by. */
#ifndef HAVE_STRUCT_SIGEVENT
struct sigevent {
	int sigev_notify, sigev_signo;
	union sigval sigev_value;
	void (*sigev_notify_function)(union sigval value);
	void *sigev_notify_attributes;
};
#define SIGEV_NONE 0
#define SIGEV_SIGNAL 1
#define SIGEV_THREAD 2
#endif

struct pipc__os {
	/* semaphores */
	sem_t *(*sem_open)(const char *name, int flags, mode_t mode,
			   unsigned value);
	int (*sem_close)(sem_t *sem);
	int (*sem_unlink)(const char *name);
	int (*sem_post)(sem_t *sem);
	int (*sem_wait)(sem_t *sem);
	int (*sem_trywait)(sem_t *sem);
	int (*sem_timedwait)(sem_t *sem, const struct timespec *deadline);
	int (*sem_clockwait)(sem_t *sem, clockid_t clock,
			     const struct timespec *deadline);
	int (*sem_getvalue)(sem_t *sem, int *value);
	int (*sem_init)(sem_t *sem, int pshared, unsigned value);
	int (*sem_destroy)(sem_t *sem);
	/* shared memory, and what its descriptors are used with */
	int (*shm_open)(const char *name, int flags, mode_t mode);
	int (*shm_unlink)(const char *name);
	int (*ftruncate)(int fd, off_t size);
	int (*posix_fallocate)(int fd, off_t offset, off_t size);
	int (*fstat)(int fd, struct stat *st);
	int (*fchmod)(int fd, mode_t mode);
	void *(*mmap)(void *addr, size_t len, int prot, int flags, int fd,
		      off_t offset);
	int (*mprotect)(void *addr, size_t len, int prot);
	int (*munmap)(void *addr, size_t len);
	int (*close)(int fd);
	/* message queues */
	mqd_t (*mq_open)(const char *name, int flags, mode_t mode,
			 struct mq_attr *attr);
	int (*mq_close)(mqd_t mqd);
	int (*mq_unlink)(const char *name);
	int (*mq_getattr)(mqd_t mqd, struct mq_attr *attr);
	int (*mq_setattr)(mqd_t mqd, const struct mq_attr *attr,
			  struct mq_attr *old);
	int (*mq_send)(mqd_t mqd, const char *msg, size_t len, unsigned prio);
	int (*mq_timedsend)(mqd_t mqd, const char *msg, size_t len,
			    unsigned prio, const struct timespec *deadline);
	ssize_t (*mq_receive)(mqd_t mqd, char *buf, size_t len, unsigned *prio);
	ssize_t (*mq_timedreceive)(mqd_t mqd, char *buf, size_t len,
				   unsigned *prio,
				   const struct timespec *deadline);
	int (*mq_notify)(mqd_t mqd, const struct sigevent *notification);
	/* not of POSIX: what poll() understands, readable for a message */
	int (*mq_event_fd_np)(mqd_t mqd);
	/* nor these: the same waits, with a deadline by any clock */
	int (*sem_clockwait_np)(sem_t *sem, clockid_t clock,
				const struct timespec *deadline);
	int (*mq_clocksend_np)(mqd_t mqd, const char *msg, size_t len,
			       unsigned prio, clockid_t clock,
			       const struct timespec *deadline);
	ssize_t (*mq_clockreceive_np)(mqd_t mqd, char *buf, size_t len,
				      unsigned *prio, clockid_t clock,
				      const struct timespec *deadline);
	/* limits and options */
	long (*sysconf)(int name);
};

/*
 * The operating system under test; the reference implementation, where it can
 * be built; every call failing with ENOSYS.
 */
extern const struct pipc__os pipc__os_system;
extern const struct pipc__os pipc__os_ref;
extern const struct pipc__os pipc__os_null;

/*
 * Does the reference implementation take the names that the system's library
 * takes, and not only those that POSIX defines?  It does for the programs of
 * libpipc-posix, unless the environment says otherwise.
 */
extern const bool pipc__system_names;

/*
 * The table behind the library's calls: pipc__os_system, or what PIPC_BACKEND
 * in the environment says, or what the last pipc__use() did.
 */
extern const struct pipc__os *pipc__os;

/*
 * Puts a backend behind the library, and forgets the limits found so far.
 * Returns the one before.  A handle stays with the backend that opened it.
 */
const struct pipc__os *pipc__use(const struct pipc__os *os);

/* The backend of that name, or NULL; pipc__backends[] ends with a NULL name. */
struct pipc__backend {
	const char *name, *text;
	const struct pipc__os *os;
};
extern const struct pipc__backend pipc__backends[];
const struct pipc__backend *pipc__backend(const char *name);

#endif
