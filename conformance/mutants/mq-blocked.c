/* SPDX-License-Identifier: BSD-3-Clause */
/* Bugs in waiting: blocked senders and receivers. */
#include "mq.h"

static int full_fails(mqd_t mqd, const char *msg, size_t len, unsigned prio)
{
	if (q_full(mqd))
		return q_fails(EBADF);
	return ct_base->mq_send(mqd, msg, len, prio);
}

CT_MUTANT(mq_send_full_fails, .breaks = "MQ-062 MQ-074",
	  .text = "a send to a full queue fails instead of waiting",
	  .os.mq_send = full_fails);

static int full_is_dropped(mqd_t mqd, const char *msg, size_t len,
			   unsigned prio, const struct timespec *end)
{
	if (!q_nonblocking(mqd) && q_full(mqd) && end->tv_sec > 1000)
		return 0;
	return ct_base->mq_timedsend(mqd, msg, len, prio, end);
}

CT_MUTANT(mq_timedsend_full_drops, .breaks = "MQ-062",
	  .text = "a timed send to a full queue returns 0 and queues nothing",
	  .os.mq_timedsend = full_is_dropped);

static ssize_t empty_fails(mqd_t mqd, char *buf, size_t len, unsigned *prio)
{
	if (q_empty(mqd))
		return q_fails(EAGAIN);
	return ct_base->mq_receive(mqd, buf, len, prio);
}

CT_MUTANT(mq_receive_empty_fails, .breaks = "MQ-063 MQ-074",
	  .text = "a receive on an empty queue never waits",
	  .os.mq_receive = empty_fails);

static ssize_t empty_is_nothing(mqd_t mqd, char *buf, size_t len,
				unsigned *prio, const struct timespec *end)
{
	if (!q_nonblocking(mqd) && q_empty(mqd) && end->tv_sec > 1000)
		return 0;
	return ct_base->mq_timedreceive(mqd, buf, len, prio, end);
}

CT_MUTANT(mq_timedreceive_empty_returns, .breaks = "MQ-063",
	  .text = "a timed receive on an empty queue returns 0",
	  .os.mq_timedreceive = empty_is_nothing);

/* How many wait, of all processes. */
static struct waiting {
	int receivers, senders;
} * waiting;

static void waiting_init(void)
{
	waiting = ct_mutant_shared(sizeof(*waiting));
}

static ssize_t second_sleeps(mqd_t mqd, char *buf, size_t len, unsigned *prio)
{
	ssize_t n;

	if (q_nonblocking(mqd) || !q_empty(mqd))
		return ct_base->mq_receive(mqd, buf, len, prio);
	if (__atomic_add_fetch(&waiting->receivers, 1, __ATOMIC_SEQ_CST) > 1)
		for (;;)
			pause();
	n = ct_base->mq_receive(mqd, buf, len, prio);
	__atomic_sub_fetch(&waiting->receivers, 1, __ATOMIC_SEQ_CST);
	return n;
}

CT_MUTANT(mq_second_receiver_sleeps, .breaks = "MQ-084 MQ-090",
	  .text = "a receiver that waits behind another is never woken",
	  .os.mq_receive = second_sleeps, .init = waiting_init);

static int second_sender_sleeps(mqd_t mqd, const char *msg, size_t len,
				unsigned prio)
{
	int result;

	if (q_nonblocking(mqd) || !q_full(mqd))
		return ct_base->mq_send(mqd, msg, len, prio);
	if (__atomic_add_fetch(&waiting->senders, 1, __ATOMIC_SEQ_CST) > 1)
		for (;;)
			pause();
	result = ct_base->mq_send(mqd, msg, len, prio);
	__atomic_sub_fetch(&waiting->senders, 1, __ATOMIC_SEQ_CST);
	return result;
}

CT_MUTANT(mq_second_sender_sleeps, .breaks = "MQ-085",
	  .text = "a sender that waits behind another is never woken",
	  .os.mq_send = second_sender_sleeps, .init = waiting_init);

static ssize_t retries_receive(mqd_t mqd, char *buf, size_t len, unsigned *prio)
{
	ssize_t n;

	while ((n = ct_base->mq_receive(mqd, buf, len, prio)) < 0 &&
	       errno == EINTR)
		;
	return n;
}

CT_MUTANT(
    mq_receive_ignores_signals, .breaks = "MQ-080",
    .text = "a receive goes on waiting after a handler without SA_RESTART",
    .os.mq_receive = retries_receive);

static int eintr_is_eagain(mqd_t mqd, const char *msg, size_t len,
			   unsigned prio, const struct timespec *end)
{
	int result = ct_base->mq_timedsend(mqd, msg, len, prio, end);

	if (result != 0 && errno == EINTR)
		errno = ETIMEDOUT;
	return result;
}

CT_MUTANT(mq_timedsend_signal_is_timeout, .breaks = "MQ-080",
	  .text = "an interrupted timed send is ETIMEDOUT",
	  .os.mq_timedsend = eintr_is_eagain);

static ssize_t eintr_takes(mqd_t mqd, char *buf, size_t len, unsigned *prio)
{
	ssize_t n = ct_base->mq_receive(mqd, buf, len, prio);

	if (n < 0 && errno == EINTR) {
		ct_base->mq_timedsend(mqd, "", 0, 0, &q_past);
		errno = EINTR;
	}
	return n;
}

CT_MUTANT(mq_receive_signal_leaves_message, .breaks = "MQ-080",
	  .text = "an interrupted receive leaves an empty message",
	  .os.mq_receive = eintr_takes);

/* As though no handler had SA_RESTART while this waits. */
static void interrupting(void)
{
	struct sigaction action;

	if (sigaction(SIGUSR1, NULL, &action) != 0 ||
	    action.sa_handler == SIG_DFL)
		return;
	action.sa_flags &= ~SA_RESTART;
	sigaction(SIGUSR1, &action, NULL);
}

static ssize_t never_restarts(mqd_t mqd, char *buf, size_t len, unsigned *prio,
			      const struct timespec *end)
{
	interrupting();
	return ct_base->mq_timedreceive(mqd, buf, len, prio, end);
}

CT_MUTANT(mq_timedreceive_never_restarts, .breaks = "MQ-081",
	  .text = "SA_RESTART does not restart a timed receive",
	  .os.mq_timedreceive = never_restarts);

static int send_never_restarts(mqd_t mqd, const char *msg, size_t len,
			       unsigned prio)
{
	interrupting();
	return ct_base->mq_send(mqd, msg, len, prio);
}

CT_MUTANT(mq_send_never_restarts, .breaks = "MQ-081",
	  .text = "SA_RESTART does not restart a send",
	  .os.mq_send = send_never_restarts);

/* A helper sends for the caller, who may die meanwhile. */
static int ghost_sends(mqd_t mqd, const char *msg, size_t len, unsigned prio)
{
	if (!q_nonblocking(mqd) && q_full(mqd) && prio == 9 && fork() == 0) {
		alarm(5);
		ct_base->mq_send(mqd, msg, len, prio);
		_exit(0);
	}
	return ct_base->mq_send(mqd, msg, len, prio);
}

CT_MUTANT(mq_ghost_sends, .breaks = "MQ-088",
	  .text = "the message of a killed sender is queued when room comes",
	  .os.mq_send = ghost_sends);

/* The kernel gives a message to a receiver that is no more. */
static int *dead;

static void dead_init(void)
{
	dead = ct_mutant_shared(sizeof(*dead));
}

static ssize_t ghost_receives(mqd_t mqd, char *buf, size_t len, unsigned *prio)
{
	ssize_t n;

	if (q_nonblocking(mqd) || !q_empty(mqd))
		return ct_base->mq_receive(mqd, buf, len, prio);
	__atomic_add_fetch(dead, 1, __ATOMIC_SEQ_CST);
	n = ct_base->mq_receive(mqd, buf, len, prio);
	__atomic_sub_fetch(dead, 1, __ATOMIC_SEQ_CST);
	return n;
}

static int to_the_dead(mqd_t mqd, const char *msg, size_t len, unsigned prio,
		       const struct timespec *end)
{
	int of_old = __atomic_load_n(dead, __ATOMIC_SEQ_CST);

	/* One that waited was killed, for nobody else waits. */
	if (of_old > 1) {
		__atomic_sub_fetch(dead, 1, __ATOMIC_SEQ_CST);
		return 0;
	}
	return ct_base->mq_timedsend(mqd, msg, len, prio, end);
}

CT_MUTANT(mq_message_to_the_dead, .breaks = "MQ-089",
	  .text = "a message goes to a receiver that was killed",
	  .os.mq_receive = ghost_receives, .os.mq_timedsend = to_the_dead,
	  .init = dead_init);
