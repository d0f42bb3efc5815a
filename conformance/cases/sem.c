/* SPDX-License-Identifier: BSD-3-Clause */
/* Named semaphores. */
#include "ct.h"

static int value_of(struct ct *t, sem_t *sem)
{
	int value = -99;

	CT_OK(t->os->sem_getvalue(sem, &value) == 0);
	return value;
}

CT_CASE(sem_crex_existing, .id = "sem.open.crex-existing",
	.req = "SEM-007 SEM-008", .posix = "XSH sem_open ERRORS [EEXIST]",
	.text = "O_CREX on a name in use is refused and changes nothing",
	.needs = CT_NEED_SEM)
{
	const char *name;
	sem_t *sem = ct_sem(t, 3, &name);
	pipc_sem *second = NULL;

	CT_ERRNO(t->os->sem_open(name, PIPC_O_CREX, 0600, 1) == SEM_FAILED,
		 EEXIST);
	CT_EXPECT(pipc_sem_open(&second, name, PIPC_O_CREX, 0600, 1),
		  PIPC_EXISTENTIAL_ERROR);
	CT_CHECK(second == NULL);
	CT_EQUAL(value_of(t, sem), 3);
	t->os->sem_close(sem);
}

CT_CASE(sem_crex_race, .id = "sem.open.crex-race", .req = "SEM-009",
	.posix = "XSH sem_open O_EXCL (atomic)",
	.text = "of many processes that create one name, exactly one succeeds",
	.needs = CT_NEED_SEM)
{
	enum { N = 6, ROUNDS = 20 };
	int round, i;

	for (round = 0; round < ROUNDS; round++) {
		struct ct_gate *gate = ct_gate(t, N);
		unsigned *won = ct_shared(t, sizeof(*won));
		const char *name = ct_name(t);
		struct ct_peer *p[N];

		for (i = 0; i < N; i++) {
			CT_PEER(t, p[i])
			{
				ct_gate_pass(t, gate);
				/* The loser's errno, before a check clears it. */
				bool lost = t->os->sem_open(name, PIPC_O_CREX,
							    0600, 0) ==
					    SEM_FAILED;
				int error = errno;

				if (lost)
					CT_EQUAL(error, EEXIST);
				else
					__atomic_add_fetch(won, 1,
							   __ATOMIC_SEQ_CST);
			}
		}
		for (i = 0; i < N; i++)
			ct_join(t, p[i]);
		CT_EQUAL(*won, 1);
		CT_OK(t->os->sem_unlink(name) == 0);
	}
}

CT_CASE(sem_open_absent, .id = "sem.open.absent", .req = "SEM-002",
	.posix = "XSH sem_open ERRORS [ENOENT]",
	.text = "opening an absent name without O_CREAT is refused",
	.needs = CT_NEED_SEM)
{
	const char *name = ct_name(t);
	pipc_sem *sem;

	CT_ERRNO(t->os->sem_open(name, 0, 0, 0) == SEM_FAILED, ENOENT);
	CT_EXPECT(pipc_sem_open(&sem, name, 0, 0, 0), PIPC_EXISTENTIAL_ERROR);
}

CT_CASE(sem_creat_existing, .id = "sem.open.creat-existing",
	.req = "SEM-003 SEM-004", .posix = "XSH sem_open O_CREAT",
	.text = "O_CREAT creates with the value, and ignores it when it opens",
	.needs = CT_NEED_SEM)
{
	const char *name = ct_name(t);
	sem_t *a, *b;

	CT_MUST(CT_OK((a = t->os->sem_open(name, O_CREAT, 0600, 5)) !=
		      SEM_FAILED));
	CT_EQUAL(value_of(t, a), 5);
	CT_MUST(CT_OK((b = t->os->sem_open(name, O_CREAT, 0600, 9)) !=
		      SEM_FAILED));
	CT_EQUAL(value_of(t, b), 5);
	t->os->sem_close(b);
	t->os->sem_close(a);
	CT_OK(t->os->sem_unlink(name) == 0);
}

CT_CASE(sem_timeout_zero, .id = "sem.acquire.timeout-zero-busy",
	.req = "SEM-042 SEM-043 SEM-044", .posix = "XSH sem_trywait [EAGAIN]",
	.text = "timeout 0 takes what is there and is busy when it would wait",
	.needs = CT_NEED_SEM)
{
	static const struct timespec never = {0, 0};
	pipc_sem *sem;

	CT_SETUP(pipc_sem_open(&sem, NULL, PIPC_O_CREX, 0600, 1));
	CT_EXPECT(pipc_sem_acquire(sem, &never), PIPC_OK);
	CT_EXPECT(pipc_sem_acquire(sem, &never), PIPC_BUSY_ERROR);
	CT_EXPECT(pipc_sem_release(sem), PIPC_OK);
	CT_EXPECT(pipc_sem_acquire(sem, &never), PIPC_OK);
	CT_EXPECT(pipc_sem_unlink(sem), PIPC_OK);
	CT_EXPECT(pipc_sem_close(sem), PIPC_OK);
	pipc_sem_free(sem);
}

CT_CASE(sem_trywait_other, .id = "sem.trywait.taken-by-other-process",
	.req = "SEM-026 SEM-043 SEM-073",
	.posix = "XSH sem_trywait [EAGAIN]; no ownership",
	.text = "what another process took stays taken after its end",
	.needs = CT_NEED_SEM)
{
	const char *name;
	sem_t *sem = ct_sem(t, 1, &name);
	struct ct_peer *p;

	CT_PEER(t, p)
	{
		sem_t *mine;

		CT_MUST(CT_OK((mine = t->os->sem_open(name, 0, 0, 0)) !=
			      SEM_FAILED));
		CT_OK(t->os->sem_trywait(mine) == 0);
	}
	ct_join(t, p);
	CT_ERRNO(t->os->sem_trywait(sem) == -1, EAGAIN);
	CT_EQUAL(value_of(t, sem), 0);
	t->os->sem_close(sem);
}

CT_CASE(sem_wait_blocks, .id = "sem.wait.blocks-until-post",
	.req = "SEM-041 SEM-063 SEM-102", .posix = "XSH sem_wait, sem_post",
	.text = "a wait at zero blocks until another process posts",
	.needs = CT_NEED_SEM)
{
	sem_t *sem = ct_sem(t, 0, NULL);
	struct ct_peer *p;

	CT_PEER(t, p)
	{
		ct_tell_parent(t);
		CT_OK(t->os->sem_wait(sem) == 0);
	}
	ct_await_blocked(t, p);
	CT_OK(t->os->sem_post(sem) == 0);
	ct_join(t, p);
	CT_EQUAL(value_of(t, sem), 0);
	t->os->sem_close(sem);
}

CT_CASE(sem_timedwait_early, .id = "sem.timedwait.never-early",
	.req = "SEM-048 SEM-054", .posix = "XSH sem_timedwait [ETIMEDOUT]",
	.text = "ETIMEDOUT comes at or after the deadline; the value stays",
	.needs = CT_NEED_SEM)
{
	sem_t *sem = ct_sem(t, 0, NULL);
	struct timespec end = ct_in_ms(CLOCK_REALTIME, 20);

	CT_ERRNO(t->os->sem_timedwait(sem, &end) == -1, ETIMEDOUT);
	CT_CHECK(ct_reached(CLOCK_REALTIME, &end));
	CT_OK(t->os->sem_post(sem) == 0);
	CT_EQUAL(value_of(t, sem), 1);
	t->os->sem_close(sem);
}

CT_CASE(sem_unlink_open, .id = "sem.unlink.while-open",
	.req = "SEM-092 SEM-094 SEM-095 SEM-096 SEM-098",
	.posix = "XSH sem_unlink",
	.text = "after unlink old handles work, across processes, the name is "
		"gone and can be created anew",
	.needs = CT_NEED_SEM)
{
	const char *name;
	sem_t *sem = ct_sem(t, 0, &name), *fresh;
	struct ct_peer *p;

	CT_PEER(t, p)
	{
		ct_tell_parent(t);
		CT_OK(t->os->sem_wait(sem) == 0);
	}
	ct_await_blocked(t, p);
	CT_OK(t->os->sem_unlink(name) == 0);
	CT_ERRNO(t->os->sem_open(name, 0, 0, 0) == SEM_FAILED, ENOENT);
	CT_ERRNO(t->os->sem_unlink(name) == -1, ENOENT);
	CT_MUST(CT_OK((fresh = t->os->sem_open(name, PIPC_O_CREX, 0600, 7)) !=
		      SEM_FAILED));
	CT_OK(t->os->sem_post(sem) == 0);
	ct_join(t, p);
	CT_EQUAL(value_of(t, fresh), 7);
	CT_EQUAL(value_of(t, sem), 0);
	t->os->sem_close(fresh);
	t->os->sem_close(sem);
}
