/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * What several files of cases on message queues use.  None of these helpers
 * checks: a case checks what they return, so that a failure has its line.
 */
#ifndef CT_CASES_MQ_H
#define CT_CASES_MQ_H

#include "ct.h"

#include <limits.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

/* The ways into one operation: a bug may be on either alone. */
enum q_path { Q_PLAIN, Q_TIMED, Q_PATHS };

/* A deadline that a correct system never reaches: the runner ends it before. */
static inline struct timespec q_far(void)
{
	return ct_in_ms(CLOCK_REALTIME, 3600 * 1000L);
}

static inline int q_send(struct ct *t, mqd_t mqd, enum q_path path,
			 const void *msg, size_t len, unsigned prio)
{
	struct timespec end = q_far();

	if (path == Q_TIMED)
		return t->os->mq_timedsend(mqd, msg, len, prio, &end);
	return t->os->mq_send(mqd, msg, len, prio);
}

static inline ssize_t q_receive(struct ct *t, mqd_t mqd, enum q_path path,
				void *buf, size_t len, unsigned *prio)
{
	struct timespec end = q_far();

	if (path == Q_TIMED)
		return t->os->mq_timedreceive(mqd, buf, len, prio, &end);
	return t->os->mq_receive(mqd, buf, len, prio);
}

/* Adds a message of one byte without waiting; 0 or -1. */
static inline int q_put(struct ct *t, mqd_t mqd, char byte, unsigned prio)
{
	return t->os->mq_timedsend(mqd, &byte, 1, prio, &ct_past);
}

/* Takes a message of one byte without waiting; its byte, or -1. */
static inline int q_take(struct ct *t, mqd_t mqd, unsigned *prio)
{
	char buf[64];

	if (t->os->mq_timedreceive(mqd, buf, sizeof(buf), prio, &ct_past) != 1)
		return -1;
	return (unsigned char)buf[0];
}

/* Takes a message of up to 64 bytes through a handle. */
static inline pipc_status q_handle_take(pipc_mq *mq,
					const struct timespec *timeout)
{
	char buf[64];
	size_t len = sizeof(buf);

	return pipc_mq_receive(mq, buf, &len, timeout, NULL);
}

/* What mq_getattr() says; -1 in every member when it fails. */
static inline struct mq_attr q_attr(struct ct *t, mqd_t mqd)
{
	struct mq_attr attr = {0};

	if (t->os->mq_getattr(mqd, &attr) != 0)
		attr.mq_flags = attr.mq_maxmsg = attr.mq_msgsize =
		    attr.mq_curmsgs = -1;
	return attr;
}

static inline long q_count(struct ct *t, mqd_t mqd)
{
	return q_attr(t, mqd).mq_curmsgs;
}

/*
 * mq_open() of an existing queue, or with O_CREAT one of 1 x 16 bytes, which
 * every user may have wherever there are queues at all.
 */
static inline mqd_t q_open(struct ct *t, const char *name, int flags,
			   mode_t mode)
{
	struct mq_attr attr = {.mq_maxmsg = 1, .mq_msgsize = 16};

	return t->os->mq_open(name, flags, mode, &attr);
}

/* The same of 2 x 16 bytes; ct_need_queue() tells whether it can be had. */
static inline mqd_t q_open_two(struct ct *t, const char *name, int flags,
			       mode_t mode)
{
	struct mq_attr attr = {.mq_maxmsg = 2, .mq_msgsize = 16};

	return t->os->mq_open(name, flags, mode, &attr);
}

/* Another description of a queue, as set-up. */
static inline mqd_t q_another(struct ct *t, const char *name, int flags)
{
	mqd_t mqd;

	CT_SETUP_TRUE((mqd = q_open(t, name, flags, 0)) != PIPC__BAD_MQD);
	return mqd;
}

/* The highest priority to be had. */
static inline unsigned q_top(void)
{
	return (unsigned)pipc_limits()->queue_priority_max;
}

/* The descriptor that an mqd_t is; -1 where it is none. */
static inline int q_fd(mqd_t mqd)
{
	intptr_t n = (intptr_t)mqd;

	if (n < 0 || n > INT_MAX || fcntl((int)n, F_GETFD) == -1)
		return -1;
	return (int)n;
}

/* A number that the system shows in a file; -1 where it does not. */
static inline long q_number(const char *path)
{
	char text[32] = "";
	FILE *f = fopen(path, "r");
	long n = -1;

	if (f == NULL)
		return -1;
	if (fgets(text, sizeof(text), f) == NULL || sscanf(text, "%ld", &n) < 1)
		n = -1;
	fclose(f);
	return n;
}

/* Where Linux shows the limits of the queues of a namespace. */
#define Q_SHOWN "/proc/sys/fs/mqueue/"

/* Sets a number that can be set there; false where it cannot. */
static inline bool q_set_number(const char *path, long n)
{
	FILE *f = fopen(path, "w");

	if (f == NULL)
		return false;
	fprintf(f, "%ld\n", n);
	return fclose(f) == 0 && q_number(path) == n;
}

#endif
