/* SPDX-License-Identifier: BSD-3-Clause */
/* Bugs in who holds a queue's request, and how long. */
#include "mq-notify.h"

static int last_wins(mqd_t mqd, const struct sigevent *event)
{
	int result = ct_base->mq_notify(mqd, event);

	if (result == 0 || errno != EBUSY || ct_base->mq_notify(mqd, NULL) != 0)
		return result;
	return ct_base->mq_notify(mqd, event);
}

CT_MUTANT(mq_notify_last_wins, .breaks = "MQ-115",
	  .text = "a second request of a process replaces its first",
	  .os.mq_notify = last_wins);

static int busy_is_fine(mqd_t mqd, const struct sigevent *event)
{
	if (event == NULL && note()->pid != getpid())
		return 0;
	if (note_request(mqd, event) == 0)
		return 0;
	return errno == EBUSY && note()->pid != getpid() ? 0 : -1;
}

CT_MUTANT(mq_notify_busy_is_fine, .breaks = "MQ-116",
	  .text = "a request while another process holds one is ignored",
	  .init = note_init, .os.mq_notify = busy_is_fine);

static int busy_is_again(mqd_t mqd, const struct sigevent *event)
{
	int result = ct_base->mq_notify(mqd, event);

	return result != 0 && errno == EBUSY ? note_fail(EAGAIN) : result;
}

CT_MUTANT(mq_notify_busy_errno, .breaks = "MQ-114 MQ-115 MQ-116 MQ-183",
	  .text = "a request that is held says EAGAIN",
	  .os.mq_notify = busy_is_again);

static int busy_overwrites(mqd_t mqd, const struct sigevent *event)
{
	int result = note_request(mqd, event);

	if (result == 0 || errno != EBUSY || note()->pid != getpid())
		return result;
	ct_base->mq_notify(mqd, NULL);
	ct_base->mq_notify(mqd, event);
	return note_fail(EBUSY);
}

CT_MUTANT(mq_notify_busy_overwrites, .breaks = "MQ-183",
	  .text = "a request is stored before it is refused as busy",
	  .init = note_init, .os.mq_notify = busy_overwrites);

static int busy_cancels(mqd_t mqd, const struct sigevent *event)
{
	int result = note_request(mqd, event);

	if (result != 0 && errno == EBUSY && note()->pid != getpid())
		note()->flag = 1;
	return result == 0 ? 0 : note_fail(errno);
}

static int send_flagged(mqd_t mqd, const char *msg, size_t len, unsigned prio)
{
	if (note()->flag != 0)
		note_cancel();
	return ct_base->mq_send(mqd, msg, len, prio);
}

CT_MUTANT(mq_notify_busy_cancels, .breaks = "MQ-183",
	  .text = "another process's refused request ends the one there is",
	  .init = note_init, .os.mq_notify = busy_cancels,
	  .os.mq_send = send_flagged);

static int close_keeps(mqd_t mqd)
{
	if (note()->pid == getpid() && mqd == noted_mqd)
		return 0; /* the request needs it */
	return ct_base->mq_close(mqd);
}

CT_MUTANT(mq_notify_close_keeps, .breaks = "MQ-128",
	  .text = "closing a descriptor leaves the request made with it",
	  .init = note_init, .os.mq_notify = note_request,
	  .os.mq_close = close_keeps);

static int any_close_cancels(mqd_t mqd)
{
	note_cancel();
	return ct_base->mq_close(mqd);
}

CT_MUTANT(mq_notify_any_close_cancels, .breaks = "MQ-129",
	  .text = "closing any descriptor of the queue ends the request",
	  .init = note_init, .os.mq_notify = note_request,
	  .os.mq_close = any_close_cancels);

static int child_close_cancels(mqd_t mqd)
{
	if (note()->pid != getpid())
		note()->flag = 1;
	return ct_base->mq_close(mqd);
}

CT_MUTANT(mq_notify_child_close_cancels, .breaks = "MQ-130",
	  .text = "a child's close ends the request of its parent",
	  .init = note_init, .os.mq_notify = note_request,
	  .os.mq_send = send_flagged, .os.mq_close = child_close_cancels);

static int send_to_group(mqd_t mqd, const char *msg, size_t len, unsigned prio)
{
	if (note()->pid != getpid() || note()->signo == 0)
		return ct_base->mq_send(mqd, msg, len, prio);
	note_cancel();
	note()->pid = 0;
	if (ct_base->mq_send(mqd, msg, len, prio) != 0)
		return -1;
	return kill(0, note()->signo);
}

CT_MUTANT(mq_notify_tells_family, .breaks = "MQ-130",
	  .text = "the signal goes to the children too", .init = note_init,
	  .os.mq_notify = note_request, .os.mq_send = send_to_group);

/* A dead owner, or one that has called exec, is not looked for. */
static int owner_for_ever(mqd_t mqd, const struct sigevent *event)
{
	if (event != NULL && note()->pid != 0 && note()->pid != getpid())
		return note_fail(EBUSY);
	return note_request(mqd, event);
}

CT_MUTANT(mq_notify_dead_owner, .breaks = "MQ-131",
	  .text = "the request of a process that is gone stays",
	  .init = note_init, .os.mq_notify = owner_for_ever);

static int owner_until_death(mqd_t mqd, const struct sigevent *event)
{
	if (event != NULL && note()->pid != 0 && note()->pid != getpid() &&
	    kill(note()->pid, 0) == 0)
		return note_fail(EBUSY);
	return note_request(mqd, event);
}

CT_MUTANT(mq_notify_owner_through_exec, .breaks = "MQ-131",
	  .text = "the request of a process lives through exec",
	  .init = note_init, .os.mq_notify = owner_until_death);

static mqd_t write_only = PIPC__BAD_MQD;

static mqd_t open_modes(const char *name, int flags, mode_t mode,
			struct mq_attr *attr)
{
	mqd_t mqd = ct_base->mq_open(name, flags, mode, attr);

	if ((flags & O_ACCMODE) == O_WRONLY)
		write_only = mqd;
	return mqd;
}

static int notify_readers(mqd_t mqd, const struct sigevent *event)
{
	if (mqd != PIPC__BAD_MQD && mqd == write_only)
		return note_fail(EBADF);
	return ct_base->mq_notify(mqd, event);
}

CT_MUTANT(mq_notify_readers_only, .breaks = "MQ-132",
	  .text = "a request needs a descriptor open for reading",
	  .os.mq_open = open_modes, .os.mq_notify = notify_readers);

static int bad_is_invalid(mqd_t mqd, const struct sigevent *event)
{
	int result = ct_base->mq_notify(mqd, event);

	return result != 0 && errno == EBADF ? note_fail(EINVAL) : result;
}

CT_MUTANT(mq_notify_bad_errno, .breaks = "MQ-134",
	  .text = "a bad descriptor says EINVAL",
	  .os.mq_notify = bad_is_invalid);

static int cancel_looks_not(mqd_t mqd, const struct sigevent *event)
{
	return event == NULL && mqd == PIPC__BAD_MQD
		   ? 0
		   : ct_base->mq_notify(mqd, event);
}

CT_MUTANT(mq_notify_bad_cancel, .breaks = "MQ-134",
	  .text = "a cancel does not look at its descriptor",
	  .os.mq_notify = cancel_looks_not);

static int unlink_cancels(const char *name)
{
	note_cancel();
	note()->flag = 1; /* when the owner is another process */
	return ct_base->mq_unlink(name);
}

CT_MUTANT(mq_notify_unlink_cancels, .breaks = "MQ-135",
	  .text = "unlinking the name ends the request", .init = note_init,
	  .os.mq_notify = note_request, .os.mq_unlink = unlink_cancels);

static int cancel_same_mqd(mqd_t mqd, const struct sigevent *event)
{
	if (event == NULL && note()->pid == getpid() && mqd != noted_mqd)
		return 0;
	return note_request(mqd, event);
}

CT_MUTANT(mq_notify_cancel_same_mqd, .breaks = "MQ-174",
	  .text = "a cancel works through the request's descriptor only",
	  .init = note_init, .os.mq_notify = cancel_same_mqd);

static int cancel_same_thread(mqd_t mqd, const struct sigevent *event)
{
	static pthread_t requester;

	if (event != NULL)
		requester = pthread_self();
	else if (!pthread_equal(requester, pthread_self()))
		return 0;
	return ct_base->mq_notify(mqd, event);
}

CT_MUTANT(mq_notify_cancel_same_thread, .breaks = "MQ-174",
	  .text = "a cancel works in the request's thread only",
	  .os.mq_notify = cancel_same_thread);
