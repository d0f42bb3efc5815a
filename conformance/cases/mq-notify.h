/* SPDX-License-Identifier: BSD-3-Clause */
/* What the cases of notification share. */
#ifndef CASES_MQ_NOTIFY_H
#define CASES_MQ_NOTIFY_H

#include "mq.h"

#define NEEDS_NOTIFY (CT_NEED_MQ | CT_NEED_MQ_NOTIFY)

/*
 * What checks is a macro, so that a failure has the line of the case.
 *
 * Sends one byte.
 */
#define put(t, mqd, byte)                                                      \
	CT_OK((t)->os->mq_send(mqd, &(const char){byte}, 1, 0) == 0)

/* A signal that is caught from now on and queued, so that two count as two. */
static inline int counted_signal(struct ct *t)
{
	int signo = pipc_limits()->user_signal_min;

	if (signo == 0)
		signo = SIGUSR1;
	else
		ct_need_queued(t);
	ct_catch(t, signo);
	return signo;
}

static inline struct sigevent by_signal(int signo, int value)
{
	struct sigevent event = {.sigev_notify = SIGEV_SIGNAL,
				 .sigev_signo = signo};

	event.sigev_value.sival_int = value;
	return event;
}

static inline int q_notify(struct ct *t, mqd_t mqd, int signo)
{
	struct sigevent event = by_signal(signo, 0);

	return t->os->mq_notify(mqd, &event);
}

static inline int q_notify_none(struct ct *t, mqd_t mqd)
{
	struct sigevent none = {.sigev_notify = SIGEV_NONE};

	return t->os->mq_notify(mqd, &none);
}

#define request(t, mqd, signo) CT_OK(q_notify(t, mqd, signo) == 0)

/* So many have come in all, and no more come. */
#define expect_caught(t, signo, n)                                             \
	do {                                                                   \
		if ((n) > 0)                                                   \
			CT_CHECK(ct_await_caught(t, signo, n));                \
		ct_settle(t);                                                  \
		CT_EQUAL(ct_caught(signo), n);                                 \
	} while (0)

/* Does somebody hold the queue's one request?  Nothing is changed. */
#define expect_held(t, mqd) CT_ERRNO(q_notify_none(t, mqd) == -1, EBUSY)

#define expect_free(t, mqd)                                                    \
	do {                                                                   \
		if (CT_OK(q_notify_none(t, mqd) == 0))                         \
			CT_OK((t)->os->mq_notify(mqd, NULL) == 0);             \
	} while (0)

#endif
