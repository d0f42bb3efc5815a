/* SPDX-License-Identifier: BSD-3-Clause */
/* Bugs in capacity, concurrency, time and options of message queues. */
#include "mq-notify.h"

#include <sched.h>

static const struct timespec past = {1, 0};

static long option_is_odd(int name)
{
	return name == _SC_MESSAGE_PASSING ? 1 : ct_base->sysconf(name);
}

CT_MUTANT(mq_option_odd, .breaks = "MQ-161", .text = "the option's value is 1",
	  .os.sysconf = option_is_odd);

static long sets_errno(int name)
{
	if (name == _SC_MQ_OPEN_MAX)
		return note_fail(EINVAL);
	return ct_base->sysconf(name);
}

CT_MUTANT(mq_option_errno, .breaks = "MQ-161",
	  .text = "the limit of open queues is no name that it knows",
	  .os.sysconf = sets_errno);

/* A message less of room for a full one, or for the last priority. */
static int no_room_for_last(mqd_t mqd, const char *msg, size_t len,
			    unsigned prio, const struct timespec *end)
{
	struct mq_attr attr = {0};

	ct_base->mq_getattr(mqd, &attr);
	if (attr.mq_maxmsg > 1 && (long)len == attr.mq_msgsize &&
	    attr.mq_curmsgs == attr.mq_maxmsg - 1)
		return note_fail(ENOMEM);
	return ct_base->mq_timedsend(mqd, msg, len, prio, end);
}

CT_MUTANT(mq_no_room_for_last, .breaks = "MQ-166",
	  .text = "there is no memory for the last message of full size",
	  .os.mq_timedsend = no_room_for_last);

static int eight_bits(mqd_t mqd, const char *msg, size_t len, unsigned prio,
		      const struct timespec *end)
{
	return ct_base->mq_timedsend(mqd, msg, len, prio & 255, end);
}

CT_MUTANT(mq_priority_eight_bits, .breaks = "MQ-166",
	  .text = "priorities have 8 bits", .os.mq_timedsend = eight_bits);

/* Now and then a call that is interrupted has done its work. */
static bool now_and_then(void)
{
	static int calls;

	return ++calls % 10 == 5;
}

static int send_repeats(mqd_t mqd, const char *msg, size_t len, unsigned prio)
{
	int result = ct_base->mq_send(mqd, msg, len, prio);

	return result == 0 && now_and_then() ? note_fail(EINTR) : result;
}

CT_MUTANT(mq_interrupted_send_queues, .breaks = "MQ-164",
	  .text = "a send that is interrupted has queued its message",
	  .os.mq_send = send_repeats);

/* A receiver looks and takes in two steps. */
static ssize_t receive_puts_back(mqd_t mqd, char *buf, size_t len,
				 unsigned *prio)
{
	ssize_t n = ct_base->mq_receive(mqd, buf, len, prio);

	if (n > 0 && now_and_then())
		ct_base->mq_timedsend(mqd, buf, (size_t)n, 0, &past);
	return n;
}

CT_MUTANT(mq_received_twice, .breaks = "MQ-164",
	  .text = "now and then two receivers get one message",
	  .os.mq_receive = receive_puts_back);

static int interrupted_sends(mqd_t mqd, const char *msg, size_t len,
			     unsigned prio, const struct timespec *end)
{
	int result = ct_base->mq_timedsend(mqd, msg, len, prio, end);

	return result != 0 && errno == EINTR ? 0 : result;
}

CT_MUTANT(mq_interrupted_is_sent, .breaks = "MQ-165",
	  .text = "an interrupted mq_timedsend is success",
	  .os.mq_timedsend = interrupted_sends);

static ssize_t short_is_fine(mqd_t mqd, char *buf, size_t len, unsigned *prio)
{
	ssize_t n = ct_base->mq_receive(mqd, buf, len, prio);

	return n < 0 && errno == EMSGSIZE && note_messages(mqd) == 0 ? 0 : n;
}

CT_MUTANT(mq_short_and_empty_fine, .breaks = "MQ-170",
	  .text = "a short buffer on an empty queue gets no bytes",
	  .os.mq_receive = short_is_fine);

static int long_is_einval(mqd_t mqd, const char *msg, size_t len, unsigned prio,
			  const struct timespec *end)
{
	int result = ct_base->mq_timedsend(mqd, msg, len, prio, end);

	return result != 0 && errno == EMSGSIZE && note_messages(mqd) > 0
		   ? note_fail(EINVAL)
		   : result;
}

CT_MUTANT(mq_long_and_full_einval, .breaks = "MQ-170",
	  .text = "too long a message to a full queue says EINVAL",
	  .os.mq_timedsend = long_is_einval);

/* Waits as a process like any other. */
static int send_unsorted(mqd_t mqd, const char *msg, size_t len, unsigned prio)
{
	struct sched_param mine, usual = {0};
	int policy = sched_getscheduler(0), result;

	sched_getparam(0, &mine);
	sched_setscheduler(0, SCHED_OTHER, &usual);
	result = ct_base->mq_send(mqd, msg, len, prio);
	sched_setscheduler(0, policy, &mine);
	return result;
}

CT_MUTANT(mq_senders_in_order, .breaks = "MQ-171",
	  .text = "senders are served as they came, whatever their priority",
	  .os.mq_send = send_unsorted);

static bool changed;

static int setattr_noted(mqd_t mqd, const struct mq_attr *attr,
			 struct mq_attr *old)
{
	changed = true;
	return ct_base->mq_setattr(mqd, attr, old);
}

static ssize_t change_is_einval(mqd_t mqd, char *buf, size_t len,
				unsigned *prio, const struct timespec *end)
{
	ssize_t n = ct_base->mq_timedreceive(mqd, buf, len, prio, end);

	return n < 0 && changed ? note_fail(EINVAL) : n;
}

CT_MUTANT(mq_flag_changed_einval, .breaks = "MQ-190",
	  .text = "a flag that was changed makes mq_timedreceive say EINVAL",
	  .os.mq_setattr = setattr_noted,
	  .os.mq_timedreceive = change_is_einval);

static ssize_t change_is_early(mqd_t mqd, char *buf, size_t len, unsigned *prio,
			       const struct timespec *end)
{
	return ct_base->mq_timedreceive(mqd, buf, len, prio,
					changed ? &past : end);
}

CT_MUTANT(mq_flag_changed_early, .breaks = "MQ-190",
	  .text = "a flag that was changed makes mq_timedreceive end at once",
	  .os.mq_setattr = setattr_noted,
	  .os.mq_timedreceive = change_is_early);
