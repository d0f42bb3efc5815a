/* SPDX-License-Identifier: BSD-3-Clause */
/* Bugs of queues under load: rare, as those that only a load finds. */
#include "mutant.h"

#include <errno.h>
#include <string.h>

#define EVERY 10

static bool now_and_then(void)
{
	static unsigned calls;

	return ++calls % EVERY == 0;
}

/* Not those of priority 0, which end a stream: it would hang instead. */
static int loses(mqd_t q, const char *msg, size_t len, unsigned prio)
{
	return prio > 0 && now_and_then() ? 0
					  : ct_base->mq_send(q, msg, len, prio);
}

CT_MUTANT(lost_message, .text = "a send succeeds and nothing is sent",
	  .breaks = "mq/pair/16 mq/depth/any-full mq/stream/10 "
		    "mq/crowd/2cx2c kill/mq-senders kill/mq-receivers "
		    "kill/mq-both",
	  .os.mq_send = loses);

static int doubles(mqd_t q, const char *msg, size_t len, unsigned prio)
{
	if (prio > 0 && now_and_then())
		ct_base->mq_send(q, msg, len, prio);
	return ct_base->mq_send(q, msg, len, prio);
}

CT_MUTANT(duplicated_message, .text = "a message is sent twice",
	  .breaks = "mq/pair/16 mq/stream/10 mq/crowd/2cx2c kill/mq-senders "
		    "kill/mq-receivers kill/mq-both",
	  .os.mq_send = doubles);

static ssize_t tears(mqd_t q, char *buf, size_t len, unsigned *prio)
{
	ssize_t n = ct_base->mq_receive(q, buf, len, prio);

	if (n > 0 && now_and_then())
		buf[n - 1] ^= 1;
	return n;
}

CT_MUTANT(torn_payload, .text = "one bit of the last byte is another's",
	  .breaks = "mq/pair/16 mq/pair/1024 mq/pingpong/16 mq/stream/10",
	  .os.mq_receive = tears);

static ssize_t shortens(mqd_t q, char *buf, size_t len, unsigned *prio)
{
	ssize_t n = ct_base->mq_receive(q, buf, len, prio);

	return n > 8 && now_and_then() ? n - 8 : n;
}

CT_MUTANT(short_message, .text = "a message comes without its end",
	  .breaks = "mq/pair/16 mq/stream/10", .os.mq_receive = shortens);

static int demotes(mqd_t q, const char *msg, size_t len, unsigned prio)
{
	return ct_base->mq_send(q, msg, len, now_and_then() ? 0 : prio);
}

CT_MUTANT(wrong_priority, .text = "a message is sent with priority 0",
	  .breaks = "mq/pair/16 mq/depth/rising-full mq/stream/10",
	  .os.mq_send = demotes);

/* Keeps one back, and sends it after the next of its priority. */
static int overtakes(mqd_t q, const char *msg, size_t len, unsigned prio)
{
	static struct {
		char bytes[4096];
		unsigned prio;
		bool kept;
	} back;
	int result;

	if (!back.kept && len <= sizeof(back.bytes) && prio > 0 &&
	    now_and_then()) {
		memcpy(back.bytes, msg, len);
		back.prio = prio;
		back.kept = true;
		return 0;
	}
	result = ct_base->mq_send(q, msg, len, prio);
	if (back.kept && (back.prio == prio || prio == 0)) {
		back.kept = false;
		ct_base->mq_send(q, back.bytes, len, back.prio);
	}
	return result;
}

CT_MUTANT(wrong_order, .text = "a message overtakes one of its priority",
	  .breaks = "mq/depth/constant-full mq/stream/10 kill/mq-senders "
		    "kill/mq-both",
	  .os.mq_send = overtakes);

/* First in, first out, whatever the priority. */
static int levels(mqd_t q, const char *msg, size_t len, unsigned prio)
{
	(void)prio;
	return ct_base->mq_send(q, msg, len, 1);
}

CT_MUTANT(no_priorities, .text = "the priority of a message is not looked at",
	  .breaks = "mq/depth/rising-full mq/depth/random-full",
	  .os.mq_send = levels);

/* No invariant knows it, but open loop does: much waits behind it. */
static int stalls(mqd_t q, const char *msg, size_t len, unsigned prio)
{
	struct timespec t = {0, 20000000};

	if (now_and_then())
		nanosleep(&t, NULL);
	return ct_base->mq_send(q, msg, len, prio);
}

CT_MUTANT(stalling_send, .text = "a send takes 20 ms now and then",
	  .breaks = "-", .os.mq_send = stalls);

static int lies(mqd_t q, const char *msg, size_t len, unsigned prio)
{
	int result = ct_base->mq_send(q, msg, len, prio);

	return result != 0 && errno == EAGAIN ? 0 : result;
}

CT_MUTANT(full_is_ignored, .text = "a send to a full queue succeeds",
	  .breaks = "limit/queue", .os.mq_send = lies);

/* Looks every now and then, instead of sleeping until there is something. */
static ssize_t polls(mqd_t q, char *buf, size_t len, unsigned *prio)
{
	struct timespec t;
	ssize_t n;

	do {
		clock_gettime(CLOCK_REALTIME, &t);
		t.tv_nsec += 2000000;
		t.tv_sec += t.tv_nsec / 1000000000;
		t.tv_nsec %= 1000000000;
		n = ct_base->mq_timedreceive(q, buf, len, prio, &t);
	} while (n < 0 && errno == ETIMEDOUT);
	return n;
}

CT_MUTANT(polling_receiver, .text = "a blocked receiver looks every 2 ms",
	  .breaks = "mq/idle/20ms", .os.mq_receive = polls);

static int sends_and_fails(mqd_t q, const char *msg, size_t len, unsigned prio)
{
	int result = ct_base->mq_send(q, msg, len, prio);

	if (result == 0 && prio > 0 && now_and_then()) {
		errno = EINTR;
		return -1;
	}
	return result;
}

CT_MUTANT(interrupted_after_sending,
	  .text = "a send that was interrupted has sent", .breaks = "eintr/mq",
	  .os.mq_send = sends_and_fails);

static int early_send(mqd_t q, const char *msg, size_t len, unsigned prio,
		      const struct timespec *deadline)
{
	struct timespec t = *deadline;

	t.tv_sec--;
	return ct_base->mq_timedsend(q, msg, len, prio, &t);
}

CT_MUTANT(early_timed_send, .text = "a timed send gives up too early",
	  .breaks = "timeout/mq-send/1ms timeout/mq-send/10ms",
	  .os.mq_timedsend = early_send);

static ssize_t early_receive(mqd_t q, char *buf, size_t len, unsigned *prio,
			     const struct timespec *deadline)
{
	struct timespec t = *deadline;

	t.tv_sec--;
	return ct_base->mq_timedreceive(q, buf, len, prio, &t);
}

CT_MUTANT(early_timed_receive, .text = "a timed receive gives up too early",
	  .breaks = "timeout/mq-receive/1ms",
	  .os.mq_timedreceive = early_receive);

static int signal_of_request;

static int remembers(mqd_t q, const struct sigevent *e)
{
	if (e != NULL && e->sigev_notify == SIGEV_SIGNAL)
		signal_of_request = e->sigev_signo;
	return ct_base->mq_notify(q, e);
}

static ssize_t notifies_again(mqd_t q, char *buf, size_t len, unsigned *prio)
{
	ssize_t n = ct_base->mq_receive(q, buf, len, prio);

	if (n >= 0 && signal_of_request != 0 && now_and_then())
		raise(signal_of_request);
	return n;
}

CT_MUTANT(two_notifications, .text = "a request is notified twice",
	  .breaks = "mq/notify mq/notify-turns", .os.mq_notify = remembers,
	  .os.mq_receive = notifies_again);

static int forgets(mqd_t q, const struct sigevent *e)
{
	return now_and_then() ? 0 : ct_base->mq_notify(q, e);
}

CT_MUTANT(lost_notification, .text = "a request is not registered: hangs",
	  .breaks = "mq/notify kill/mq-registrants", .os.mq_notify = forgets);

static int lets_two_in(mqd_t q, const struct sigevent *e)
{
	int result = ct_base->mq_notify(q, e);

	return result != 0 && errno == EBUSY ? 0 : result;
}

CT_MUTANT(two_registered, .text = "a second process may register",
	  .breaks = "mq/notify-turns", .os.mq_notify = lets_two_in);

static int keeps(const char *name)
{
	(void)name;
	return 0;
}

CT_MUTANT(queue_left_behind, .text = "mq_unlink removes nothing",
	  .breaks = "mq/pair/16 mq/stream/10 mq/create", .os.mq_unlink = keeps);

static mqd_t half_made(const char *name, int flags, mode_t mode,
		       struct mq_attr *a)
{
	struct mq_attr larger;

	if (a == NULL || (flags & O_CREAT) == 0)
		return ct_base->mq_open(name, flags, mode, a);
	larger = *a;
	larger.mq_maxmsg++;
	return ct_base->mq_open(name, flags, mode, &larger);
}

CT_MUTANT(half_made_queue, .text = "a queue is found with other attributes",
	  .breaks = "mq/churn/4c limit/queue", .os.mq_open = half_made);

static mqd_t shared_creation(const char *name, int flags, mode_t mode,
			     struct mq_attr *a)
{
	return ct_base->mq_open(name, flags & ~O_EXCL, mode, a);
}

CT_MUTANT(queue_not_exclusive, .text = "two processes create the same queue",
	  .breaks = "mq/churn/4c", .os.mq_open = shared_creation);

/* Keeps each until the next one has come, as a waiter that does not run. */
static ssize_t keeps_one(mqd_t q, char *buf, size_t len, unsigned *prio)
{
	static struct {
		char bytes[4096];
		ssize_t len;
		unsigned prio;
	} kept;
	ssize_t n = kept.len;

	if (len > sizeof(kept.bytes))
		return ct_base->mq_receive(q, buf, len, prio);
	if (n == 0)
		n = ct_base->mq_receive(q, kept.bytes, len, &kept.prio);
	if (n < 0)
		return n;
	memcpy(buf, kept.bytes, (size_t)n);
	*prio = kept.prio;
	kept.len = *prio == 0
		       ? 0
		       : ct_base->mq_receive(q, kept.bytes, len, &kept.prio);
	return n;
}

CT_MUTANT(kept_message, .text = "a receiver keeps what others wait for",
	  .breaks = "stop/mq-receivers", .os.mq_receive = keeps_one);
