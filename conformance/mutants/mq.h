/* SPDX-License-Identifier: BSD-3-Clause */
/* What several files of mutants of message queues use. */
#ifndef CT_MUTANTS_MQ_H
#define CT_MUTANTS_MQ_H

#include "mutant.h"

#include <string.h>

/* A deadline that has passed: do not wait. */
static const struct timespec q_past = {1, 0};

static inline int q_fails(int error)
{
	errno = error;
	return -1;
}

static inline struct mq_attr q_state(mqd_t mqd)
{
	struct mq_attr attr = {0};

	ct_base->mq_getattr(mqd, &attr);
	return attr;
}

static inline bool q_nonblocking(mqd_t mqd)
{
	return q_state(mqd).mq_flags & O_NONBLOCK;
}

static inline bool q_full(mqd_t mqd)
{
	struct mq_attr attr = q_state(mqd);

	return attr.mq_curmsgs == attr.mq_maxmsg;
}

static inline bool q_empty(mqd_t mqd)
{
	return q_state(mqd).mq_curmsgs == 0;
}

#endif
