/* SPDX-License-Identifier: BSD-3-Clause */
/* The specification's demonstrations, as cases: several things at once. */
#include "ct.h"

#include <sched.h>
#include <string.h>

#define ROUNDS 200

/* A number that follows from a round and from who says it. */
static uint32_t line_of(uint32_t round, uint32_t who)
{
	uint32_t x = round * 2654435761u + who * 40503u + 1;

	return x ^ x >> 15;
}

CT_CASE(scenario_shm, .id = "scenario.shm-and-semaphores", .req = "GEN-015",
	.posix = "the specification, the first demonstration",
	.text = "two processes converse through shared memory, taking turns by "
		"two semaphores; nothing is lost or torn",
	.needs = CT_NEED_SEM | CT_NEED_SHM)
{
	const size_t size = 4096, words = size / sizeof(uint32_t);
	pipc_sem *ask = ct_pipc_sem(t, 0), *answer = ct_pipc_sem(t, 0), *in,
		 *out;
	pipc_shm *shm = ct_pipc_shm(t, size), *same;
	volatile uint32_t *page = ct_map(t, pipc_shm_fd(shm), size);
	struct ct_peer *p;
	uint32_t round;

	CT_PEER (t, p) {
		/* By name, as a stranger would. */
		CT_SETUP(
		    pipc_shm_open(&same, pipc_shm_name(shm), 0, 0, 0, false));
		CT_SETUP(pipc_sem_open(&in, pipc_sem_name(ask), 0, 0, 0));
		CT_SETUP(pipc_sem_open(&out, pipc_sem_name(answer), 0, 0, 0));
		page = ct_map(t, pipc_shm_fd(same), size);
		for (round = 0; round < ROUNDS; round++) {
			CT_EXPECT(pipc_sem_acquire(in, NULL), PIPC_OK);
			if (!CT_EQUAL(page[round % words], line_of(round, 1)))
				break;
			page[round % words] = line_of(round, 2);
			CT_EXPECT(pipc_sem_release(out), PIPC_OK);
		}
	}
	for (round = 0; round < ROUNDS; round++) {
		page[round % words] = line_of(round, 1);
		CT_EXPECT(pipc_sem_release(ask), PIPC_OK);
		CT_EXPECT(pipc_sem_acquire(answer, NULL), PIPC_OK);
		if (!CT_EQUAL(page[round % words], line_of(round, 2)))
			break;
	}
	ct_join(t, p);
	t->os->munmap((void *)page, size);
	pipc_shm_close_fd(shm);
	pipc_sem_close(ask);
	pipc_sem_close(answer);
}

CT_CASE(scenario_mq, .id = "scenario.queues", .req = "GEN-016",
	.posix = "the specification, the second demonstration",
	.text = "two processes converse through two queues; each message comes "
		"whole, once, in order, with its priority",
	.needs = CT_NEED_MQ)
{
	pipc_mq *there = ct_pipc_mq(t, 2, 16), *back = ct_pipc_mq(t, 2, 16);
	struct ct_peer *p;
	uint32_t round, got;
	unsigned priority;
	size_t len;
	char buf[16];

	CT_PEER (t, p) {
		for (round = 0; round < ROUNDS; round++) {
			len = sizeof(buf);
			CT_EXPECT(
			    pipc_mq_receive(there, buf, &len, NULL, &priority),
			    PIPC_OK);
			CT_EXPECT(pipc_mq_send(back, buf, len, NULL, priority),
				  PIPC_OK);
		}
	}
	for (round = 0; round < ROUNDS; round++) {
		got = line_of(round, 3);
		CT_EXPECT(
		    pipc_mq_send(there, &got, sizeof(got), NULL, round % 32),
		    PIPC_OK);
		len = sizeof(buf);
		CT_EXPECT(pipc_mq_receive(back, buf, &len, NULL, &priority),
			  PIPC_OK);
		memcpy(&got, buf, sizeof(got));
		if (!CT_EQUAL(len, sizeof(got)) ||
		    !CT_EQUAL(got, line_of(round, 3)) ||
		    !CT_EQUAL(priority, round % 32))
			break;
	}
	/* The other may still wait after a failure above. */
	if (round < ROUNDS)
		ct_kill(t, p);
	else
		ct_join(t, p);
	pipc_mq_close(there);
	pipc_mq_close(back);
}

#define NOTIFIED 100

CT_CASE(scenario_notify, .id = "scenario.notifications", .req = "GEN-017",
	.posix = "the specification, the third demonstration",
	.text = "a process that asks again before it drains the queue is told "
		"of every message and loses none",
	.needs = CT_NEED_MQ | CT_NEED_MQ_NOTIFY)
{
	struct pipc_notification wanted = {.signo = SIGUSR1};
	pipc_mq *mq = ct_pipc_mq(t, 2, 16);
	uint32_t number, next = 0;
	struct ct_peer *p;
	int told = 0;
	size_t len;
	char buf[16];

	ct_catch(t, SIGUSR1);
	CT_EXPECT(pipc_mq_request_notification(mq, &wanted), PIPC_OK);
	CT_PEER (t, p) {
		for (number = 0; number < NOTIFIED; number++)
			CT_EXPECT(
			    pipc_mq_send(mq, &number, sizeof(number), NULL, 0),
			    PIPC_OK);
	}
	while (next < NOTIFIED) {
		if (!CT_CHECK(ct_await_caught(t, SIGUSR1, told + 1)))
			break;
		told = ct_caught(SIGUSR1);
		CT_EXPECT(pipc_mq_request_notification(mq, &wanted), PIPC_OK);
		while (len = sizeof(buf),
		       pipc_mq_receive(mq, buf, &len, PIPC_SECONDS(0), NULL) ==
			   PIPC_OK) {
			memcpy(&number, buf, sizeof(number));
			if (!CT_EQUAL(number, next))
				break;
			next++;
		}
	}
	if (next < NOTIFIED)
		ct_kill(t, p);
	else
		ct_join(t, p);
	pipc_mq_close(mq);
}

CT_CASE(scenario_lock, .id = "scenario.critical-section", .req = "GEN-018",
	.posix = "the specification, the fourth demonstration",
	.text = "a semaphore of value 1 lets one process at a time into a "
		"section",
	.needs = CT_NEED_SEM)
{
	pipc_sem *sem = ct_pipc_sem(t, 1);
	struct ct_peer *p[3];
	volatile struct {
		unsigned inside, sum;
	} *section = ct_shared(t, sizeof(*section));
	unsigned i, round;

	for (i = 0; i < 3; i++)
		CT_PEER (t, p[i]) {
			for (round = 0; round < ROUNDS; round++) {
				CT_EXPECT(pipc_sem_acquire(sem, NULL), PIPC_OK);
				if (!CT_EQUAL(++section->inside, 1))
					break;
				i = section->sum;
				/* Invites the others in; not always, as on a
				 * busy system each time may take long. */
				if (round % 16 == 0)
					sched_yield();
				section->sum = i + 1;
				section->inside--;
				CT_EXPECT(pipc_sem_release(sem), PIPC_OK);
			}
		}
	for (i = 0; i < 3; i++)
		ct_join(t, p[i]);
	CT_EQUAL(section->sum, 3 * ROUNDS);
	pipc_sem_close(sem);
	pipc_sem_free(sem);
}
