/* SPDX-License-Identifier: BSD-3-Clause */
/* Bugs in receiving. */
#include "mq.h"

static ssize_t small_is_fine(mqd_t mqd, char *buf, size_t len, unsigned *prio)
{
	char whole[8192];
	ssize_t n;

	if ((long)len >= q_state(mqd).mq_msgsize)
		return ct_base->mq_receive(mqd, buf, len, prio);
	n = ct_base->mq_receive(mqd, whole, sizeof(whole), prio);
	if (n >= 0)
		memcpy(buf, whole, (size_t)n < len ? (size_t)n : len);
	return n;
}

CT_MUTANT(mq_receive_small_buffer, .breaks = "MQ-048",
	  .text = "a buffer below the queue's size does when the message fits",
	  .os.mq_receive = small_is_fine);

static ssize_t small_removes(mqd_t mqd, char *buf, size_t len, unsigned *prio,
			     const struct timespec *end)
{
	char whole[8192];

	if ((long)len >= q_state(mqd).mq_msgsize)
		return ct_base->mq_timedreceive(mqd, buf, len, prio, end);
	ct_base->mq_timedreceive(mqd, whole, sizeof(whole), prio, &q_past);
	return q_fails(EMSGSIZE);
}

CT_MUTANT(mq_timedreceive_small_removes, .breaks = "MQ-048",
	  .text = "a timed receive with a small buffer loses the message",
	  .os.mq_timedreceive = small_removes);

static ssize_t ends_with_zero(mqd_t mqd, char *buf, size_t len, unsigned *prio)
{
	ssize_t n = ct_base->mq_receive(mqd, buf, len, prio);

	if (n >= 0)
		buf[len] = '\0';
	return n;
}

CT_MUTANT(mq_receive_ends_with_zero, .breaks = "MQ-049",
	  .text = "a zero is written after the buffer",
	  .os.mq_receive = ends_with_zero);

static ssize_t large_is_einval(mqd_t mqd, char *buf, size_t len, unsigned *prio,
			       const struct timespec *end)
{
	if ((long)len > q_state(mqd).mq_msgsize && len < 64)
		return q_fails(EMSGSIZE);
	return ct_base->mq_timedreceive(mqd, buf, len, prio, end);
}

CT_MUTANT(mq_timedreceive_exact_buffer, .breaks = "MQ-049",
	  .text = "a timed receive wants a buffer of exactly the queue's size",
	  .os.mq_timedreceive = large_is_einval);

static ssize_t returns_size(mqd_t mqd, char *buf, size_t len, unsigned *prio)
{
	ssize_t n = ct_base->mq_receive(mqd, buf, len, prio);

	return n > 0 ? q_state(mqd).mq_msgsize : n;
}

CT_MUTANT(mq_receive_returns_size, .breaks = "MQ-050",
	  .text = "a receive returns the queue's message size",
	  .os.mq_receive = returns_size);

static ssize_t peeks(mqd_t mqd, char *buf, size_t len, unsigned *prio,
		     const struct timespec *end)
{
	unsigned own;
	ssize_t n = ct_base->mq_timedreceive(mqd, buf, len, &own, end);

	if (n >= 0)
		ct_base->mq_timedsend(mqd, buf, (size_t)n, own, &q_past);
	if (n >= 0 && prio != NULL)
		*prio = own;
	return n;
}

CT_MUTANT(mq_timedreceive_peeks, .breaks = "MQ-050",
	  .text = "a timed receive leaves the message in the queue",
	  .os.mq_timedreceive = peeks);

static ssize_t wants_priority(mqd_t mqd, char *buf, size_t len, unsigned *prio)
{
	if (prio == NULL)
		return q_fails(EFAULT);
	return ct_base->mq_receive(mqd, buf, len, prio);
}

CT_MUTANT(mq_receive_wants_priority, .breaks = "MQ-051",
	  .text = "a receive wants a place for the priority",
	  .os.mq_receive = wants_priority);

static ssize_t short_priority(mqd_t mqd, char *buf, size_t len, unsigned *prio)
{
	ssize_t n = ct_base->mq_receive(mqd, buf, len, prio);

	if (n >= 0 && prio != NULL)
		*prio &= 0xff;
	return n;
}

CT_MUTANT(mq_receive_short_priority, .breaks = "MQ-052",
	  .text = "a receive gives the priority in a byte",
	  .os.mq_receive = short_priority);

static ssize_t no_priority(mqd_t mqd, char *buf, size_t len, unsigned *prio,
			   const struct timespec *end)
{
	unsigned own;

	(void)prio;
	return ct_base->mq_timedreceive(mqd, buf, len, &own, end);
}

CT_MUTANT(mq_timedreceive_no_priority, .breaks = "MQ-052",
	  .text = "a timed receive does not store the priority",
	  .os.mq_timedreceive = no_priority);
