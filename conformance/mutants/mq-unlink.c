/* SPDX-License-Identifier: BSD-3-Clause */
/* Bugs in unlinking message queues. */
#include "mq-notify.h"

#include <poll.h>
#include <stdio.h>

static const struct timespec past = {1, 0};

/* The last name that this process unlinked. */
static char gone[64];

static bool is_gone(const char *name)
{
	return strcmp(name, gone) == 0;
}

static void remember(const char *name)
{
	snprintf(gone, sizeof(gone), "%s", name);
}

static int does_nothing(const char *name)
{
	mqd_t mqd = ct_base->mq_open(name, O_RDONLY, 0, NULL);

	if (mqd == PIPC__BAD_MQD)
		return ct_base->mq_unlink(name);
	ct_base->mq_close(mqd);
	return 0;
}

CT_MUTANT(mq_unlink_nothing, .breaks = "MQ-141",
	  .text = "unlink of a queue succeeds and leaves the name",
	  .os.mq_unlink = does_nothing);

/* The name stays until this process closes the queue. */
static int unlink_later(const char *name)
{
	if (gone[0] != '\0')
		return ct_base->mq_unlink(name);
	remember(name);
	return does_nothing(name);
}

static int close_unlinks(mqd_t mqd)
{
	if (gone[0] != '\0')
		ct_base->mq_unlink(gone);
	gone[0] = '\0';
	return ct_base->mq_close(mqd);
}

CT_MUTANT(mq_unlink_later, .breaks = "MQ-141 MQ-146",
	  .text = "the name stays until the queue is closed",
	  .os.mq_unlink = unlink_later, .os.mq_close = close_unlinks);

static mqd_t open_unless_gone(const char *name, int flags, mode_t mode,
			      struct mq_attr *attr)
{
	if (is_gone(name) && !(flags & O_CREAT)) {
		errno = ENOENT;
		return PIPC__BAD_MQD;
	}
	return ct_base->mq_open(name, flags, mode, attr);
}

static int unlink_here(const char *name)
{
	if (is_gone(name))
		return note_fail(ENOENT);
	remember(name);
	return does_nothing(name);
}

CT_MUTANT(mq_unlink_for_one_process, .breaks = "MQ-141",
	  .text = "the name is gone for the process that unlinked it only",
	  .os.mq_open = open_unless_gone, .os.mq_unlink = unlink_here);

/* O_CREAT on an unlinked name finds the old queue. */
static mqd_t open_old(const char *name, int flags, mode_t mode,
		      struct mq_attr *attr)
{
	if (is_gone(name)) {
		gone[0] = '\0';
		flags &= ~PIPC_O_CREX;
	}
	return ct_base->mq_open(name, flags, mode, attr);
}

static int unlink_marks(const char *name)
{
	remember(name);
	return does_nothing(name);
}

CT_MUTANT(mq_unlink_reopens_old, .breaks = "MQ-146",
	  .text = "a name that is used again is the old queue",
	  .os.mq_open = open_old, .os.mq_unlink = unlink_marks);

static int unlink_once(const char *name)
{
	if (is_gone(name))
		return note_fail(ENOENT);
	remember(name);
	return ct_base->mq_unlink(name);
}

CT_MUTANT(mq_unlink_once_only, .breaks = "MQ-187",
	  .text = "a name that was unlinked once and used again is absent",
	  .os.mq_unlink = unlink_once);

/* What is open counts, in all processes. */
static mqd_t open_counts(const char *name, int flags, mode_t mode,
			 struct mq_attr *attr)
{
	mqd_t mqd = ct_base->mq_open(name, flags, mode, attr);

	note()->count += mqd != PIPC__BAD_MQD;
	return mqd;
}

static int close_counts(mqd_t mqd)
{
	int result = ct_base->mq_close(mqd);

	note()->count -= result == 0;
	return result;
}

static int unlink_waits(const char *name)
{
	int result = ct_base->mq_unlink(name);

	while (result == 0 && note()->count > 0)
		poll(NULL, 0, -1);
	return result;
}

CT_MUTANT(mq_unlink_waits, .breaks = "MQ-142",
	  .text = "unlink waits until nobody has the queue open",
	  .init = note_init, .os.mq_open = open_counts,
	  .os.mq_close = close_counts, .os.mq_unlink = unlink_waits);

static int unlink_is_busy(const char *name)
{
	return note()->count > 0 ? note_fail(EBUSY) : ct_base->mq_unlink(name);
}

CT_MUTANT(mq_unlink_busy, .breaks = "MQ-142 MQ-143 MQ-144 MQ-145",
	  .text = "unlink says EBUSY while the queue is open",
	  .init = note_init, .os.mq_open = open_counts,
	  .os.mq_close = close_counts, .os.mq_unlink = unlink_is_busy);

static void empty(mqd_t mqd)
{
	char buf[4096];

	while (ct_base->mq_timedreceive(mqd, buf, sizeof(buf), NULL, &past) >=
	       0)
		;
}

static int unlink_empties(const char *name)
{
	mqd_t mqd = ct_base->mq_open(name, O_RDONLY, 0, NULL);

	if (mqd != PIPC__BAD_MQD) {
		empty(mqd);
		ct_base->mq_close(mqd);
	}
	return ct_base->mq_unlink(name);
}

CT_MUTANT(mq_unlink_empties, .breaks = "MQ-143",
	  .text = "unlink discards the messages",
	  .os.mq_unlink = unlink_empties);

/* Descriptors of other processes are of no use after unlink. */
static int unlink_revokes(const char *name)
{
	int result = ct_base->mq_unlink(name);

	if (result == 0)
		note()->pid = getpid();
	return result;
}

static int send_unless_revoked(mqd_t mqd, const char *msg, size_t len,
			       unsigned prio, const struct timespec *end)
{
	if (note()->pid != 0 && note()->pid != getpid())
		return note_fail(EBADF);
	return ct_base->mq_timedsend(mqd, msg, len, prio, end);
}

CT_MUTANT(mq_unlink_revokes, .breaks = "MQ-143",
	  .text = "after unlink other processes cannot send", .init = note_init,
	  .os.mq_unlink = unlink_revokes,
	  .os.mq_timedsend = send_unless_revoked);

static int send_into_nothing(mqd_t mqd, const char *msg, size_t len,
			     unsigned prio, const struct timespec *end)
{
	if (note()->pid != 0)
		return 0;
	return ct_base->mq_timedsend(mqd, msg, len, prio, end);
}

CT_MUTANT(mq_unlink_loses_messages, .breaks = "MQ-143 MQ-144",
	  .text = "what is sent to an unlinked queue is lost",
	  .init = note_init, .os.mq_unlink = unlink_revokes,
	  .os.mq_timedsend = send_into_nothing);

/* Whoever waits when the name goes is interrupted. */
static void wake(int signo)
{
	(void)signo;
}

static void will_wait(void)
{
	struct sigaction action = {.sa_handler = wake};

	sigaction(SIGUSR2, &action, NULL);
	note()->waiting = getpid();
}

static int unlink_wakes(const char *name)
{
	int result = ct_base->mq_unlink(name);

	if (result == 0 && note()->waiting != 0)
		kill(note()->waiting, SIGUSR2);
	note()->waiting = 0;
	return result;
}

static ssize_t receive_waits(mqd_t mqd, char *buf, size_t len, unsigned *prio)
{
	will_wait();
	return ct_base->mq_receive(mqd, buf, len, prio);
}

static ssize_t timedreceive_waits(mqd_t mqd, char *buf, size_t len,
				  unsigned *prio, const struct timespec *end)
{
	if (note_messages(mqd) == 0)
		will_wait();
	return ct_base->mq_timedreceive(mqd, buf, len, prio, end);
}

CT_MUTANT(mq_unlink_wakes_receiver, .breaks = "MQ-144",
	  .text = "unlink ends a waiting mq_receive with EINTR",
	  .init = note_init, .os.mq_unlink = unlink_wakes,
	  .os.mq_receive = receive_waits);

CT_MUTANT(mq_unlink_wakes_timed_receiver, .breaks = "MQ-144",
	  .text = "unlink ends a waiting mq_timedreceive with EINTR",
	  .init = note_init, .os.mq_unlink = unlink_wakes,
	  .os.mq_timedreceive = timedreceive_waits);

static int send_waits(mqd_t mqd, const char *msg, size_t len, unsigned prio)
{
	will_wait();
	return ct_base->mq_send(mqd, msg, len, prio);
}

static int send_lies(mqd_t mqd, const char *msg, size_t len, unsigned prio)
{
	int result = send_waits(mqd, msg, len, prio);

	return result != 0 && errno == EINTR ? 0 : result;
}

static int timedsend_waits(mqd_t mqd, const char *msg, size_t len,
			   unsigned prio, const struct timespec *end)
{
	if (note_messages(mqd) > 0)
		will_wait();
	return ct_base->mq_timedsend(mqd, msg, len, prio, end);
}

CT_MUTANT(mq_unlink_wakes_sender, .breaks = "MQ-145",
	  .text = "unlink ends a waiting mq_send with EINTR", .init = note_init,
	  .os.mq_unlink = unlink_wakes, .os.mq_send = send_waits);

CT_MUTANT(mq_unlink_sender_lies, .breaks = "MQ-145",
	  .text = "unlink ends a waiting mq_send with success, not queued",
	  .init = note_init, .os.mq_unlink = unlink_wakes,
	  .os.mq_send = send_lies);

CT_MUTANT(mq_unlink_wakes_timed_sender, .breaks = "MQ-145",
	  .text = "unlink ends a waiting mq_timedsend with EINTR",
	  .init = note_init, .os.mq_unlink = unlink_wakes,
	  .os.mq_timedsend = timedsend_waits);

/* Queues that lost their name while open are charged for ever. */
static int charged;

static int unlink_charges(const char *name)
{
	int result = ct_base->mq_unlink(name);

	charged += result == 0 && note()->count > 0;
	return result;
}

static mqd_t open_charges(const char *name, int flags, mode_t mode,
			  struct mq_attr *attr)
{
	if (charged > 100 && (flags & O_CREAT)) {
		errno = EMFILE;
		return PIPC__BAD_MQD;
	}
	return open_counts(name, flags, mode, attr);
}

CT_MUTANT(mq_unlink_leaks, .breaks = "MQ-147",
	  .text = "a queue that is unlinked while open counts for ever",
	  .init = note_init, .os.mq_open = open_charges,
	  .os.mq_close = close_counts, .os.mq_unlink = unlink_charges);

static int absent_is_fine(const char *name)
{
	int result = ct_base->mq_unlink(name);

	return result != 0 && errno == ENOENT ? 0 : result;
}

CT_MUTANT(mq_unlink_absent_fine, .breaks = "MQ-148 MQ-151",
	  .text = "unlink of an absent name is success",
	  .os.mq_unlink = absent_is_fine);

static int absent_is_einval(const char *name)
{
	int result = ct_base->mq_unlink(name);

	return result != 0 && errno == ENOENT ? note_fail(EINVAL) : result;
}

CT_MUTANT(mq_unlink_absent_einval, .breaks = "MQ-148",
	  .text = "unlink of an absent name says EINVAL",
	  .os.mq_unlink = absent_is_einval);

static int denied_is_eperm(const char *name)
{
	int result = ct_base->mq_unlink(name);

	return result != 0 && errno == EACCES ? note_fail(EPERM) : result;
}

CT_MUTANT(mq_unlink_denied_eperm, .breaks = "MQ-149",
	  .text = "unlink of another user's queue says EPERM",
	  .os.mq_unlink = denied_is_eperm);

static int denied_is_fine(const char *name)
{
	int result = ct_base->mq_unlink(name);

	return result != 0 && errno == EACCES ? 0 : result;
}

CT_MUTANT(mq_unlink_denied_fine, .breaks = "MQ-149",
	  .text = "unlink of another user's queue is success",
	  .os.mq_unlink = denied_is_fine);

/* The name goes before the permission is looked at. */
static int unlink_then_looks(const char *name)
{
	int result = ct_base->mq_unlink(name);

	note()->flag |= result != 0 && errno == EACCES;
	return result;
}

static mqd_t open_after_denied(const char *name, int flags, mode_t mode,
			       struct mq_attr *attr)
{
	if (note()->flag) {
		errno = ENOENT;
		return PIPC__BAD_MQD;
	}
	return ct_base->mq_open(name, flags, mode, attr);
}

CT_MUTANT(mq_unlink_denied_too_late, .breaks = "MQ-177 MQ-149",
	  .text = "a refused unlink removes the name", .init = note_init,
	  .os.mq_unlink = unlink_then_looks, .os.mq_open = open_after_denied);

static int unlink_by_prefix(const char *name)
{
	int result = ct_base->mq_unlink(name);
	char shorter[64];
	int len = (int)strlen(name);

	if (result == 0 || errno != ENOENT || len < 3)
		return result;
	snprintf(shorter, sizeof(shorter), "%.*s", len - 1, name);
	ct_base->mq_unlink(shorter);
	return note_fail(ENOENT);
}

CT_MUTANT(mq_unlink_by_prefix, .breaks = "MQ-177",
	  .text = "an absent name removes the queue whose name it begins with",
	  .os.mq_unlink = unlink_by_prefix);

static int long_is_einval(const char *name)
{
	return strlen(name) > 256 ? note_fail(EINVAL)
				  : ct_base->mq_unlink(name);
}

CT_MUTANT(mq_unlink_long_einval, .breaks = "MQ-150",
	  .text = "unlink of an over-long name says EINVAL",
	  .os.mq_unlink = long_is_einval);

static size_t longest;

static mqd_t open_longest(const char *name, int flags, mode_t mode,
			  struct mq_attr *attr)
{
	mqd_t mqd = ct_base->mq_open(name, flags, mode, attr);

	if (mqd != PIPC__BAD_MQD && strlen(name) > longest)
		longest = strlen(name);
	return mqd;
}

static int shorter_limit(const char *name)
{
	return longest > 100 && strlen(name) >= longest
		   ? note_fail(ENAMETOOLONG)
		   : ct_base->mq_unlink(name);
}

CT_MUTANT(mq_unlink_shorter_limit, .breaks = "MQ-178",
	  .text = "mq_unlink takes a byte less than mq_open",
	  .os.mq_open = open_longest, .os.mq_unlink = shorter_limit);

static int unlink_now_and_then(const char *name)
{
	static int calls;

	return ++calls == 20 ? note_fail(EAGAIN) : ct_base->mq_unlink(name);
}

CT_MUTANT(mq_unlink_eagain, .breaks = "MQ-179",
	  .text = "unlink says EAGAIN now and then",
	  .os.mq_unlink = unlink_now_and_then);
