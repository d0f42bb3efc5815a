/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The names of POSIX that libpipc-posix has and the system's headers may lack:
 * without queues there is no <mqueue.h> either.
 */
#ifndef PIPC_NAMES_H
#define PIPC_NAMES_H

#include "os.h"

#ifdef PIPC_SHM_OPEN_VARIADIC
#define SHM_OPEN_MODE ...
#else
#define SHM_OPEN_MODE mode_t mode
#endif

#ifndef HAVE_SHM_OPEN
int shm_open(const char *name, int flags, SHM_OPEN_MODE);
int shm_unlink(const char *name);
#endif

#ifndef HAVE_SEM_OPEN
sem_t *sem_open(const char *name, int flags, ...);
#endif
#ifndef HAVE_SEM_CLOSE
int sem_close(sem_t *sem);
#endif
#ifndef HAVE_SEM_UNLINK
int sem_unlink(const char *name);
#endif
#ifndef HAVE_SEM_POST
int sem_post(sem_t *sem);
#endif
#ifndef HAVE_SEM_WAIT
int sem_wait(sem_t *sem);
#endif
#ifndef HAVE_SEM_TRYWAIT
int sem_trywait(sem_t *sem);
#endif
#ifndef HAVE_SEM_TIMEDWAIT
int sem_timedwait(sem_t *sem, const struct timespec *deadline);
#endif
#ifndef HAVE_SEM_GETVALUE
int sem_getvalue(sem_t *sem, int *value);
#endif
#ifndef HAVE_SEM_INIT
int sem_init(sem_t *sem, int pshared, unsigned value);
#endif
#ifndef HAVE_SEM_DESTROY
int sem_destroy(sem_t *sem);
#endif

#ifndef HAVE_MQUEUE_H
mqd_t mq_open(const char *name, int flags, ...);
int mq_close(mqd_t mqd);
int mq_unlink(const char *name);
int mq_getattr(mqd_t mqd, struct mq_attr *attr);
int mq_setattr(mqd_t mqd, const struct mq_attr *attr, struct mq_attr *old);
int mq_send(mqd_t mqd, const char *msg, size_t len, unsigned prio);
int mq_timedsend(mqd_t mqd, const char *msg, size_t len, unsigned prio,
		 const struct timespec *deadline);
ssize_t mq_receive(mqd_t mqd, char *buf, size_t len, unsigned *prio);
ssize_t mq_timedreceive(mqd_t mqd, char *buf, size_t len, unsigned *prio,
			const struct timespec *deadline);
int mq_notify(mqd_t mqd, const struct sigevent *notification);
#endif

#endif
