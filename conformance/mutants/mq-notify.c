/* SPDX-License-Identifier: BSD-3-Clause */
/* Bugs in what a notification's signal is. */
#include "mq-notify.h"

#include <sys/wait.h>

/* The request with its event changed. */
static int with_notify(mqd_t mqd, const struct sigevent *event, int notify)
{
	struct sigevent other;

	if (event == NULL)
		return ct_base->mq_notify(mqd, event);
	other = *event;
	other.sigev_notify = notify;
	return ct_base->mq_notify(mqd, &other);
}

static int swallows(mqd_t mqd, const struct sigevent *event)
{
	return with_notify(mqd, event, SIGEV_NONE);
}

CT_MUTANT(mq_notify_swallowed,
	  .breaks = "MQ-104 MQ-105 MQ-107 MQ-108 MQ-109 MQ-110 MQ-184 MQ-193",
	  .text = "a request is accepted and never answered",
	  .os.mq_notify = swallows);

static int send_and_signal(mqd_t mqd, const char *msg, size_t len,
			   unsigned prio)
{
	bool empty = note_messages(mqd) == 0;
	int result = ct_base->mq_send(mqd, msg, len, prio);

	if (result == 0 && empty)
		note_signal();
	return result;
}

CT_MUTANT(mq_notify_twice, .breaks = "MQ-104 MQ-107 MQ-121",
	  .text = "one more signal for each message that finds it empty",
	  .init = note_init, .os.mq_notify = note_request,
	  .os.mq_send = send_and_signal);

static int loses_value(mqd_t mqd, const struct sigevent *event)
{
	struct sigevent other;

	if (event == NULL)
		return ct_base->mq_notify(mqd, event);
	other = *event;
	memset(&other.sigev_value, 0, sizeof(other.sigev_value));
	return ct_base->mq_notify(mqd, &other);
}

CT_MUTANT(mq_notify_loses_value, .breaks = "MQ-105 MQ-110 MQ-184",
	  .text = "the value of a request is forgotten",
	  .os.mq_notify = loses_value);

static int cuts_value(mqd_t mqd, const struct sigevent *event)
{
	struct sigevent other;
	uintptr_t low;

	if (event == NULL)
		return ct_base->mq_notify(mqd, event);
	other = *event;
	low = (uintptr_t)other.sigev_value.sival_ptr & 0xffff;
	other.sigev_value.sival_ptr = (void *)low;
	return ct_base->mq_notify(mqd, &other);
}

CT_MUTANT(mq_notify_cuts_value, .breaks = "MQ-105 MQ-110",
	  .text = "a pointer's upper bits are lost on the way",
	  .os.mq_notify = cuts_value);

static int notes_and_swallows(mqd_t mqd, const struct sigevent *event)
{
	int result = note_request(mqd, event);

	if (result == 0 && event != NULL) {
		ct_base->mq_notify(mqd, NULL);
		swallows(mqd, event);
	}
	return result;
}

static int send_and_queue(mqd_t mqd, const char *msg, size_t len, unsigned prio)
{
	int result = ct_base->mq_send(mqd, msg, len, prio);

	if (result == 0 && note()->pid != 0)
		sigqueue(note()->pid, note()->signo, note()->value);
	return result;
}

CT_MUTANT(mq_notify_wrong_code, .breaks = "MQ-105",
	  .text = "the signal says SI_QUEUE and not SI_MESGQ",
	  .init = note_init, .os.mq_notify = notes_and_swallows,
	  .os.mq_send = send_and_queue);

static int sends_by_servant(mqd_t mqd, const char *msg, size_t len,
			    unsigned prio)
{
	pid_t pid = fork();
	int status = 0;

	if (pid == 0)
		_exit(ct_base->mq_send(mqd, msg, len, prio) == 0 ? 0 : errno);
	while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
		;
	return status == 0 ? 0 : note_fail(WEXITSTATUS(status));
}

CT_MUTANT(mq_notify_wrong_sender, .breaks = "MQ-106",
	  .text = "si_pid is that of the system's servant",
	  .os.mq_send = sends_by_servant);

static int refuses_realtime(mqd_t mqd, const struct sigevent *event)
{
	int highest = pipc_limits()->user_signal_max;

	if (event != NULL && event->sigev_notify == SIGEV_SIGNAL &&
	    event->sigev_signo >= highest)
		return note_fail(EINVAL);
	return ct_base->mq_notify(mqd, event);
}

CT_MUTANT(mq_notify_last_signal, .breaks = "MQ-107",
	  .text = "the last real-time signal is refused, off by one",
	  .os.mq_notify = refuses_realtime);

static int drops_blocked(mqd_t mqd, const struct sigevent *event)
{
	sigset_t mask;

	if (event != NULL && event->sigev_notify == SIGEV_SIGNAL &&
	    pthread_sigmask(SIG_BLOCK, NULL, &mask) == 0 &&
	    sigismember(&mask, event->sigev_signo) == 1)
		return swallows(mqd, event);
	return ct_base->mq_notify(mqd, event);
}

CT_MUTANT(mq_notify_drops_blocked, .breaks = "MQ-105 MQ-108 MQ-184",
	  .text = "a notification whose signal is blocked is dropped",
	  .os.mq_notify = drops_blocked);

static int own_is_silent(mqd_t mqd, const char *msg, size_t len, unsigned prio)
{
	note_cancel();
	return ct_base->mq_send(mqd, msg, len, prio);
}

CT_MUTANT(mq_notify_own_message, .breaks = "MQ-104 MQ-109",
	  .text = "a process is not told of a message of its own",
	  .init = note_init, .os.mq_notify = note_request,
	  .os.mq_send = own_is_silent);

static int one_at_a_time(mqd_t mqd, const struct sigevent *event)
{
	if (event != NULL && note()->pid == getpid() && noted_mqd != mqd)
		return note_fail(EBUSY);
	return note_request(mqd, event);
}

CT_MUTANT(mq_notify_one_per_process, .breaks = "MQ-193 MQ-184",
	  .text = "a process has one request in all, not one for each queue",
	  .init = note_init, .os.mq_notify = one_at_a_time);

static int keeps_ignored(mqd_t mqd, const char *msg, size_t len, unsigned prio)
{
	int result = ct_base->mq_send(mqd, msg, len, prio);
	struct sigaction action;

	if (result == 0 && note()->pid == getpid() &&
	    sigaction(note()->signo, NULL, &action) == 0 &&
	    action.sa_handler == SIG_IGN)
		ct_base->mq_notify(noted_mqd, &noted_event);
	return result;
}

CT_MUTANT(mq_notify_keeps_ignored, .breaks = "MQ-192",
	  .text = "a signal that is ignored does not use the request up",
	  .init = note_init, .os.mq_notify = note_request,
	  .os.mq_send = keeps_ignored);
