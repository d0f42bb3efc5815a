/* SPDX-License-Identifier: BSD-3-Clause */
/* Bugs in what queues refuse. */
#include "mq-notify.h"

static int bad_is_invalid(mqd_t mqd, struct mq_attr *attr)
{
	int result = ct_base->mq_getattr(mqd, attr);

	return result != 0 && errno == EBADF ? note_fail(EINVAL) : result;
}

CT_MUTANT(mq_getattr_bad_errno, .breaks = "MQ-167",
	  .text = "a bad descriptor says EINVAL",
	  .os.mq_getattr = bad_is_invalid);

static ssize_t receive_small(mqd_t mqd, char *buf, size_t len, unsigned *prio)
{
	struct mq_attr attr = {0};

	ct_base->mq_getattr(mqd, &attr);
	if (len < (size_t)attr.mq_msgsize && attr.mq_curmsgs == 0)
		return 0;
	return ct_base->mq_receive(mqd, buf, len, prio);
}

CT_MUTANT(mq_receive_small_on_empty, .breaks = "MQ-170",
	  .text = "a buffer too small takes nothing from an empty queue and "
		  "calls it a message",
	  .os.mq_receive = receive_small);

static int send_cut(mqd_t mqd, const char *msg, size_t len, unsigned prio)
{
	struct mq_attr attr = {0};

	ct_base->mq_getattr(mqd, &attr);
	if (len > (size_t)attr.mq_msgsize && attr.mq_curmsgs == attr.mq_maxmsg)
		len = (size_t)attr.mq_msgsize;
	return ct_base->mq_send(mqd, msg, len, prio);
}

CT_MUTANT(mq_send_long_on_full, .breaks = "MQ-170",
	  .text = "a message that waits for room is cut and not refused",
	  .os.mq_send = send_cut);

static int set_first(mqd_t mqd, const struct mq_attr *attr, struct mq_attr *old)
{
	int result = ct_base->mq_setattr(mqd, attr, old), error = errno;
	struct mq_attr known = *attr;

	if (result == 0)
		return 0;
	known.mq_flags &= O_NONBLOCK;
	ct_base->mq_setattr(mqd, &known, NULL);
	return note_fail(error);
}

CT_MUTANT(mq_setattr_sets_and_fails, .breaks = "MQ-176",
	  .text = "the flags are stored before they are refused",
	  .os.mq_setattr = set_first);

static bool changed;

static int set_changed(mqd_t mqd, const struct mq_attr *attr,
		       struct mq_attr *old)
{
	changed = true;
	return ct_base->mq_setattr(mqd, attr, old);
}

static ssize_t early(mqd_t mqd, char *buf, size_t len, unsigned *prio,
		     const struct timespec *deadline)
{
	static const struct timespec past = {1, 0};

	return ct_base->mq_timedreceive(mqd, buf, len, prio,
					changed ? &past : deadline);
}

CT_MUTANT(mq_flag_change_early, .breaks = "MQ-190",
	  .text = "after a change of flags a timed receive ends early",
	  .os.mq_setattr = set_changed, .os.mq_timedreceive = early);
