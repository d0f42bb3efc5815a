/* SPDX-License-Identifier: BSD-3-Clause */
/* Bugs in closing message queues. */
#include "mq-notify.h"

static const struct timespec past = {1, 0};

static int close_is_busy(mqd_t mqd)
{
	long messages = note_messages(mqd);
	int result = ct_base->mq_close(mqd);

	return result == 0 && messages > 0 ? note_fail(EBUSY) : result;
}

CT_MUTANT(mq_close_messages_busy, .breaks = "MQ-137",
	  .text = "closing a queue with messages says EBUSY",
	  .os.mq_close = close_is_busy);

static int close_wants_read(mqd_t mqd)
{
	char buf[64];
	bool unread = ct_base->mq_timedreceive(mqd, buf, 0, NULL, &past) < 0 &&
		      errno == EBADF;
	int result = ct_base->mq_close(mqd);

	return unread ? note_fail(EBADF) : result;
}

CT_MUTANT(mq_close_write_only_ebadf, .breaks = "MQ-137",
	  .text = "closing a write-only descriptor says EBADF",
	  .os.mq_close = close_wants_read);

static int invalid_is_fine(mqd_t mqd)
{
	return mqd == PIPC__BAD_MQD ? 0 : ct_base->mq_close(mqd);
}

CT_MUTANT(mq_close_invalid_fine, .breaks = "MQ-138",
	  .text = "closing (mqd_t)-1 is success",
	  .os.mq_close = invalid_is_fine);

static int invalid_is_einval(mqd_t mqd)
{
	int result = ct_base->mq_close(mqd);

	return result != 0 ? note_fail(EINVAL) : 0;
}

CT_MUTANT(mq_close_invalid_einval, .breaks = "MQ-138",
	  .text = "closing what is not open says EINVAL",
	  .os.mq_close = invalid_is_einval);

static int close_empties(mqd_t mqd)
{
	char buf[4096];

	while (ct_base->mq_timedreceive(mqd, buf, sizeof(buf), NULL, &past) >=
	       0)
		;
	return ct_base->mq_close(mqd);
}

CT_MUTANT(mq_close_empties, .breaks = "MQ-139",
	  .text = "closing discards the messages",
	  .os.mq_close = close_empties);

static char created[64];
static pid_t creator;

static mqd_t open_remembers(const char *name, int flags, mode_t mode,
			    struct mq_attr *attr)
{
	if ((flags & O_CREAT) && strlen(name) < sizeof(created)) {
		strcpy(created, name);
		creator = getpid();
	}
	return ct_base->mq_open(name, flags, mode, attr);
}

static int close_unlinks(mqd_t mqd)
{
	if (creator == getpid())
		ct_base->mq_unlink(created);
	return ct_base->mq_close(mqd);
}

CT_MUTANT(mq_close_unlinks, .breaks = "MQ-139",
	  .text = "the creator's close removes the queue",
	  .os.mq_open = open_remembers, .os.mq_close = close_unlinks);

/* A close reaches the copies in all processes. */
static int close_for_all(mqd_t mqd)
{
	note()->pid = getpid();
	note()->flag = 1;
	return ct_base->mq_close(mqd);
}

static bool closed_elsewhere(void)
{
	return note()->flag && note()->pid != getpid();
}

static ssize_t receive_if_open(mqd_t mqd, char *buf, size_t len, unsigned *prio,
			       const struct timespec *end)
{
	if (closed_elsewhere())
		return note_fail(EBADF);
	return ct_base->mq_timedreceive(mqd, buf, len, prio, end);
}

CT_MUTANT(mq_close_for_all, .breaks = "MQ-186",
	  .text = "a close reaches the copies in other processes",
	  .init = note_init, .os.mq_close = close_for_all,
	  .os.mq_timedreceive = receive_if_open);

/* The queue goes when its name has gone and one process closes it. */
static int unlink_noted(const char *name)
{
	int result = ct_base->mq_unlink(name);

	note()->count += result == 0;
	return result;
}

static int close_destroys(mqd_t mqd)
{
	return note()->count > 0 ? close_empties(mqd) : ct_base->mq_close(mqd);
}

CT_MUTANT(mq_close_first_destroys, .breaks = "MQ-186",
	  .text = "the first close of an unlinked queue destroys it",
	  .init = note_init, .os.mq_unlink = unlink_noted,
	  .os.mq_close = close_destroys);

static int setattr_is_einval(mqd_t mqd, const struct mq_attr *attr,
			     struct mq_attr *old)
{
	int result = ct_base->mq_setattr(mqd, attr, old);

	return result != 0 && errno == EBADF ? note_fail(EINVAL) : result;
}

CT_MUTANT(mq_setattr_not_a_queue_einval, .breaks = "MQ-169",
	  .text = "mq_setattr of what is no queue says EINVAL",
	  .os.mq_setattr = setattr_is_einval);

static int notify_is_einval(mqd_t mqd, const struct sigevent *event)
{
	int result = ct_base->mq_notify(mqd, event);

	return result != 0 && errno == EBADF ? note_fail(ENOTSUP) : result;
}

CT_MUTANT(mq_notify_not_a_queue_enotsup, .breaks = "MQ-169",
	  .text = "mq_notify of what is no queue says ENOTSUP",
	  .os.mq_notify = notify_is_einval);

static int send_anywhere(mqd_t mqd, const char *msg, size_t len, unsigned prio)
{
	int result = ct_base->mq_send(mqd, msg, len, prio);

	return result != 0 && errno == EBADF ? 0 : result;
}

CT_MUTANT(mq_send_anywhere, .breaks = "MQ-169",
	  .text = "a message to what is no queue is success",
	  .os.mq_send = send_anywhere);

static long claims_2024(int name)
{
	return name == _SC_VERSION ? 202405L : ct_base->sysconf(name);
}

static int close_keeps_number(mqd_t mqd)
{
	int fd = (int)(intptr_t)mqd, result = ct_base->mq_close(mqd);

	if (result == 0)
		dup2(0, fd);
	return result;
}

CT_MUTANT(mq_close_keeps_number, .breaks = "MQ-191",
	  .text = "on a system of 2024 the number stays open",
	  .os.sysconf = claims_2024, .os.mq_close = close_keeps_number);
