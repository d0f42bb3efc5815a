/* SPDX-License-Identifier: BSD-3-Clause */
/* Bugs in when a notification comes, and in cancelling it. */
#include "mq-notify.h"

static int none_is_signal(mqd_t mqd, const struct sigevent *event)
{
	struct sigevent other;

	if (event == NULL || event->sigev_notify != SIGEV_NONE ||
	    event->sigev_signo == 0)
		return ct_base->mq_notify(mqd, event);
	other = *event;
	other.sigev_notify = SIGEV_SIGNAL;
	return ct_base->mq_notify(mqd, &other);
}

CT_MUTANT(mq_notify_none_signals, .breaks = "MQ-114",
	  .text = "SIGEV_NONE sends the signal all the same",
	  .os.mq_notify = none_is_signal);

static int none_is_nothing(mqd_t mqd, const struct sigevent *event)
{
	if (event != NULL && event->sigev_notify == SIGEV_NONE) {
		int result = ct_base->mq_notify(mqd, event);

		if (result == 0)
			ct_base->mq_notify(mqd, NULL);
		return result;
	}
	return ct_base->mq_notify(mqd, event);
}

CT_MUTANT(mq_notify_none_not_held, .breaks = "MQ-114",
	  .text = "SIGEV_NONE does not hold the request",
	  .os.mq_notify = none_is_nothing);

static int again_is_invalid(mqd_t mqd, const struct sigevent *event)
{
	if (event == NULL || event->sigev_notify != SIGEV_NONE)
		return note_request(mqd, event);
	if (note()->flag == 1 && note_messages(mqd) > 0)
		return note_fail(ENOMEM);
	note()->flag = 1;
	return note_request(mqd, event);
}

CT_MUTANT(mq_notify_none_after, .breaks = "MQ-172",
	  .text = "a request after SIGEV_NONE and a message has no memory",
	  .init = note_init, .os.mq_notify = again_is_invalid);

static int cancels_nothing(mqd_t mqd, const struct sigevent *event)
{
	return event == NULL ? 0 : ct_base->mq_notify(mqd, event);
}

CT_MUTANT(mq_notify_no_cancel, .breaks = "MQ-117",
	  .text = "NULL is accepted and cancels nothing",
	  .os.mq_notify = cancels_nothing);

static int cancel_keeps_slot(mqd_t mqd, const struct sigevent *event)
{
	struct sigevent none = {.sigev_notify = SIGEV_NONE};
	int result = ct_base->mq_notify(mqd, event);

	if (result == 0 && event == NULL && noted_event.sigev_signo != 0)
		ct_base->mq_notify(mqd, &none);
	else if (result == 0 && event != NULL)
		noted_event = *event;
	return result;
}

CT_MUTANT(mq_notify_cancel_keeps_slot, .breaks = "MQ-117",
	  .text = "NULL stops the signal, but nobody else can register",
	  .os.mq_notify = cancel_keeps_slot);

static int cancel_is_busy(mqd_t mqd, const struct sigevent *event)
{
	if (event == NULL && note()->pid != getpid())
		return note_fail(EBUSY);
	return note_request(mqd, event);
}

CT_MUTANT(mq_notify_cancel_nothing_busy, .breaks = "MQ-118",
	  .text = "NULL without a request says EBUSY", .init = note_init,
	  .os.mq_notify = cancel_is_busy);

static int cancel_spends(mqd_t mqd, const struct sigevent *event)
{
	static int spent;

	if (event == NULL && note()->pid != getpid() && spent++ > 0)
		return note_fail(EINVAL);
	return note_request(mqd, event);
}

CT_MUTANT(mq_notify_cancel_nothing_once, .breaks = "MQ-118",
	  .text = "NULL without a request is fine the first time only",
	  .init = note_init, .os.mq_notify = cancel_spends);

/* A stranger's NULL is carried out at the owner's next message. */
static int anyone_cancels(mqd_t mqd, const struct sigevent *event)
{
	if (event == NULL && note()->pid != 0 && note()->pid != getpid()) {
		note()->flag = 1;
		return 0;
	}
	return note_request(mqd, event);
}

static int send_flagged(mqd_t mqd, const char *msg, size_t len, unsigned prio)
{
	if (note()->flag != 0)
		note_cancel();
	return ct_base->mq_send(mqd, msg, len, prio);
}

CT_MUTANT(mq_notify_anyone_cancels, .breaks = "MQ-119",
	  .text = "NULL by any process cancels the owner's request",
	  .init = note_init, .os.mq_notify = anyone_cancels,
	  .os.mq_send = send_flagged);

/* Held from the first request until NULL, whatever was sent. */
static int stays_held(mqd_t mqd, const struct sigevent *event)
{
	if (event != NULL && note()->pid != 0)
		return note_fail(EBUSY);
	return note_request(mqd, event);
}

CT_MUTANT(mq_notify_stays_held, .breaks = "MQ-120 MQ-192",
	  .text = "the registration stays when its notification is sent",
	  .init = note_init, .os.mq_notify = stays_held);

static int free_for_owner_only(mqd_t mqd, const struct sigevent *event)
{
	if (event != NULL && note()->pid != 0 && note()->pid != getpid())
		return note_fail(EBUSY);
	return note_request(mqd, event);
}

CT_MUTANT(mq_notify_free_for_owner, .breaks = "MQ-120 MQ-192",
	  .text = "after the notification only its owner can register",
	  .init = note_init, .os.mq_notify = free_for_owner_only);

static int send_rearms(mqd_t mqd, const char *msg, size_t len, unsigned prio)
{
	int result = ct_base->mq_send(mqd, msg, len, prio);

	if (result == 0 && note()->pid == getpid())
		ct_base->mq_notify(noted_mqd, &noted_event);
	return result;
}

CT_MUTANT(mq_notify_rearms, .breaks = "MQ-120 MQ-121",
	  .text = "a request is good for any number of notifications",
	  .init = note_init, .os.mq_notify = note_request,
	  .os.mq_send = send_rearms);

static int fires_at_once(mqd_t mqd, const struct sigevent *event)
{
	int result = note_request(mqd, event);

	if (result == 0 && event != NULL && note_messages(mqd) > 0) {
		note_signal();
		ct_base->mq_notify(mqd, NULL);
	}
	return result;
}

CT_MUTANT(mq_notify_at_once, .breaks = "MQ-123",
	  .text = "a request on a non-empty queue is answered at once",
	  .init = note_init, .os.mq_notify = fires_at_once);

static int send_always_signals(mqd_t mqd, const char *msg, size_t len,
			       unsigned prio)
{
	bool empty = note_messages(mqd) == 0;
	int result = ct_base->mq_send(mqd, msg, len, prio);

	if (result == 0 && !empty)
		note_signal();
	return result;
}

CT_MUTANT(mq_notify_any_message, .breaks = "MQ-123 MQ-124",
	  .text = "a message to a non-empty queue is told too",
	  .init = note_init, .os.mq_notify = note_request,
	  .os.mq_send = send_always_signals);

static ssize_t receive_signals(mqd_t mqd, char *buf, size_t len, unsigned *prio)
{
	ssize_t n = ct_base->mq_receive(mqd, buf, len, prio);

	if (n >= 0 && note_messages(mqd) > 0)
		note_signal();
	return n;
}

CT_MUTANT(mq_notify_on_receive, .breaks = "MQ-125",
	  .text = "a receive that leaves messages behind is told",
	  .init = note_init, .os.mq_notify = note_request,
	  .os.mq_receive = receive_signals);

static ssize_t receive_uses_up(mqd_t mqd, char *buf, size_t len, unsigned *prio)
{
	ssize_t n = ct_base->mq_receive(mqd, buf, len, prio);

	note_cancel();
	return n;
}

CT_MUTANT(mq_notify_receive_uses_up, .breaks = "MQ-125",
	  .text = "a receive by the owner ends its request", .init = note_init,
	  .os.mq_notify = note_request, .os.mq_receive = receive_uses_up);

static ssize_t receive_waiting(mqd_t mqd, char *buf, size_t len, unsigned *prio)
{
	bool empty = note_messages(mqd) == 0;
	ssize_t n = ct_base->mq_receive(mqd, buf, len, prio);

	if (n >= 0 && empty)
		note_signal();
	return n;
}

CT_MUTANT(mq_notify_before_receiver, .breaks = "MQ-126 MQ-127",
	  .text = "a notification is sent though a receiver took the message",
	  .init = note_init, .os.mq_notify = note_request,
	  .os.mq_receive = receive_waiting);

static ssize_t counts_waiting(mqd_t mqd, char *buf, size_t len, unsigned *prio)
{
	bool empty = note_messages(mqd) == 0;
	ssize_t n;

	note()->waiting += empty;
	n = ct_base->mq_receive(mqd, buf, len, prio);
	note()->waiting -= empty;
	return n;
}

static int send_to_waiting(mqd_t mqd, const char *msg, size_t len,
			   unsigned prio)
{
	bool waiting = note()->waiting > 0;
	int result = ct_base->mq_send(mqd, msg, len, prio);

	if (waiting)
		note_cancel();
	return result;
}

CT_MUTANT(mq_notify_receiver_uses_up, .breaks = "MQ-126",
	  .text = "a message that a receiver takes ends the request",
	  .init = note_init, .os.mq_notify = note_request,
	  .os.mq_receive = counts_waiting, .os.mq_send = send_to_waiting);

static int send_twice_waiting(mqd_t mqd, const char *msg, size_t len,
			      unsigned prio)
{
	if (note()->flag)
		note_cancel();
	note()->flag = note()->waiting > 0;
	return ct_base->mq_send(mqd, msg, len, prio);
}

CT_MUTANT(mq_notify_counts_receiver, .breaks = "MQ-127",
	  .text = "a receiver that has its message still counts as waiting",
	  .init = note_init, .os.mq_notify = note_request,
	  .os.mq_receive = counts_waiting, .os.mq_send = send_twice_waiting);

static int timed_is_silent(mqd_t mqd, const char *msg, size_t len,
			   unsigned prio, const struct timespec *deadline)
{
	note_cancel();
	return ct_base->mq_timedsend(mqd, msg, len, prio, deadline);
}

CT_MUTANT(mq_notify_timedsend_silent, .breaks = "MQ-185",
	  .text = "mq_timedsend does not notify", .init = note_init,
	  .os.mq_notify = note_request, .os.mq_timedsend = timed_is_silent);

static ssize_t timed_receive_waiting(mqd_t mqd, char *buf, size_t len,
				     unsigned *prio,
				     const struct timespec *deadline)
{
	bool empty = note_messages(mqd) == 0;
	ssize_t n = ct_base->mq_timedreceive(mqd, buf, len, prio, deadline);

	if (n >= 0 && empty)
		note_signal();
	return n;
}

CT_MUTANT(mq_notify_before_timedreceive, .breaks = "MQ-185",
	  .text = "a waiting mq_timedreceive does not keep a notification off",
	  .init = note_init, .os.mq_notify = note_request,
	  .os.mq_timedreceive = timed_receive_waiting);
