/* SPDX-License-Identifier: BSD-3-Clause */
/* Bugs in sending. */
#include "mq.h"

static mqd_t opens_rdwr(const char *name, int flags, mode_t mode,
			struct mq_attr *attr)
{
	return ct_base->mq_open(name, (flags & ~O_ACCMODE) | O_RDWR, mode,
				attr);
}

CT_MUTANT(mq_access_not_kept, .breaks = "MQ-040 MQ-041",
	  .text = "every descriptor sends and receives",
	  .os.mq_open = opens_rdwr);

static int send_eacces(mqd_t mqd, const char *msg, size_t len, unsigned prio)
{
	int result = ct_base->mq_send(mqd, msg, len, prio);

	if (result != 0 && errno == EBADF)
		errno = EACCES;
	return result;
}

CT_MUTANT(mq_send_read_only_is_eacces, .breaks = "MQ-040",
	  .text = "sending through a reader is EACCES",
	  .os.mq_send = send_eacces);

static ssize_t receive_eperm(mqd_t mqd, char *buf, size_t len, unsigned *prio,
			     const struct timespec *end)
{
	ssize_t n = ct_base->mq_timedreceive(mqd, buf, len, prio, end);

	if (n < 0 && errno == EBADF)
		errno = EPERM;
	return n;
}

CT_MUTANT(mq_timedreceive_write_only_is_eperm, .breaks = "MQ-041",
	  .text = "a timed receive through a writer is EPERM",
	  .os.mq_timedreceive = receive_eperm);

/* The access mode of the last open, kept with the queue. */
static int *last_access;

static void access_init(void)
{
	last_access = ct_mutant_shared(sizeof(*last_access));
	*last_access = O_RDWR;
}

static mqd_t open_sets_access(const char *name, int flags, mode_t mode,
			      struct mq_attr *attr)
{
	*last_access = flags & O_ACCMODE;
	return ct_base->mq_open(name, flags, mode, attr);
}

static int send_asks_access(mqd_t mqd, const char *msg, size_t len,
			    unsigned prio)
{
	if (*last_access == O_RDONLY)
		return q_fails(EBADF);
	return ct_base->mq_send(mqd, msg, len, prio);
}

CT_MUTANT(mq_access_of_last_open, .breaks = "MQ-043",
	  .text = "the last opener's access mode is everybody's",
	  .os.mq_open = open_sets_access, .os.mq_send = send_asks_access,
	  .init = access_init);

static mqd_t rdwr_is_read(const char *name, int flags, mode_t mode,
			  struct mq_attr *attr)
{
	if ((flags & O_ACCMODE) == O_RDWR && !(flags & O_CREAT))
		flags = (flags & ~O_ACCMODE) | O_RDONLY;
	return ct_base->mq_open(name, flags, mode, attr);
}

CT_MUTANT(mq_open_rdwr_reads_only, .breaks = "MQ-042 MQ-001",
	  .text = "O_RDWR on an existing queue only reads",
	  .os.mq_open = rdwr_is_read);

static int send_string(mqd_t mqd, const char *msg, size_t len, unsigned prio)
{
	return ct_base->mq_send(mqd, msg, strnlen(msg, len), prio);
}

CT_MUTANT(mq_send_string, .breaks = "MQ-044",
	  .text = "a message ends at its first zero",
	  .os.mq_send = send_string);

static ssize_t seven_bits(mqd_t mqd, char *buf, size_t len, unsigned *prio,
			  const struct timespec *end)
{
	ssize_t n = ct_base->mq_timedreceive(mqd, buf, len, prio, end), i;

	for (i = 0; i < n; i++)
		buf[i] &= 0x7f;
	return n;
}

CT_MUTANT(mq_timedreceive_seven_bits, .breaks = "MQ-044",
	  .text = "a timed receive strips the eighth bit",
	  .os.mq_timedreceive = seven_bits);

static int refuses_empty(mqd_t mqd, const char *msg, size_t len, unsigned prio,
			 const struct timespec *end)
{
	if (len == 0)
		return q_fails(EMSGSIZE);
	return ct_base->mq_timedsend(mqd, msg, len, prio, end);
}

CT_MUTANT(mq_timedsend_refuses_empty, .breaks = "MQ-045",
	  .text = "a timed send refuses the empty message",
	  .os.mq_timedsend = refuses_empty);

static int refuses_largest(mqd_t mqd, const char *msg, size_t len,
			   unsigned prio)
{
	if ((long)len == q_state(mqd).mq_msgsize)
		return q_fails(EMSGSIZE);
	return ct_base->mq_send(mqd, msg, len, prio);
}

CT_MUTANT(mq_send_refuses_largest, .breaks = "MQ-046",
	  .text = "a message of the queue's size is too long",
	  .os.mq_send = refuses_largest);

static int cuts_message(mqd_t mqd, const char *msg, size_t len, unsigned prio,
			const struct timespec *end)
{
	size_t most = (size_t)q_state(mqd).mq_msgsize;

	return ct_base->mq_timedsend(mqd, msg, len < most ? len : most, prio,
				     end);
}

CT_MUTANT(mq_timedsend_cuts, .breaks = "MQ-047",
	  .text = "a timed send cuts what is too long",
	  .os.mq_timedsend = cuts_message);

static int refuses_but_queues(mqd_t mqd, const char *msg, size_t len,
			      unsigned prio)
{
	int result = ct_base->mq_send(mqd, msg, len, prio);

	if (result != 0 && errno == EMSGSIZE) {
		ct_base->mq_timedsend(mqd, msg, 1, prio, &q_past);
		errno = EMSGSIZE;
	}
	return result;
}

CT_MUTANT(mq_send_refuses_but_queues, .breaks = "MQ-047",
	  .text = "what is too long is refused and queued nevertheless",
	  .os.mq_send = refuses_but_queues);

static long prio_max(void)
{
	return ct_base->sysconf(_SC_MQ_PRIO_MAX);
}

static int refuses_top(mqd_t mqd, const char *msg, size_t len, unsigned prio)
{
	if ((long)prio == prio_max() - 1)
		return q_fails(EINVAL);
	return ct_base->mq_send(mqd, msg, len, prio);
}

CT_MUTANT(mq_send_refuses_top, .breaks = "MQ-058",
	  .text = "the highest priority is refused", .os.mq_send = refuses_top);

static int clamps_priority(mqd_t mqd, const char *msg, size_t len,
			   unsigned prio, const struct timespec *end)
{
	if ((long)prio >= prio_max())
		prio = (unsigned)prio_max() - 1;
	return ct_base->mq_timedsend(mqd, msg, len, prio, end);
}

CT_MUTANT(mq_timedsend_clamps_priority, .breaks = "MQ-058",
	  .text = "a timed send lowers a priority that is too high",
	  .os.mq_timedsend = clamps_priority);

static long few_priorities(int name)
{
	return name == _SC_MQ_PRIO_MAX ? 16 : ct_base->sysconf(name);
}

CT_MUTANT(mq_few_priorities, .breaks = "MQ-059",
	  .text = "sysconf() says 16 priorities", .os.sysconf = few_priorities);

static long priorities_einval(int name)
{
	return name == _SC_MQ_PRIO_MAX ? q_fails(EINVAL)
				       : ct_base->sysconf(name);
}

CT_MUTANT(mq_priorities_einval, .breaks = "MQ-059",
	  .text = "sysconf() does not know the priorities",
	  .os.sysconf = priorities_einval);

/* A count that only this process keeps. */
static long own_count;

static int counts_send(mqd_t mqd, const char *msg, size_t len, unsigned prio)
{
	int result = ct_base->mq_send(mqd, msg, len, prio);

	own_count += result == 0;
	return result;
}

static int shows_own_count(mqd_t mqd, struct mq_attr *attr)
{
	int result = ct_base->mq_getattr(mqd, attr);

	if (result == 0 && attr->mq_curmsgs > own_count)
		attr->mq_curmsgs = own_count;
	return result;
}

CT_MUTANT(mq_count_of_process, .breaks = "MQ-060",
	  .text = "mq_curmsgs counts the messages of this process",
	  .os.mq_send = counts_send, .os.mq_getattr = shows_own_count);

static int full_too_early(mqd_t mqd, const char *msg, size_t len, unsigned prio)
{
	struct mq_attr attr = q_state(mqd);

	if ((attr.mq_flags & O_NONBLOCK) && attr.mq_maxmsg > 1 &&
	    attr.mq_curmsgs == attr.mq_maxmsg - 1)
		return q_fails(EAGAIN);
	return ct_base->mq_send(mqd, msg, len, prio);
}

CT_MUTANT(mq_full_too_early, .breaks = "MQ-061",
	  .text = "the last place of a queue is not used",
	  .os.mq_send = full_too_early);

static mqd_t one_more(const char *name, int flags, mode_t mode,
		      struct mq_attr *attr)
{
	struct mq_attr more;

	if (attr != NULL && attr->mq_maxmsg > 0 && attr->mq_maxmsg < 8) {
		more = *attr;
		more.mq_maxmsg++;
		attr = &more;
	}
	return ct_base->mq_open(name, flags, mode, attr);
}

static int shows_one_less(mqd_t mqd, struct mq_attr *attr)
{
	int result = ct_base->mq_getattr(mqd, attr);

	attr->mq_maxmsg--;
	return result;
}

CT_MUTANT(mq_one_more, .breaks = "MQ-061",
	  .text = "a queue takes one message more than its depth",
	  .os.mq_open = one_more, .os.mq_getattr = shows_one_less);

static int full_is_enospc(mqd_t mqd, const char *msg, size_t len, unsigned prio)
{
	int result = ct_base->mq_send(mqd, msg, len, prio);

	if (result != 0 && errno == EAGAIN)
		errno = ENOSPC;
	return result;
}

CT_MUTANT(mq_full_is_enospc, .breaks = "MQ-064",
	  .text = "a full queue is ENOSPC", .os.mq_send = full_is_enospc);

static int full_is_lost(mqd_t mqd, const char *msg, size_t len, unsigned prio)
{
	int result = ct_base->mq_send(mqd, msg, len, prio);

	return result != 0 && errno == EAGAIN ? 0 : result;
}

CT_MUTANT(mq_full_is_lost, .breaks = "MQ-064",
	  .text = "a full queue loses the message and says nothing",
	  .os.mq_send = full_is_lost);

static int full_drops_oldest(mqd_t mqd, const char *msg, size_t len,
			     unsigned prio)
{
	char buf[1024];

	if (q_nonblocking(mqd) && q_full(mqd)) {
		ct_base->mq_receive(mqd, buf, sizeof(buf), NULL);
		return q_fails(EAGAIN);
	}
	return ct_base->mq_send(mqd, msg, len, prio);
}

CT_MUTANT(mq_full_drops, .breaks = "MQ-064",
	  .text = "a refused send drops the first message",
	  .os.mq_send = full_drops_oldest);
