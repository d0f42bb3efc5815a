/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * An event loop: poll() waits for messages of a queue and for anything else
 * that has a descriptor, here a pipe that the partner writes to at the end.
 *
 * The descriptor is readable while the queue has messages.  Somebody else may
 * have taken them in the meantime: so the receive must not wait.
 */
#include "example.h"

#include <poll.h>

#define MESSAGES 1000

static pipc_mq *mq;
static int done[2]; /* a pipe */

static void partner(void)
{
	unsigned i;

	for (i = 0; i < MESSAGES; i++)
		MUST(pipc_mq_send(mq, &i, sizeof(i), NULL, 0));
	HOLDS(write(done[1], "", 1) == 1);
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
	HOLDS(status == PIPC_BUSY_ERROR);
	return next;
}

static unsigned run(void)
{
	struct pollfd fds[2] = {{.events = POLLIN}, {.events = POLLIN}};
	unsigned next = 0;
	bool over = false;

	MUST(pipc_mq_event_fd(mq, &fds[0].fd));
	fds[1].fd = done[0];
	while (!over || next < MESSAGES) {
		HOLDS(poll(fds, 2, -1) > 0);
		if (fds[0].revents & POLLIN)
			next = drain(next);
		if (fds[1].revents & POLLIN) {
			over = true;
			fds[1].fd = -1; /* is not looked at any more */
		}
	}
	return next;
}

int main(void)
{
	struct pipc_mq_options options = PIPC_MQ_OPTIONS;
	pid_t pid;

	begin();
	options.max_messages = 4;
	options.max_message_size = sizeof(unsigned);
	MUST(pipc_mq_open(&mq, NULL, PIPC_O_CREX, &options));
	printf("message queue %s\n", pipc_mq_name(mq));
	MUST(pipc_mq_unlink(mq));
	HOLDS(pipe(done) == 0);
	pid = start_partner(partner);
	printf("%u messages came by an event loop\n", run());
	join_partner(pid);
	MUST(pipc_mq_close(mq));
	pipc_mq_free(mq);
	return 0;
}
