/* SPDX-License-Identifier: BSD-3-Clause */
/* Bugs in attributes, descriptions, and bad descriptors. */
#include "mq.h"

static int flags_unseen(mqd_t mqd, struct mq_attr *attr)
{
	int result = ct_base->mq_getattr(mqd, attr);

	attr->mq_flags = 0;
	return result;
}

CT_MUTANT(mq_getattr_no_flags, .breaks = "MQ-097",
	  .text = "mq_getattr() does not show O_NONBLOCK",
	  .os.mq_getattr = flags_unseen);

static int msgsize_unseen(mqd_t mqd, struct mq_attr *attr)
{
	int result = ct_base->mq_getattr(mqd, attr);

	attr->mq_msgsize += 8;
	return result;
}

CT_MUTANT(mq_getattr_with_header, .breaks = "MQ-097 MQ-003",
	  .text = "mq_getattr() counts a header of 8 bytes to the size",
	  .os.mq_getattr = msgsize_unseen);

static int refuses_others(mqd_t mqd, const struct mq_attr *attr,
			  struct mq_attr *old)
{
	if (attr->mq_maxmsg != q_state(mqd).mq_maxmsg && attr->mq_msgsize == 99)
		return q_fails(EINVAL);
	return ct_base->mq_setattr(mqd, attr, old);
}

CT_MUTANT(mq_setattr_refuses_others, .breaks = "MQ-098",
	  .text = "mq_setattr() refuses another depth or size",
	  .os.mq_setattr = refuses_others);

static int empties(mqd_t mqd, const struct mq_attr *attr, struct mq_attr *old)
{
	int result = ct_base->mq_setattr(mqd, attr, old);
	char buf[64];

	if (result == 0 && attr->mq_curmsgs == 0 && attr->mq_maxmsg != 0)
		ct_base->mq_timedreceive(mqd, buf, sizeof(buf), NULL, &q_past);
	return result;
}

CT_MUTANT(mq_setattr_takes_curmsgs, .breaks = "MQ-098",
	  .text = "mq_setattr() with mq_curmsgs 0 takes a message",
	  .os.mq_setattr = empties);

static int old_is_new(mqd_t mqd, const struct mq_attr *attr,
		      struct mq_attr *old)
{
	int result = ct_base->mq_setattr(mqd, attr, NULL);

	if (result == 0 && old != NULL)
		ct_base->mq_getattr(mqd, old);
	return result;
}

CT_MUTANT(mq_setattr_old_is_new, .breaks = "MQ-099",
	  .text = "mq_setattr() stores the attributes from after it",
	  .os.mq_setattr = old_is_new);

static int wants_old(mqd_t mqd, const struct mq_attr *attr, struct mq_attr *old)
{
	if (old == NULL)
		return q_fails(EFAULT);
	return ct_base->mq_setattr(mqd, attr, old);
}

CT_MUTANT(mq_setattr_wants_old, .breaks = "MQ-099",
	  .text = "mq_setattr() wants a place for the old attributes",
	  .os.mq_setattr = wants_old);

/* O_NONBLOCK kept with the queue, for all its openers. */
static int *queue_nonblock;

static void queue_init(void)
{
	queue_nonblock = ct_mutant_shared(sizeof(*queue_nonblock));
}

static mqd_t open_sets_queue(const char *name, int flags, mode_t mode,
			     struct mq_attr *attr)
{
	if (flags & O_NONBLOCK)
		*queue_nonblock = O_NONBLOCK;
	return ct_base->mq_open(name, flags, mode, attr);
}

static int shows_queue(mqd_t mqd, struct mq_attr *attr)
{
	int result = ct_base->mq_getattr(mqd, attr);

	attr->mq_flags |= *queue_nonblock;
	return result;
}

CT_MUTANT(mq_open_nonblock_of_queue, .breaks = "MQ-038",
	  .text = "O_NONBLOCK of one opening is everybody's",
	  .os.mq_open = open_sets_queue, .os.mq_getattr = shows_queue,
	  .init = queue_init);

static int set_sets_queue(mqd_t mqd, const struct mq_attr *attr,
			  struct mq_attr *old)
{
	*queue_nonblock = (int)attr->mq_flags & O_NONBLOCK;
	return ct_base->mq_setattr(mqd, attr, old);
}

CT_MUTANT(mq_setattr_nonblock_of_queue, .breaks = "MQ-101",
	  .text = "mq_setattr() on one description is everybody's",
	  .os.mq_setattr = set_sets_queue, .os.mq_getattr = shows_queue,
	  .init = queue_init);

/* O_NONBLOCK kept in the process. */
static pid_t set_by;
static int set_here = -1;

static int set_in_process(mqd_t mqd, const struct mq_attr *attr,
			  struct mq_attr *old)
{
	set_by = getpid();
	set_here = (int)attr->mq_flags & O_NONBLOCK;
	(void)mqd;
	return old != NULL ? ct_base->mq_getattr(mqd, old) : 0;
}

static int get_in_process(mqd_t mqd, struct mq_attr *attr)
{
	int result = ct_base->mq_getattr(mqd, attr);

	if (set_here >= 0 && set_by == getpid())
		attr->mq_flags = set_here;
	return result;
}

CT_MUTANT(mq_nonblock_of_process, .breaks = "MQ-093",
	  .text = "O_NONBLOCK is kept in the process that set it",
	  .os.mq_setattr = set_in_process, .os.mq_getattr = get_in_process);

static int close_removes(mqd_t mqd)
{
	char buf[8192];

	while (ct_base->mq_timedreceive(mqd, buf, sizeof(buf), NULL, &q_past) >=
	       0)
		;
	return ct_base->mq_close(mqd);
}

CT_MUTANT(mq_close_takes_messages, .breaks = "MQ-094",
	  .text = "mq_close() empties the queue", .os.mq_close = close_removes);

static int close_twice(mqd_t mqd)
{
	return mqd == PIPC__BAD_MQD ? 0 : ct_base->mq_close(mqd);
}

CT_MUTANT(mq_close_bad_is_fine, .breaks = "MQ-082",
	  .text = "mq_close((mqd_t)-1) returns 0", .os.mq_close = close_twice);

static ssize_t bad_is_einval(mqd_t mqd, char *buf, size_t len, unsigned *prio,
			     const struct timespec *end)
{
	if (mqd == PIPC__BAD_MQD)
		return q_fails(EINVAL);
	return ct_base->mq_timedreceive(mqd, buf, len, prio, end);
}

CT_MUTANT(mq_timedreceive_bad_is_einval, .breaks = "MQ-082",
	  .text = "a timed receive from (mqd_t)-1 is EINVAL",
	  .os.mq_timedreceive = bad_is_einval);

static int two_wrongs(mqd_t mqd, const char *msg, size_t len, unsigned prio)
{
	if (mqd == PIPC__BAD_MQD && len > 16)
		return q_fails(EFAULT);
	return ct_base->mq_send(mqd, msg, len, prio);
}

CT_MUTANT(mq_send_two_wrongs, .breaks = "MQ-083",
	  .text = "two errors at once are a third", .os.mq_send = two_wrongs);
