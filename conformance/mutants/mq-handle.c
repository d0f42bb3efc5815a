/* SPDX-License-Identifier: BSD-3-Clause */
/* Bugs in default and large sizes of message queues. */
#include "mq-notify.h"

static int send_cuts(mqd_t mqd, const char *msg, size_t len, unsigned prio,
		     const struct timespec *end)
{
	if (len > 8192)
		len = 8192;
	return ct_base->mq_timedsend(mqd, msg, len, prio, end);
}

CT_MUTANT(mq_large_cut, .breaks = "MQ-154",
	  .text = "messages are cut at 8192 bytes",
	  .os.mq_timedsend = send_cuts);

static ssize_t receive_spoils(mqd_t mqd, char *buf, size_t len, unsigned *prio,
			      const struct timespec *end)
{
	ssize_t n = ct_base->mq_timedreceive(mqd, buf, len, prio, end);

	if (n > 16384)
		memcpy(buf + 16384, buf, (size_t)n - 16384);
	return n;
}

CT_MUTANT(mq_large_wraps, .breaks = "MQ-154",
	  .text = "what is above 16384 bytes is read from the beginning",
	  .os.mq_timedreceive = receive_spoils);

static mqd_t explicit_limit(const char *name, int flags, mode_t mode,
			    struct mq_attr *attr)
{
	if ((flags & O_CREAT) && attr != NULL && attr->mq_msgsize >= 8192 &&
	    attr->mq_maxmsg > 1) {
		errno = EINVAL;
		return PIPC__BAD_MQD;
	}
	return ct_base->mq_open(name, flags, mode, attr);
}

CT_MUTANT(mq_default_not_accepted, .breaks = "MQ-175",
	  .text = "the default size is refused when it is asked for",
	  .os.mq_open = explicit_limit);

static mqd_t explicit_rounded(const char *name, int flags, mode_t mode,
			      struct mq_attr *attr)
{
	struct mq_attr less;

	if ((flags & O_CREAT) && attr != NULL && attr->mq_maxmsg > 8) {
		less = *attr;
		less.mq_maxmsg = 8;
		attr = &less;
	}
	return ct_base->mq_open(name, flags, mode, attr);
}

CT_MUTANT(mq_default_rounded, .breaks = "MQ-175",
	  .text = "a depth that is asked for is cut to a power of two",
	  .os.mq_open = explicit_rounded);
