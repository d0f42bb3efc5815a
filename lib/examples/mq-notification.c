/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * A process is notified of messages instead of waiting in a receive:
 *
 *	mq-notification signal	  by a signal
 *	mq-notification thread	  by a function in a new thread
 *
 * A request is good for one notification, which comes when the queue turns from
 * empty to non-empty.  So: request again first, then take all that is there.
 * The other way round, a message between the last receive and the request would
 * make no notification, and no later one would either.
 */
#include "example.h"

#define MESSAGES 1000

static pipc_mq *mq;
static int notified[2]; /* a pipe: a byte for each call of the function */

static void partner(void)
{
	unsigned i;

	for (i = 0; i < MESSAGES; i++)
		MUST(pipc_mq_send(mq, &i, sizeof(i), NULL, 0));
}

/* In a new thread: it passes the word on, so the work stays in one place. */
static void in_thread(union sigval param)
{
	HOLDS(write(param.sival_int, "", 1) == 1);
}

static void wait_for_notification(bool by_thread, const sigset_t *signals)
{
	char byte;
	int signo;

	if (by_thread)
		HOLDS(read(notified[0], &byte, 1) == 1);
	else
		HOLDS(sigwait(signals, &signo) == 0);
}

/* Takes all messages there are; the number of the next one to come. */
static unsigned drain(unsigned next)
{
	static const struct timespec now = {0, 0};
	unsigned message;
	size_t len = sizeof(message);
	pipc_status status;

	while ((status = pipc_mq_receive(mq, &message, &len, &now, NULL)) ==
	       PIPC_OK) {
		HOLDS(len == sizeof(message));
		HOLDS(message == next);
		next++;
	}
	HOLDS(status == PIPC_BUSY_ERROR); /* empty, as it should end */
	return next;
}

static void run(bool by_thread)
{
	struct pipc_notification request = {.signo = SIGUSR1};
	unsigned next = 0, notifications = 0;
	sigset_t signals;
	pid_t pid;

	/* Blocked, so that it waits for sigwait() instead of interrupting. */
	sigemptyset(&signals);
	sigaddset(&signals, SIGUSR1);
	HOLDS(sigprocmask(SIG_BLOCK, &signals, NULL) == 0);
	HOLDS(pipe(notified) == 0);
	if (by_thread) {
		request.function = in_thread;
		request.param.sival_int = notified[1];
	}
	MUST(pipc_mq_request_notification(mq, &request));
	pid = start_partner(partner);
	while (next < MESSAGES) {
		wait_for_notification(by_thread, &signals);
		notifications++;
		MUST(pipc_mq_request_notification(mq, &request));
		next = drain(next);
	}
	MUST(pipc_mq_request_notification(mq, NULL));
	join_partner(pid);
	HOLDS(notifications > 0 && notifications <= MESSAGES);
	printf("%d messages came with %u notifications\n", MESSAGES,
	       notifications);
}

int main(int argc, char **argv)
{
	struct pipc_mq_options options = PIPC_MQ_OPTIONS;
	const char *how = argc == 2 ? argv[1] : "";
	bool by_thread = strcmp(how, "thread") == 0;

	if (!by_thread && strcmp(how, "signal") != 0) {
		fprintf(stderr, "usage: mq-notification signal|thread\n");
		return 2;
	}
	begin();
	options.max_messages = 4;
	options.max_message_size = sizeof(unsigned);
	MUST(pipc_mq_open(&mq, NULL, PIPC_O_CREX, &options));
	printf("message queue %s\n", pipc_mq_name(mq));
	MUST(pipc_mq_unlink(mq));
	run(by_thread);
	MUST(pipc_mq_close(mq));
	pipc_mq_free(mq);
	return 0;
}
