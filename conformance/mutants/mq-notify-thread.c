/* SPDX-License-Identifier: BSD-3-Clause */
/* Bugs in notification by a function. */
#include "mq-notify.h"

static void (*function)(union sigval value);
static union sigval param;

static void call_here(int signo)
{
	(void)signo;
	function(param);
}

static int in_this_thread(mqd_t mqd, const struct sigevent *event)
{
	struct sigevent other = {.sigev_notify = SIGEV_SIGNAL,
				 .sigev_signo = SIGUSR2};

	if (event == NULL || event->sigev_notify != SIGEV_THREAD)
		return ct_base->mq_notify(mqd, event);
	function = event->sigev_notify_function;
	param = event->sigev_value;
	/* Blocking calls go on. */
	sigaction(SIGUSR2,
		  &(struct sigaction){.sa_handler = call_here,
				      .sa_flags = SA_RESTART},
		  NULL);
	return ct_base->mq_notify(mqd, &other);
}

CT_MUTANT(mq_notify_in_this_thread, .breaks = "MQ-110",
	  .text = "the function is called in the thread that is there",
	  .os.mq_notify = in_this_thread);

static void call_twice(union sigval value)
{
	function(value);
	function(value);
}

static int thread_twice(mqd_t mqd, const struct sigevent *event)
{
	struct sigevent other;

	if (event == NULL || event->sigev_notify != SIGEV_THREAD)
		return ct_base->mq_notify(mqd, event);
	other = *event;
	function = event->sigev_notify_function;
	other.sigev_notify_function = call_twice;
	return ct_base->mq_notify(mqd, &other);
}

CT_MUTANT(mq_notify_thread_twice, .breaks = "MQ-110 MQ-112",
	  .text = "the function is called twice", .os.mq_notify = thread_twice);

static pid_t creator;

static mqd_t open_by_creator(const char *name, int flags, mode_t mode,
			     struct mq_attr *attr)
{
	if (flags & O_CREAT)
		creator = getpid();
	return ct_base->mq_open(name, flags, mode, attr);
}

static int swallow(mqd_t mqd, const struct sigevent *event)
{
	struct sigevent other = *event;

	other.sigev_notify = SIGEV_NONE;
	return ct_base->mq_notify(mqd, &other);
}

static int not_in_child(mqd_t mqd, const struct sigevent *event)
{
	if (event != NULL && event->sigev_notify == SIGEV_THREAD &&
	    getpid() != creator)
		return swallow(mqd, event);
	return ct_base->mq_notify(mqd, event);
}

CT_MUTANT(mq_notify_thread_not_in_child, .breaks = "MQ-113",
	  .text = "a forked child's function is never called",
	  .os.mq_open = open_by_creator, .os.mq_notify = not_in_child);

static int lost_after_cancel(mqd_t mqd, const struct sigevent *event)
{
	static bool cancelled;

	if (event == NULL)
		cancelled = true;
	else if (event->sigev_notify == SIGEV_THREAD && cancelled)
		return swallow(mqd, event);
	return ct_base->mq_notify(mqd, event);
}

CT_MUTANT(mq_notify_lost_after_cancel, .breaks = "MQ-112",
	  .text = "after a cancel a function is not called any more",
	  .os.mq_notify = lost_after_cancel);

static int thread_not_cancelled(mqd_t mqd, const struct sigevent *event)
{
	static struct sigevent last;

	if (event == NULL && last.sigev_notify == SIGEV_THREAD)
		return 0;
	if (event == NULL)
		return ct_base->mq_notify(mqd, event);
	if (last.sigev_notify == SIGEV_THREAD)
		ct_base->mq_notify(mqd, NULL);
	last = *event;
	return ct_base->mq_notify(mqd, event);
}

CT_MUTANT(mq_notify_thread_no_cancel, .breaks = "MQ-112",
	  .text = "a function is called although it was cancelled",
	  .os.mq_notify = thread_not_cancelled);

/* A table of some hundred requests that nobody gives back. */
static int runs_out(mqd_t mqd, const struct sigevent *event)
{
	static int requests;

	if (event != NULL && ++requests > 500)
		return note_fail(ENOMEM);
	return ct_base->mq_notify(mqd, event);
}

CT_MUTANT(mq_notify_runs_out, .breaks = "MQ-122",
	  .text = "requests are not given back: the 501st has no memory",
	  .os.mq_notify = runs_out);

static int loses_some(mqd_t mqd, const struct sigevent *event)
{
	static int requests;

	if (event != NULL && ++requests % 300 == 0)
		return swallow(mqd, event);
	return ct_base->mq_notify(mqd, event);
}

CT_MUTANT(mq_notify_loses_some, .breaks = "MQ-122",
	  .text = "every 300th request is lost", .os.mq_notify = loses_some);
