/* SPDX-License-Identifier: BSD-3-Clause */
/* Many processes at one semaphore at one time. */
#include "sem.h"

#define N 5
#define ROUNDS 40

/* What N processes met in each round, after a start line of its own. */
struct race {
	const char *name[ROUNDS];
	struct ct_gate *gate[ROUNDS];
	struct {
		int error[N]; /* 0: opened */
		int taken;
	} * round;
};

static void race(struct ct *t, struct race *r, int flags, unsigned value)
{
	struct ct_peer *p[N];
	int i, n;

	r->round = ct_shared(t, sizeof(*r->round) * ROUNDS);
	for (n = 0; n < ROUNDS; n++) {
		r->name[n] = ct_name(t);
		r->gate[n] = ct_gate(t, N);
	}
	for (i = 0; i < N; i++)
		CT_PEER (t, p[i]) {
			for (n = 0; n < ROUNDS; n++) {
				sem_t *sem;

				ct_gate_pass(t, r->gate[n]);
				sem = t->os->sem_open(r->name[n], flags, 0600,
						      value);
				if (sem == SEM_FAILED) {
					r->round[n].error[i] = errno;
					continue;
				}
				if (t->os->sem_trywait(sem) == 0)
					__atomic_add_fetch(&r->round[n].taken,
							   1, __ATOMIC_SEQ_CST);
				SEM_CLOSE(sem);
			}
		}
	for (i = 0; i < N; i++)
		ct_join(t, p[i]);
}

CT_CASE(sem_crex_race, .id = "sem.open.crex-race", .req = "SEM-009",
	.posix = "XSH sem_open O_EXCL (atomic)",
	.text = "of many processes that create one name, exactly one succeeds",
	.needs = CT_NEED_SEM)
{
	struct race r;
	int i, n, won;

	race(t, &r, PIPC_O_CREX, 0);
	for (n = 0; n < ROUNDS; n++) {
		for (i = won = 0; i < N; i++)
			if (r.round[n].error[i] == 0)
				won++;
			else if (r.round[n].error[i] != EEXIST)
				ct_refused(t, "sem_open(O_CREAT)",
					   r.round[n].error[i]);
		CT_EQUAL(won, 1);
		CT_OK(t->os->sem_unlink(r.name[n]) == 0);
	}
}

CT_CASE(sem_creat_race, .id = "sem.open.creat-race", .req = "SEM-010",
	.posix = "XSH sem_open O_CREAT (the same semaphore object)",
	.text = "many processes that create or open one name all get the one "
		"semaphore, and none sees it before it has its value",
	.needs = CT_NEED_SEM)
{
	struct race r;
	sem_t *sem;
	int i, n;

	race(t, &r, O_CREAT, N);
	for (n = 0; n < ROUNDS; n++) {
		for (i = 0; i < N; i++)
			if (r.round[n].error[i] != 0)
				ct_refused(t, "sem_open(O_CREAT)",
					   r.round[n].error[i]);
		CT_EQUAL(r.round[n].taken, N);
		SEM_OPEN(sem, r.name[n], 0, 0, 0);
		CT_EQUAL(ct_value(t, sem), 0);
		SEM_CLOSE(sem);
		CT_OK(t->os->sem_unlink(r.name[n]) == 0);
	}
}

CT_CASE(sem_trywait_race, .id = "sem.trywait.race", .req = "SEM-109",
	.posix = "XSH sem_trywait (only if currently positive)",
	.text = "of many processes that try for a value of 1, exactly one "
		"gets it",
	.needs = CT_NEED_SEM)
{
	struct ct_gate *gate[ROUNDS];
	int *won = ct_shared(t, sizeof(*won) * ROUNDS);
	sem_t *sem[ROUNDS];
	struct ct_peer *p[N];
	int i, n, error = EAGAIN;

	for (n = 0; n < ROUNDS; n++) {
		sem[n] = ct_sem(t, 1, NULL);
		gate[n] = ct_gate(t, N);
	}
	for (i = 0; i < N; i++)
		CT_PEER (t, p[i]) {
			for (n = 0; n < ROUNDS; n++) {
				ct_gate_pass(t, gate[n]);
				if (t->os->sem_trywait(sem[n]) == 0)
					__atomic_add_fetch(&won[n], 1,
							   __ATOMIC_SEQ_CST);
				else
					error = errno;
				CT_EQUAL(error, EAGAIN);
			}
		}
	for (i = 0; i < N; i++)
		ct_join(t, p[i]);
	for (n = 0; n < ROUNDS; n++) {
		CT_EQUAL(won[n], 1);
		CT_EQUAL(ct_value(t, sem[n]), 0);
		SEM_CLOSE(sem[n]);
	}
}

static struct timespec plus(struct timespec ts, long ns)
{
	ts.tv_sec += (ts.tv_nsec + ns + 1000000000) / 1000000000 - 1;
	ts.tv_nsec = (ts.tv_nsec + ns + 1000000000) % 1000000000;
	return ts;
}

/*
 * A deadline that passes while a post comes: each try ends one way or the
 * other, and what was posted is either taken or still there.  The lead of the
 * deadline is led to where the two meet.
 */
CT_CASE(sem_timedwait_race, .id = "sem.timedwait.race-with-post",
	.req = "SEM-110", .posix = "XSH sem_timedwait RETURN VALUE",
	.text = "a post that meets an expiring wait is taken or left, never "
		"lost or doubled",
	.needs = CT_NEED_SEM | CT_NEED_SEM_TIMEDWAIT)
{
	enum { TRIES = 300, STEP = 5000 };
	sem_t *sem = ct_sem(t, 0, NULL);
	struct timespec *at = ct_shared(t, sizeof(*at)), end;
	int taken = 0, left = 0, error = ETIMEDOUT, i;
	struct ct_gate *gate[TRIES];
	struct ct_peer *p;
	long lead = 0;

	for (i = 0; i < TRIES; i++)
		gate[i] = ct_gate(t, 2);
	CT_PEER (t, p) {
		for (i = 0; i < TRIES; i++) {
			ct_gate_pass(t, gate[i]);
			while (!ct_reached(CLOCK_REALTIME, at))
				;
			SEM_POST(sem);
			ct_tell_parent(t);
		}
	}
	for (i = 0; i < TRIES; i++) {
		*at = plus(ct_in_ms(CLOCK_REALTIME, 0), 30000);
		end = plus(*at, lead + (long)(ct_random(t) % STEP));
		ct_gate_pass(t, gate[i]);
		if (t->os->sem_timedwait(sem, &end) == 0) {
			taken++;
			lead -= STEP;
		} else {
			error = errno;
			lead += STEP;
		}
		CT_EQUAL(error, ETIMEDOUT);
		ct_await(t, p);
		if (taken + left == i)
			left += t->os->sem_trywait(sem) == 0;
		CT_EQUAL(taken + left, i + 1);
	}
	ct_join(t, p);
	CT_EQUAL(ct_value(t, sem), 0);
	SEM_CLOSE(sem);
}
