/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Two processes converse through shared memory; semaphores say whose turn it
 * is.
 *
 * Shared memory carries bytes and orders nothing.  One semaphore for each side
 * counts the lines that it has not read yet: a side acquires its own before it
 * reads, and releases the other's after it wrote.  Every line has a checksum,
 * and every answer repeats the checksum of the line it answers, so both sides
 * know that each line came through whole.
 */
#include "example.h"

#include <stdint.h>

#define ROUNDS 1000

struct line {
	unsigned round;
	uint32_t answers; /* the checksum of the line before */
	char text[64];
	uint32_t checksum; /* of all that stands above */
};

static struct line *line; /* in shared memory: the last line spoken */
static pipc_sem *asked, *answered;

/* FNV-1a. */
static uint32_t checksum(const struct line *l)
{
	const unsigned char *p = (const unsigned char *)l;
	uint32_t sum = 2166136261u;
	size_t i;

	for (i = 0; i < offsetof(struct line, checksum); i++)
		sum = (sum ^ p[i]) * 16777619u;
	return sum;
}

/* Says a line, and gives its checksum. */
static uint32_t say(pipc_sem *other, unsigned round, const char *who,
		    uint32_t answers)
{
	memset(line, 0, sizeof(*line));
	line->round = round;
	line->answers = answers;
	snprintf(line->text, sizeof(line->text), "%s speaks in round %u", who,
		 round);
	line->checksum = checksum(line);
	answers = line->checksum; /* read it before the other may write */
	MUST(pipc_sem_release(other));
	return answers;
}

/* Waits for a line that is whole, of this round, and an answer to the last. */
static uint32_t hear(pipc_sem *mine, unsigned round, uint32_t said)
{
	MUST(pipc_sem_acquire(mine, NULL));
	HOLDS(line->checksum == checksum(line));
	HOLDS(line->round == round);
	HOLDS(line->answers == said);
	return line->checksum;
}

static void partner(void)
{
	uint32_t said = 0;
	unsigned round;

	for (round = 0; round < ROUNDS; round++)
		said = say(answered, round, "the partner",
			   hear(asked, round, said));
}

int main(void)
{
	uint32_t heard = 0;
	unsigned round;
	pid_t pid;

	begin();
	line = new_shared(sizeof(*line));
	asked = new_semaphore(0);
	answered = new_semaphore(0);
	pid = start_partner(partner);
	for (round = 0; round < ROUNDS; round++)
		heard = hear(answered, round,
			     say(asked, round, "the starter", heard));
	join_partner(pid);
	printf("%s, and %d rounds had every checksum right\n", line->text,
	       ROUNDS);
	munmap(line, sizeof(*line));
	discard_semaphore(asked);
	discard_semaphore(answered);
	return 0;
}
