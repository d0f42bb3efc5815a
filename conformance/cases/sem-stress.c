/* SPDX-License-Identifier: BSD-3-Clause */
/* Semaphores at work: exclusion, exchange, and memory. */
#include "sem.h"

#include <sched.h>

enum { PROCESSES = 4, ITERATIONS = 400 };

/* A section that two processes must not be in at once. */
struct section {
	volatile int inside, count, clashes;
};

static void work(struct section *s)
{
	int before = s->count;

	if (s->inside++ != 0)
		s->clashes++;
	if (before % 16 == 0)
		sched_yield();
	s->count = before + 1;
	s->inside--;
}

CT_CASE(sem_exclusion, .id = "sem.stress.exclusion", .req = "SEM-076",
	.posix = "XSH sem_wait, sem_post; XBD Memory Synchronization",
	.text = "a semaphore at 1 lets one process at a time into a section",
	.needs = CT_NEED_SEM)
{
	sem_t *sem = ct_sem(t, 1, NULL);
	struct section *s = ct_shared(t, sizeof(*s));
	struct ct_gate *gate = ct_gate(t, PROCESSES);
	struct ct_peer *p[PROCESSES];
	int i, n;

	for (i = 0; i < PROCESSES; i++)
		CT_PEER (t, p[i]) {
			ct_gate_pass(t, gate);
			for (n = 0; n < ITERATIONS; n++) {
				SEM_WAIT(sem);
				work(s);
				SEM_POST(sem);
			}
		}
	for (i = 0; i < PROCESSES; i++)
		ct_join(t, p[i]);
	CT_EQUAL(s->clashes, 0);
	CT_EQUAL(s->count, PROCESSES * ITERATIONS);
	CT_EQUAL(ct_value(t, sem), 1);
	SEM_CLOSE(sem);
}

CT_CASE(sem_buffer, .id = "sem.stress.producers-consumers", .req = "SEM-077",
	.posix = "XSH sem_wait, sem_post",
	.text = "producers and consumers with a bounded buffer finish, and "
		"each item is consumed once",
	.needs = CT_NEED_SEM)
{
	enum { SLOTS = 3, ITEMS = PROCESSES / 2 * ITERATIONS };
	sem_t *empty = ct_sem(t, SLOTS, NULL), *full = ct_sem(t, 0, NULL);
	sem_t *lock = ct_sem(t, 1, NULL);
	struct {
		int slot[SLOTS], in, out, next;
		int seen[ITEMS];
	} *b = ct_shared(t, sizeof(*b));
	struct ct_peer *p[PROCESSES];
	int i, n;

	for (i = 0; i < PROCESSES; i++)
		CT_PEER (t, p[i]) {
			for (n = 0; n < ITERATIONS; n++) {
				SEM_WAIT(i % 2 ? full : empty);
				SEM_WAIT(lock);
				if (i % 2)
					b->seen[b->slot[b->out++ % SLOTS]]++;
				else
					b->slot[b->in++ % SLOTS] = b->next++;
				SEM_POST(lock);
				SEM_POST(i % 2 ? empty : full);
			}
		}
	for (i = 0; i < PROCESSES; i++)
		ct_join(t, p[i]);
	for (i = n = 0; i < ITEMS; i++)
		n += b->seen[i] == 1;
	CT_EQUAL(n, ITEMS);
	CT_EQUAL(ct_value(t, empty), SLOTS);
	CT_EQUAL(ct_value(t, full), 0);
	SEM_CLOSE(empty);
	SEM_CLOSE(full);
	SEM_CLOSE(lock);
}

static int take(struct ct *t, sem_t *sem, int how)
{
	struct timespec end = sem_far();

	if (how == 0)
		return t->os->sem_wait(sem);
	if (how == 1 && pipc_limits()->semaphore_timeout_supported)
		return t->os->sem_timedwait(sem, &end);
	while (t->os->sem_trywait(sem) != 0)
		sched_yield();
	return 0;
}

CT_CASE(sem_memory, .id = "sem.post.synchronizes-memory", .req = "SEM-115",
	.posix = "XBD Memory Synchronization",
	.text = "what is written before a post is seen by whom it let through, "
		"by each of the waits",
	.needs = CT_NEED_SEM)
{
	enum { ROUNDS = 600, WORDS = 16 };
	sem_t *there = ct_sem(t, 0, NULL), *back = ct_sem(t, 0, NULL);
	int *data = ct_shared(t, sizeof(*data) * WORDS), i, n, stale = 0;
	struct ct_peer *p;

	CT_PEER (t, p) {
		for (n = 1; n <= ROUNDS; n++) {
			CT_OK(take(t, there, n % 3) == 0);
			for (i = 0; i < WORDS; i++)
				stale += data[i] != n;
			for (i = 0; i < WORDS; i++)
				data[i] = -n;
			SEM_POST(back);
		}
		CT_EQUAL(stale, 0);
	}
	for (n = 1; n <= ROUNDS; n++) {
		for (i = 0; i < WORDS; i++)
			data[i] = n;
		SEM_POST(there);
		CT_OK(take(t, back, n % 3) == 0);
		for (i = 0; i < WORDS; i++)
			stale += data[i] != -n;
	}
	ct_join(t, p);
	CT_EQUAL(stale, 0);
	SEM_CLOSE(there);
	SEM_CLOSE(back);
}

/* May a process have that policy? Else the case ends. */
static void need_fifo(struct ct *t)
{
	struct sched_param param = {0}, usual = {0};
	int error, policy = sched_getscheduler(0);

	param.sched_priority = sched_get_priority_min(SCHED_FIFO);
	error = sched_setscheduler(0, SCHED_FIFO, &param) == -1 ? errno : 0;
	if (error == ENOSYS)
		ct_unsupported(t, "sched_setscheduler: ENOSYS");
	if (error != 0)
		ct_refused(t, "sched_setscheduler", error);
	sched_setscheduler(0, policy, &usual);
}

/* Where a process may have a real-time policy: the highest priority first. */
CT_CASE(sem_priority, .id = "sem.post.priority-order", .req = "SEM-074",
	.posix = "XSH sem_post (SCHED_FIFO, SCHED_RR: highest priority)",
	.text = "of waiters under SCHED_FIFO the one of the highest priority "
		"is woken first, then the one that waits longest",
	.needs = CT_NEED_SEM)
{
	static const int above[] = {1, 3, 2, 3};
	static const int first[] = {1, 3, 2, 0};
	sem_t *sem = ct_sem(t, 0, NULL);
	int *place = ct_shared(t, sizeof(*place) * 5), i;
	int lowest = sched_get_priority_min(SCHED_FIFO);
	struct ct_peer *p[4];

	need_fifo(t);
	for (i = 0; i < 4; i++) {
		CT_PEER (t, p[i]) {
			struct sched_param param = {.sched_priority =
							lowest + above[i]};

			CT_SETUP_TRUE(
			    sched_setscheduler(0, SCHED_FIFO, &param) != -1);
			ct_tell_parent(t);
			SEM_WAIT(sem);
			place[i] =
			    __atomic_add_fetch(&place[4], 1, __ATOMIC_SEQ_CST);
			ct_tell_parent(t);
		}
		ct_await_blocked(t, p[i]);
	}
	for (i = 0; i < 4; i++) {
		SEM_POST(sem);
		/* Who is awaited is the one whose turn it is: it has to come.
		 */
		ct_await(t, p[first[i]]);
	}
	for (i = 0; i < 4; i++) {
		ct_join(t, p[i]);
		CT_EQUAL(place[first[i]], i + 1);
	}
	SEM_CLOSE(sem);
}
