/* SPDX-License-Identifier: BSD-3-Clause */
/* A record of the latest request that all processes see, for mutants. */
#ifndef MUTANTS_MQ_NOTIFY_H
#define MUTANTS_MQ_NOTIFY_H

#include "mutant.h"

#include <errno.h>
#include <string.h>

struct noted {
	pid_t group; /* of the case */
	pid_t pid;   /* of the requester; 0: nobody */
	int signo;
	union sigval value;
	int waiting; /* in a receive that found the queue empty */
	int flag;    /* whatever the mutant needs */
	int count;
};
#define NOTED 256
static struct noted *all_noted;
static mqd_t noted_mqd;		    /* in the requester */
static struct sigevent noted_event; /* in the requester */

static inline void note_init(void)
{
	all_noted = ct_mutant_shared(NOTED * sizeof(*all_noted));
}

/* That of this case: several run at a time, each in a group of its own. */
static inline struct noted *note(void)
{
	struct noted *n = all_noted;
	pid_t group = getpgrp(), nobody;

	for (; n < all_noted + NOTED - 1; n++) {
		nobody = 0;
		if (n->group == group ||
		    __atomic_compare_exchange_n(&n->group, &nobody, group,
						false, __ATOMIC_SEQ_CST,
						__ATOMIC_SEQ_CST))
			break;
	}
	return n;
}

static inline int note_request(mqd_t mqd, const struct sigevent *event)
{
	int result = ct_base->mq_notify(mqd, event);

	if (result != 0)
		return result;
	note()->pid = event != NULL ? getpid() : 0;
	if (event != NULL) {
		note()->signo = event->sigev_notify == SIGEV_SIGNAL
				    ? event->sigev_signo
				    : 0;
		note()->value = event->sigev_value;
		noted_mqd = mqd;
		noted_event = *event;
	}
	return 0;
}

/* One more signal for the requester. */
static inline void note_signal(void)
{
	int error = errno;

	if (note()->pid != 0 && note()->signo != 0)
		kill(note()->pid, note()->signo);
	errno = error;
}

/* Takes the request away; possible in the requester only. */
static inline void note_cancel(void)
{
	int error = errno;

	if (note()->pid == getpid())
		ct_base->mq_notify(noted_mqd, NULL);
	errno = error;
}

static inline long note_messages(mqd_t mqd)
{
	struct mq_attr attr = {.mq_curmsgs = -1};
	int error = errno;

	ct_base->mq_getattr(mqd, &attr);
	errno = error;
	return attr.mq_curmsgs;
}

static inline int note_fail(int error)
{
	errno = error;
	return -1;
}

#endif
