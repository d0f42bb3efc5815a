/* SPDX-License-Identifier: BSD-3-Clause */
/* Bugs between many, at exec, and at cancellation. */
#include "mq.h"

#include <pthread.h>
#include <sched.h>
#include <stdint.h>

static int sent;

static int sends_twice(mqd_t mqd, const char *msg, size_t len, unsigned prio)
{
	int result = ct_base->mq_send(mqd, msg, len, prio);
	struct timespec soon = ct_in_ms(CLOCK_REALTIME, 5);

	if (result == 0 && ++sent % 16 == 0)
		ct_base->mq_timedsend(mqd, msg, len, prio, &soon);
	return result;
}

CT_MUTANT(mq_sometimes_twice, .breaks = "MQ-091 MQ-092",
	  .text = "each 16th message is queued twice if there is room soon",
	  .os.mq_send = sends_twice);

static ssize_t tears(mqd_t mqd, char *buf, size_t len, unsigned *prio)
{
	ssize_t n = ct_base->mq_receive(mqd, buf, len, prio);

	if (n > 0 && ++sent % 32 == 0)
		buf[0] ^= 1;
	return n;
}

CT_MUTANT(mq_sometimes_torn, .breaks = "MQ-091 MQ-092",
	  .text = "each 32nd message received has a bit turned",
	  .os.mq_receive = tears);

static mqd_t over_exec(const char *name, int flags, mode_t mode,
		       struct mq_attr *attr)
{
	mqd_t mqd = ct_base->mq_open(name, flags, mode, attr);

	if (mqd != PIPC__BAD_MQD)
		fcntl((int)(intptr_t)mqd, F_SETFD, 0);
	return mqd;
}

CT_MUTANT(mq_open_over_exec, .breaks = "MQ-037",
	  .text = "a descriptor stays open over exec", .os.mq_open = over_exec);

static int cancel_sends(mqd_t mqd, const char *msg, size_t len, unsigned prio)
{
	int state, result;

	pthread_setcancelstate(PTHREAD_CANCEL_DISABLE, &state);
	result = ct_base->mq_send(mqd, msg, len, prio);
	pthread_setcancelstate(state, NULL);
	return result;
}

CT_MUTANT(mq_send_not_cancelled, .breaks = "MQ-095",
	  .text = "mq_send() is no cancellation point",
	  .os.mq_send = cancel_sends);

struct undone {
	mqd_t mqd;
};

static void leaves_message(void *arg)
{
	const struct undone *u = arg;

	ct_base->mq_timedsend(u->mqd, "", 0, 0, &q_past);
}

static ssize_t cancel_leaves(mqd_t mqd, char *buf, size_t len, unsigned *prio)
{
	struct undone u = {mqd};
	ssize_t n;

	pthread_cleanup_push(leaves_message, &u);
	n = ct_base->mq_receive(mqd, buf, len, prio);
	pthread_cleanup_pop(0);
	return n;
}

CT_MUTANT(mq_cancelled_leaves_message, .breaks = "MQ-095",
	  .text = "a cancelled receive leaves an empty message",
	  .os.mq_receive = cancel_leaves);

static ssize_t in_order_of_arrival(mqd_t mqd, char *buf, size_t len,
				   unsigned *prio)
{
	static const struct sched_param none = {0};

	sched_setscheduler(0, SCHED_OTHER, &none);
	return ct_base->mq_receive(mqd, buf, len, prio);
}

CT_MUTANT(mq_receivers_by_arrival, .breaks = "MQ-086",
	  .text = "receivers are served by arrival, whatever their priority",
	  .os.mq_receive = in_order_of_arrival);
