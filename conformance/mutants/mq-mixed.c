/* SPDX-License-Identifier: BSD-3-Clause */
/* Bugs in what a system says of its queues, and under two conditions at once.
 */
#include "mutant.h"

#include <errno.h>
#include <string.h>

static long no_option(int name)
{
	return name == _SC_MESSAGE_PASSING ? -1 : ct_base->sysconf(name);
}

CT_MUTANT(mq_option_denied, .breaks = "MQ-161",
	  .text = "the option is not claimed, though queues work",
	  .os.sysconf = no_option);

static long few_queues(int name)
{
	return name == _SC_MQ_OPEN_MAX ? 4 : ct_base->sysconf(name);
}

CT_MUTANT(mq_open_max_4, .breaks = "MQ-161",
	  .text = "fewer queues than POSIX promises are claimed",
	  .os.sysconf = few_queues);

static int send_enosys(mqd_t mqd, const char *msg, size_t len, unsigned prio)
{
	(void)mqd;
	(void)msg;
	(void)len;
	(void)prio;
	errno = ENOSYS;
	return -1;
}

CT_MUTANT(mq_send_enosys, .breaks = "GEN-024", .text = "mq_send is not there",
	  .os.mq_send = send_enosys);

static int set_enosys(mqd_t mqd, const struct mq_attr *attr,
		      struct mq_attr *old)
{
	(void)mqd;
	(void)attr;
	(void)old;
	errno = ENOSYS;
	return -1;
}

CT_MUTANT(mq_setattr_enosys, .breaks = "MQ-162",
	  .text = "mq_setattr is not there", .os.mq_setattr = set_enosys);

static int one_less(mqd_t mqd, const char *msg, size_t len, unsigned prio,
		    const struct timespec *end)
{
	struct mq_attr attr;

	if (ct_base->mq_getattr(mqd, &attr) == 0 && attr.mq_maxmsg > 4 &&
	    attr.mq_curmsgs >= attr.mq_maxmsg - 1) {
		errno = ETIMEDOUT;
		return -1;
	}
	return ct_base->mq_timedsend(mqd, msg, len, prio, end);
}

CT_MUTANT(mq_full_one_early, .breaks = "MQ-166",
	  .text = "a queue is full one message too early",
	  .os.mq_timedsend = one_less);

static int getattr_einval(mqd_t mqd, struct mq_attr *attr)
{
	int result = ct_base->mq_getattr(mqd, attr);

	if (result != 0 && errno == EBADF)
		errno = EINVAL;
	return result;
}

CT_MUTANT(mq_getattr_einval, .breaks = "MQ-167",
	  .text = "mq_getattr of no queue is EINVAL",
	  .os.mq_getattr = getattr_einval);

/* Takes the message, and then says that it was interrupted. */
static ssize_t interrupted_late(mqd_t mqd, char *buf, size_t len,
				unsigned *prio)
{
	static unsigned calls;
	ssize_t n = ct_base->mq_receive(mqd, buf, len, prio);

	if (n >= 0 && ++calls == 20) {
		errno = EINTR;
		return -1;
	}
	return n;
}

CT_MUTANT(mq_receive_eintr_after, .breaks = "MQ-164",
	  .text = "an interrupted receive has taken a message",
	  .os.mq_receive = interrupted_late);

static ssize_t timed_zero(mqd_t mqd, char *buf, size_t len, unsigned *prio,
			  const struct timespec *end)
{
	ssize_t n = ct_base->mq_timedreceive(mqd, buf, len, prio, end);

	return n < 0 && errno == EINTR ? 0 : n;
}

CT_MUTANT(mq_timedreceive_eintr_is_0, .breaks = "MQ-165",
	  .text = "an interrupted timed receive gives an empty message",
	  .os.mq_timedreceive = timed_zero);

static ssize_t takes_short(mqd_t mqd, char *buf, size_t len, unsigned *prio,
			   const struct timespec *end)
{
	ssize_t n = ct_base->mq_timedreceive(mqd, buf, len, prio, end);

	return n < 0 && errno == EMSGSIZE ? 0 : n;
}

CT_MUTANT(mq_timedreceive_short_is_0, .breaks = "MQ-170",
	  .text = "a buffer that is too short gets an empty message",
	  .os.mq_timedreceive = takes_short);

static int sets_all_the_same(mqd_t mqd, const struct mq_attr *attr,
			     struct mq_attr *old)
{
	struct mq_attr fine = *attr;
	int result = ct_base->mq_setattr(mqd, attr, old);

	if (result != 0) {
		fine.mq_flags &= O_NONBLOCK;
		ct_base->mq_setattr(mqd, &fine, old);
		errno = EINVAL;
	}
	return result;
}

CT_MUTANT(mq_setattr_fails_and_sets, .breaks = "MQ-176",
	  .text = "an mq_setattr that fails has set what it could",
	  .os.mq_setattr = sets_all_the_same);

static ssize_t flag_eio(mqd_t mqd, char *buf, size_t len, unsigned *prio,
			const struct timespec *end)
{
	ssize_t n = ct_base->mq_timedreceive(mqd, buf, len, prio, end);

	if (n < 0 && errno == ETIMEDOUT)
		errno = EIO;
	return n;
}

CT_MUTANT(mq_timedreceive_late_eio, .breaks = "MQ-190",
	  .text = "a timed receive that is late is EIO",
	  .os.mq_timedreceive = flag_eio);

static mqd_t default_eio(const char *name, int flags, mode_t mode,
			 struct mq_attr *attr)
{
	if ((flags & O_CREAT) && attr == NULL) {
		errno = EIO;
		return PIPC__BAD_MQD;
	}
	return ct_base->mq_open(name, flags, mode, attr);
}

CT_MUTANT(mq_open_default_eio, .breaks = "MQ-175",
	  .text = "a queue of the default size is EIO",
	  .os.mq_open = default_eio);
