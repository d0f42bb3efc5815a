/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Two processes converse through message queues.
 *
 * The partner opens both queues by name, as an unrelated program would.  A
 * message is any bytes, here with a NUL in the middle; a queue has one
 * direction, since a sender would else receive its own messages.
 */
#include "example.h"

#define ROUNDS 1000
#define SIZE 32

static const char *question_name, *answer_name;

static pipc_mq *new_queue(void)
{
	/* The defaults may be large: say what is needed. */
	struct pipc_mq_options options = PIPC_MQ_OPTIONS;
	pipc_mq *mq;

	options.max_messages = 2;
	options.max_message_size = SIZE;
	MUST(pipc_mq_open(&mq, NULL, PIPC_O_CREX, &options));
	printf("message queue %s\n", pipc_mq_name(mq));
	return mq;
}

static pipc_mq *existing_queue(const char *name, bool read)
{
	struct pipc_mq_options options = PIPC_MQ_OPTIONS;
	pipc_mq *mq;

	options.read = read;
	options.write = !read;
	MUST(pipc_mq_open(&mq, name, 0, &options));
	return mq;
}

/* The round's text in buf, "question\0 7" say; its length. */
static size_t message(char *buf, const char *what, unsigned round)
{
	return (size_t)snprintf(buf, SIZE, "%s%c%u", what, '\0', round);
}

static void say(pipc_mq *mq, const char *what, unsigned round)
{
	char buf[SIZE];

	MUST(pipc_mq_send(mq, buf, message(buf, what, round), NULL, 0));
}

static void hear(pipc_mq *mq, const char *what, unsigned round)
{
	char buf[SIZE], wanted[SIZE];
	size_t len = sizeof(buf); /* in: the buffer's; out: the message's */

	MUST(pipc_mq_receive(mq, buf, &len, NULL, NULL));
	HOLDS(len == message(wanted, what, round));
	HOLDS(memcmp(buf, wanted, len) == 0);
}

static void discard(pipc_mq *mq)
{
	MUST(pipc_mq_close(mq));
	pipc_mq_free(mq);
}

static void partner(void)
{
	pipc_mq *questions = existing_queue(question_name, true);
	pipc_mq *answers = existing_queue(answer_name, false);
	unsigned round;

	for (round = 0; round < ROUNDS; round++) {
		hear(questions, "question", round);
		say(answers, "answer", round);
	}
	discard(questions);
	discard(answers);
}

static void unlink_queue(pipc_mq *mq)
{
	MUST(pipc_mq_unlink(mq));
}

int main(void)
{
	pipc_mq *questions, *answers;
	pipc_status first;
	unsigned round;
	char buf[SIZE];
	size_t len = SIZE;
	pid_t pid;

	begin();
	questions = new_queue();
	answers = new_queue();
	question_name = pipc_mq_name(questions);
	answer_name = pipc_mq_name(answers);
	pid = start_partner(partner);
	say(questions, "question", 0);
	/* An answer says that the partner has both open: the names can go. */
	first = pipc_mq_receive(answers, buf, &len, PIPC_SECONDS(30), NULL);
	unlink_queue(questions);
	unlink_queue(answers);
	MUST(first);
	HOLDS(strcmp(buf, "answer") == 0);
	for (round = 1; round < ROUNDS; round++) {
		say(questions, "question", round);
		hear(answers, "answer", round);
	}
	join_partner(pid);
	discard(questions);
	discard(answers);
	printf("%d questions were answered in order\n", ROUNDS);
	return 0;
}
