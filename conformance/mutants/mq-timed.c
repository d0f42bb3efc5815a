/* SPDX-License-Identifier: BSD-3-Clause */
/* Bugs in deadlines and O_NONBLOCK. */
#include "mq.h"

static bool reached(const struct timespec *end)
{
	return ct_reached(CLOCK_REALTIME, end);
}

static int past_send(mqd_t mqd, const char *msg, size_t len, unsigned prio,
		     const struct timespec *end)
{
	if (reached(end) && !q_nonblocking(mqd))
		return q_fails(ETIMEDOUT);
	return ct_base->mq_timedsend(mqd, msg, len, prio, end);
}

CT_MUTANT(mq_timedsend_deadline_first, .breaks = "MQ-067",
	  .text = "a past deadline fails a send that has room",
	  .os.mq_timedsend = past_send);

static ssize_t past_receive(mqd_t mqd, char *buf, size_t len, unsigned *prio,
			    const struct timespec *end)
{
	if (reached(end) && !q_nonblocking(mqd))
		return q_fails(ETIMEDOUT);
	return ct_base->mq_timedreceive(mqd, buf, len, prio, end);
}

CT_MUTANT(mq_timedreceive_deadline_first, .breaks = "MQ-068",
	  .text = "a past deadline fails a receive that has a message",
	  .os.mq_timedreceive = past_receive);

/* Does a system call that writes there succeed? */
static bool writable(const struct timespec *end)
{
	struct timespec copy = *end;
	bool fine;
	int fd[2];

	if (pipe(fd) != 0)
		return true;
	fine =
	    write(fd[1], &copy, sizeof(copy)) == sizeof(copy) &&
	    read(fd[0], (void *)(uintptr_t)end, sizeof(*end)) == sizeof(*end);
	close(fd[0]);
	close(fd[1]);
	return fine;
}

static int writing_send(mqd_t mqd, const char *msg, size_t len, unsigned prio,
			const struct timespec *end)
{
	int result = ct_base->mq_timedsend(mqd, msg, len, prio, end);

	return result == 0 && !writable(end) ? q_fails(EFAULT) : result;
}

CT_MUTANT(mq_timedsend_writes_deadline, .breaks = "MQ-067",
	  .text = "a timed send writes its deadline back",
	  .os.mq_timedsend = writing_send);

static ssize_t writing_receive(mqd_t mqd, char *buf, size_t len, unsigned *prio,
			       const struct timespec *end)
{
	ssize_t n = ct_base->mq_timedreceive(mqd, buf, len, prio, end);

	return n >= 0 && !writable(end) ? q_fails(EFAULT) : n;
}

CT_MUTANT(mq_timedreceive_writes_deadline, .breaks = "MQ-068",
	  .text = "a timed receive writes its deadline back",
	  .os.mq_timedreceive = writing_receive);

static int late_is_eagain(mqd_t mqd, const char *msg, size_t len, unsigned prio,
			  const struct timespec *end)
{
	int result = ct_base->mq_timedsend(mqd, msg, len, prio, end);

	if (result != 0 && errno == ETIMEDOUT)
		errno = EAGAIN;
	return result;
}

CT_MUTANT(mq_timedsend_timeout_is_eagain, .breaks = "MQ-069",
	  .text = "a timed send that is too late is EAGAIN",
	  .os.mq_timedsend = late_is_eagain);

static ssize_t late_is_empty(mqd_t mqd, char *buf, size_t len, unsigned *prio,
			     const struct timespec *end)
{
	ssize_t n = ct_base->mq_timedreceive(mqd, buf, len, prio, end);

	return n < 0 && errno == ETIMEDOUT ? 0 : n;
}

CT_MUTANT(mq_timedreceive_timeout_is_empty, .breaks = "MQ-070",
	  .text = "a timed receive that is too late returns 0",
	  .os.mq_timedreceive = late_is_empty);

/* A deadline as a tick of 10 ms before it. */
static struct timespec in_ticks(const struct timespec *end)
{
	struct timespec tick = *end;

	if (tick.tv_nsec >= 0 && tick.tv_nsec < 1000000000)
		tick.tv_nsec -= tick.tv_nsec % 10000000;
	return tick;
}

static int send_by_ticks(mqd_t mqd, const char *msg, size_t len, unsigned prio,
			 const struct timespec *end)
{
	struct timespec tick = in_ticks(end);

	return ct_base->mq_timedsend(mqd, msg, len, prio, &tick);
}

static ssize_t receive_by_ticks(mqd_t mqd, char *buf, size_t len,
				unsigned *prio, const struct timespec *end)
{
	struct timespec tick = in_ticks(end);

	return ct_base->mq_timedreceive(mqd, buf, len, prio, &tick);
}

CT_MUTANT(mq_timedsend_by_ticks, .breaks = "MQ-071 MQ-073",
	  .text = "the deadline of a send is rounded down to 10 ms",
	  .os.mq_timedsend = send_by_ticks);
CT_MUTANT(mq_timedreceive_by_ticks, .breaks = "MQ-071 MQ-073",
	  .text = "the deadline of a receive is rounded down to 10 ms",
	  .os.mq_timedreceive = receive_by_ticks);

static ssize_t whole_seconds(mqd_t mqd, char *buf, size_t len, unsigned *prio,
			     const struct timespec *end)
{
	struct timespec second = *end;

	if (second.tv_nsec >= 0 && second.tv_nsec < 1000000000)
		second.tv_nsec = 0;
	return ct_base->mq_timedreceive(mqd, buf, len, prio, &second);
}

CT_MUTANT(mq_timedreceive_whole_seconds, .breaks = "MQ-071 MQ-073",
	  .text = "the nanoseconds of a deadline are not looked at",
	  .os.mq_timedreceive = whole_seconds);

static ssize_t other_clock(mqd_t mqd, char *buf, size_t len, unsigned *prio,
			   const struct timespec *end)
{
	/* Far ahead of CLOCK_MONOTONIC, so it must wait; it has passed on it
	 * when taken for a time since the start. */
	if (end->tv_sec > 1000000 && q_empty(mqd) && !q_nonblocking(mqd) &&
	    end->tv_nsec >= 0 && end->tv_nsec < 1000000000)
		return q_fails(ETIMEDOUT);
	return ct_base->mq_timedreceive(mqd, buf, len, prio, end);
}

CT_MUTANT(mq_timedreceive_other_clock, .breaks = "MQ-072 MQ-079",
	  .text = "the deadline of a receive is measured by another clock",
	  .os.mq_timedreceive = other_clock);

static int sleeps_it_out(mqd_t mqd, const char *msg, size_t len, unsigned prio,
			 const struct timespec *end)
{
	if (q_full(mqd) && !q_nonblocking(mqd) && end->tv_sec > 1000 &&
	    end->tv_nsec < 1000000000)
		while (!reached(end))
			pause();
	return ct_base->mq_timedsend(mqd, msg, len, prio, end);
}

CT_MUTANT(mq_timedsend_sleeps_it_out, .breaks = "MQ-072",
	  .text = "a timed send that waits waits until its deadline",
	  .os.mq_timedsend = sleeps_it_out);

static struct timespec carried(const struct timespec *end)
{
	struct timespec fine = *end;

	fine.tv_nsec = ((fine.tv_nsec % 1000000000) + 1000000000) % 1000000000;
	if (end->tv_nsec != fine.tv_nsec)
		fine.tv_sec = 1;
	return fine;
}

static int carries_nsec(mqd_t mqd, const char *msg, size_t len, unsigned prio,
			const struct timespec *end)
{
	struct timespec fine = carried(end);

	return ct_base->mq_timedsend(mqd, msg, len, prio, &fine);
}

CT_MUTANT(mq_timedsend_takes_any_nsec, .breaks = "MQ-075",
	  .text = "a timed send takes nanoseconds of a second and more",
	  .os.mq_timedsend = carries_nsec);

static ssize_t bad_nsec_late(mqd_t mqd, char *buf, size_t len, unsigned *prio,
			     const struct timespec *end)
{
	if (end->tv_nsec < 0)
		return q_fails(ETIMEDOUT);
	return ct_base->mq_timedreceive(mqd, buf, len, prio, end);
}

CT_MUTANT(mq_timedreceive_negative_nsec, .breaks = "MQ-075",
	  .text = "negative nanoseconds time a receive out",
	  .os.mq_timedreceive = bad_nsec_late);

static int bad_nsec_past(mqd_t mqd, const char *msg, size_t len, unsigned prio,
			 const struct timespec *end)
{
	if (end->tv_nsec >= 1000000000 && !q_full(mqd))
		return q_fails(ETIMEDOUT);
	return ct_base->mq_timedsend(mqd, msg, len, prio, end);
}

CT_MUTANT(mq_timedsend_bad_nsec_is_timeout, .breaks = "MQ-076",
	  .text = "bad nanoseconds time out a send that has room",
	  .os.mq_timedsend = bad_nsec_past);

static ssize_t epoch_is_nothing(mqd_t mqd, char *buf, size_t len,
				unsigned *prio, const struct timespec *end)
{
	if (end->tv_sec < 0)
		return 0;
	return ct_base->mq_timedreceive(mqd, buf, len, prio, end);
}

CT_MUTANT(mq_timedreceive_before_epoch, .breaks = "MQ-077",
	  .text = "a deadline before the epoch makes a receive return 0",
	  .os.mq_timedreceive = epoch_is_nothing);

static int last_second_wraps(mqd_t mqd, const char *msg, size_t len,
			     unsigned prio, const struct timespec *end)
{
	struct timespec wrapped = *end;

	wrapped.tv_sec = (int)wrapped.tv_sec;
	if (wrapped.tv_sec < 0)
		wrapped.tv_sec = 0;
	return ct_base->mq_timedsend(mqd, msg, len, prio, &wrapped);
}

CT_MUTANT(mq_timedsend_last_second_wraps, .breaks = "MQ-078",
	  .text = "the seconds of a deadline are cut to 32 bits",
	  .os.mq_timedsend = last_second_wraps);

static ssize_t empty_is_etimedout(mqd_t mqd, char *buf, size_t len,
				  unsigned *prio)
{
	ssize_t n = ct_base->mq_receive(mqd, buf, len, prio);

	if (n < 0 && errno == EAGAIN)
		errno = ETIMEDOUT;
	return n;
}

CT_MUTANT(mq_empty_is_etimedout, .breaks = "MQ-065",
	  .text = "an empty queue is ETIMEDOUT to O_NONBLOCK",
	  .os.mq_receive = empty_is_etimedout);

static ssize_t nonblock_timed(mqd_t mqd, char *buf, size_t len, unsigned *prio,
			      const struct timespec *end)
{
	ssize_t n = ct_base->mq_timedreceive(mqd, buf, len, prio, end);

	if (n < 0 && errno == EAGAIN && end->tv_sec == 1)
		errno = ETIMEDOUT;
	return n;
}

CT_MUTANT(mq_timedreceive_past_before_nonblock, .breaks = "MQ-066",
	  .text = "a past deadline goes before O_NONBLOCK",
	  .os.mq_timedreceive = nonblock_timed);

static int timed_waits(mqd_t mqd, const char *msg, size_t len, unsigned prio,
		       const struct timespec *end)
{
	if (q_nonblocking(mqd) && q_full(mqd) && !reached(end))
		for (;;)
			pause();
	return ct_base->mq_timedsend(mqd, msg, len, prio, end);
}

CT_MUTANT(mq_timedsend_waits_with_nonblock, .breaks = "MQ-066",
	  .text = "a timed send waits in spite of O_NONBLOCK",
	  .os.mq_timedsend = timed_waits);

static int set_is_forgotten(mqd_t mqd, const struct mq_attr *attr,
			    struct mq_attr *old)
{
	struct mq_attr off = *attr;

	if (q_nonblocking(mqd))
		return ct_base->mq_setattr(mqd, attr, old);
	off.mq_flags = 0;
	return ct_base->mq_setattr(mqd, &off, old);
}

CT_MUTANT(mq_setattr_never_sets, .breaks = "MQ-102 MQ-065 MQ-066",
	  .text = "O_NONBLOCK can be cleared, not set",
	  .os.mq_setattr = set_is_forgotten);
