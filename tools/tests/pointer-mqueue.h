/* SPDX-License-Identifier: BSD-3-Clause */
/* <mqueue.h> of a system whose mqd_t is a pointer; portable.sh uses it. */
#ifndef POINTER_MQUEUE_H
#define POINTER_MQUEUE_H

#include <signal.h>
#include <sys/types.h>
#include <time.h>

typedef struct pointer_queue *mqd_t;
struct mq_attr {
	long mq_flags, mq_maxmsg, mq_msgsize, mq_curmsgs;
	long unused[4];
};

mqd_t mq_open(const char *name, int flags, ...) __asm__("pointer_open");
int mq_close(mqd_t mqd) __asm__("pointer_close");
int mq_unlink(const char *name);
int mq_getattr(mqd_t mqd, struct mq_attr *attr) __asm__("pointer_getattr");
int mq_setattr(mqd_t mqd, const struct mq_attr *attr,
	       struct mq_attr *old) __asm__("pointer_setattr");
int mq_send(mqd_t mqd, const char *msg, size_t len,
	    unsigned prio) __asm__("pointer_send");
int mq_timedsend(mqd_t mqd, const char *msg, size_t len, unsigned prio,
		 const struct timespec *end) __asm__("pointer_timedsend");
ssize_t mq_receive(mqd_t mqd, char *buf, size_t len,
		   unsigned *prio) __asm__("pointer_receive");
ssize_t
mq_timedreceive(mqd_t mqd, char *buf, size_t len, unsigned *prio,
		const struct timespec *end) __asm__("pointer_timedreceive");
int mq_notify(mqd_t mqd,
	      const struct sigevent *event) __asm__("pointer_notify");

#endif
