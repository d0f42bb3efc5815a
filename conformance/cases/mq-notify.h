/* SPDX-License-Identifier: BSD-3-Clause */
/* What the cases of notification share. */
#ifndef CASES_MQ_NOTIFY_H
#define CASES_MQ_NOTIFY_H

#include "mq.h"

#define NEEDS_NOTIFY (CT_NEED_MQ | CT_NEED_MQ_NOTIFY)

/* Sends one byte. */
static inline void put(struct ct *t, mqd_t mqd, char byte)
{
	CT_OK(t->os->mq_send(mqd, &byte, 1, 0) == 0);
}

/* A signal that is caught from now on and queued, so that two count as two. */
static inline int counted_signal(struct ct *t)
{
	int signo = pipc_limits()->user_signal_min;

	if (signo == 0)
		signo = SIGUSR1;
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

static inline void request(struct ct *t, mqd_t mqd, int signo)
{
	struct sigevent event = by_signal(signo, 0);

	CT_OK(t->os->mq_notify(mqd, &event) == 0);
}

/* So many have come in all, and no more come. */
static inline void expect_caught(struct ct *t, int signo, int n)
{
	if (n > 0)
		CT_CHECK(ct_await_caught(t, signo, n));
	ct_settle(t);
	CT_EQUAL(ct_caught(signo), n);
}

/* Does somebody hold the queue's one request?  Nothing is changed. */
static inline void expect_held(struct ct *t, mqd_t mqd)
{
	struct sigevent none = {.sigev_notify = SIGEV_NONE};

	CT_ERRNO(t->os->mq_notify(mqd, &none) == -1, EBUSY);
}

static inline void expect_free(struct ct *t, mqd_t mqd)
{
	struct sigevent none = {.sigev_notify = SIGEV_NONE};

	if (CT_OK(t->os->mq_notify(mqd, &none) == 0))
		CT_OK(t->os->mq_notify(mqd, NULL) == 0);
}

#endif
