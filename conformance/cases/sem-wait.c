/* SPDX-License-Identifier: BSD-3-Clause */
/* Taking from a semaphore, without and with blocking. */
#include "sem.h"

CT_CASE(sem_wait_takes, .id = "sem.wait.takes-one", .req = "SEM-039",
	.posix = "XSH sem_wait; XBD Semaphore Lock Operation",
	.text = "each wait on a value above zero takes exactly one",
	.needs = CT_NEED_SEM)
{
	sem_t *sem = ct_sem(t, 3, NULL);
	int left;

	for (left = 2; left >= 0; left--) {
		SEM_WAIT(sem);
		CT_EQUAL(ct_value(t, sem), left);
	}
	SEM_CLOSE(sem);
}

CT_CASE(sem_wait_drains, .id = "sem.wait.drains", .req = "SEM-040",
	.posix = "XBD Semaphore Lock Operation",
	.text = "as many waits as the value says go through, then none is left",
	.needs = CT_NEED_SEM)
{
	sem_t *sem = ct_sem(t, 40, NULL);
	int i;

	for (i = 0; i < 40; i++)
		SEM_WAIT(sem);
	CT_ERRNO(t->os->sem_trywait(sem) == -1, EAGAIN);
	CT_EQUAL(ct_value(t, sem), 0);
	SEM_CLOSE(sem);
}

CT_CASE(sem_wait_blocks, .id = "sem.wait.blocks-until-post",
	.req = "SEM-041 SEM-102",
	.posix = "XSH sem_wait (shall not return until it locks)",
	.text = "a wait at zero blocks until another process posts",
	.needs = CT_NEED_SEM)
{
	sem_t *sem = ct_sem(t, 0, NULL);
	struct ct_peer *p;

	CT_PEER (t, p) {
		ct_tell_parent(t);
		SEM_WAIT(sem);
	}
	ct_await_blocked(t, p);
	CT_CHECK(ct_still_blocked(t, p));
	SEM_POST(sem);
	ct_join(t, p);
	CT_EQUAL(ct_value(t, sem), 0);
	SEM_CLOSE(sem);
}

static void wait_in_thread(struct ct *t, void *sem)
{
	ct_thread_ready(t);
	SEM_WAIT((sem_t *)sem);
}

CT_CASE(sem_wait_blocks_thread, .id = "sem.wait.blocks-thread",
	.req = "SEM-041", .posix = "XSH sem_wait (the calling thread)",
	.text = "a wait at zero blocks its thread alone, until another thread "
		"posts",
	.needs = CT_NEED_SEM)
{
	sem_t *sem = ct_sem(t, 0, NULL);
	struct ct_thread *thread = ct_thread(t, wait_in_thread, sem);

	ct_thread_await_blocked(t, thread);
	SEM_POST(sem);
	ct_thread_join(t, thread);
	CT_EQUAL(ct_value(t, sem), 0);
	SEM_CLOSE(sem);
}

CT_CASE(sem_trywait_takes, .id = "sem.trywait.takes-one", .req = "SEM-042",
	.posix = "XSH sem_trywait",
	.text = "sem_trywait on a value above zero takes exactly one",
	.needs = CT_NEED_SEM)
{
	sem_t *sem = ct_sem(t, 2, NULL);

	CT_OK(t->os->sem_trywait(sem) == 0);
	CT_EQUAL(ct_value(t, sem), 1);
	CT_OK(t->os->sem_trywait(sem) == 0);
	CT_EQUAL(ct_value(t, sem), 0);
	SEM_CLOSE(sem);
}

CT_CASE(sem_trywait_busy, .id = "sem.trywait.busy", .req = "SEM-043",
	.posix = "XSH sem_trywait ERRORS [EAGAIN]",
	.text = "sem_trywait at zero fails at once, and leaves no debt",
	.needs = CT_NEED_SEM)
{
	sem_t *sem = ct_sem(t, 0, NULL);
	int i;

	for (i = 0; i < 3; i++)
		CT_ERRNO(t->os->sem_trywait(sem) == -1, EAGAIN);
	CT_EQUAL(ct_value(t, sem), 0);
	SEM_POST(sem);
	CT_EQUAL(ct_value(t, sem), 1);
	CT_OK(t->os->sem_trywait(sem) == 0);
	CT_ERRNO(t->os->sem_trywait(sem) == -1, EAGAIN);
	SEM_CLOSE(sem);
}

CT_CASE(sem_trywait_busy_waiter, .id = "sem.trywait.busy-beside-waiter",
	.req = "SEM-043", .posix = "XSH sem_trywait ERRORS [EAGAIN]",
	.text = "sem_trywait at zero fails also where another process waits",
	.needs = CT_NEED_SEM)
{
	sem_t *sem = ct_sem(t, 0, NULL);
	struct ct_peer *p;

	CT_PEER (t, p) {
		ct_tell_parent(t);
		SEM_WAIT(sem);
	}
	ct_await_blocked(t, p);
	CT_ERRNO(t->os->sem_trywait(sem) == -1, EAGAIN);
	CT_CHECK(ct_still_blocked(t, p));
	SEM_POST(sem);
	ct_join(t, p);
	SEM_CLOSE(sem);
}

CT_CASE(sem_trywait_other, .id = "sem.trywait.taken-by-other-process",
	.req = "SEM-026 SEM-043 SEM-073",
	.posix = "XSH sem_wait (shall remain locked until sem_post)",
	.text = "what another process took stays taken after its exit",
	.needs = CT_NEED_SEM)
{
	const char *name;
	sem_t *sem = ct_sem(t, 1, &name);
	struct ct_peer *p;

	CT_PEER (t, p) {
		sem_t *mine;

		SEM_OPEN(mine, name, 0, 0, 0);
		CT_OK(t->os->sem_trywait(mine) == 0);
	}
	ct_join(t, p);
	CT_ERRNO(t->os->sem_trywait(sem) == -1, EAGAIN);
	CT_EQUAL(ct_value(t, sem), 0);
	SEM_CLOSE(sem);
}

CT_CASE(sem_holder_killed, .id = "sem.wait.holder-killed", .req = "SEM-073",
	.posix = "XSH sem_wait; XSH _exit (as if by sem_close)",
	.text = "what a process took stays taken after it was killed",
	.needs = CT_NEED_SEM)
{
	sem_t *sem = ct_sem(t, 2, NULL);
	struct ct_peer *p;

	CT_PEER (t, p) {
		SEM_WAIT(sem);
		ct_tell_parent(t);
		ct_await_parent(t);
	}
	ct_await(t, p);
	ct_kill(t, p);
	CT_EQUAL(ct_value(t, sem), 1);
	CT_OK(t->os->sem_trywait(sem) == 0);
	CT_ERRNO(t->os->sem_trywait(sem) == -1, EAGAIN);
	SEM_POST(sem);
	CT_EQUAL(ct_value(t, sem), 1);
	SEM_CLOSE(sem);
}

CT_CASE(sem_waiter_killed, .id = "sem.wait.waiter-killed", .req = "SEM-072",
	.posix = "XBD Semaphore Unlock Operation (threads that wait)",
	.text = "a waiter that was killed takes nothing of a later post, and "
		"keeps nobody from being woken",
	.needs = CT_NEED_SEM)
{
	sem_t *sem = ct_sem(t, 0, NULL);
	struct ct_peer *p[3];
	int i;

	for (i = 0; i < 3; i++) {
		CT_PEER (t, p[i]) {
			ct_tell_parent(t);
			SEM_WAIT(sem);
		}
		ct_await_blocked(t, p[i]);
	}
	ct_kill(t, p[0]);
	ct_kill(t, p[1]);
	SEM_POST(sem);
	ct_join(t, p[2]);
	CT_EQUAL(ct_value(t, sem), 0);
	SEM_POST(sem);
	CT_EQUAL(ct_value(t, sem), 1);
	SEM_CLOSE(sem);
}

CT_CASE(sem_waiter_stopped, .id = "sem.wait.waiter-stopped", .req = "SEM-071",
	.posix = "XSH sem_wait RETURN VALUE (0 only when locked)",
	.text = "stopping and continuing a waiter does not let it through",
	.needs = CT_NEED_SEM)
{
	sem_t *sem = ct_sem(t, 0, NULL);
	struct {
		bool interrupted, through;
	} *seen = ct_shared(t, sizeof(*seen));
	struct ct_peer *p;
	int i;

	CT_PEER (t, p) {
		ct_tell_parent(t);
		while (t->os->sem_wait(sem) != 0) {
			int error = errno;

			seen->interrupted = true;
			CT_MUST(CT_EQUAL(error, EINTR));
		}
		seen->through = true;
	}
	ct_await_blocked(t, p);
	for (i = 0; i < 3; i++) {
		ct_stop(t, p);
		ct_continue(t, p);
	}
	ct_settle(t);
	CT_CHECK(!seen->through);
	ct_stop(t, p);
	SEM_POST(sem); /* comes to a stopped waiter */
	ct_continue(t, p);
	ct_join(t, p);
	if (seen->interrupted)
		ct_remark(t, "EINTR after SIGCONT");
	CT_EQUAL(ct_value(t, sem), 0);
	SEM_CLOSE(sem);
}

/* Never required: a process that takes twice may hang, or be told so. */
CT_CASE(sem_deadlock, .id = "sem.wait.deadlock", .req = "SEM-078",
	.posix = "XSH sem_wait ERRORS [EDEADLK] (may)",
	.text = "a process that waits for what it took itself blocks, or gets "
		"EDEADLK",
	.needs = CT_NEED_SEM | CT_NEED_SEM_TIMEDWAIT)
{
	sem_t *sem = ct_sem(t, 1, NULL);
	struct timespec end;
	int error = 0;

	SEM_WAIT(sem);
	end = ct_in_ms(CLOCK_REALTIME, 20);
	if (t->os->sem_timedwait(sem, &end) != 0)
		error = errno;
	ct_note(t, "deadlock", "%s", ct_errno_name(error));
	CT_CHECK(error == ETIMEDOUT || error == EDEADLK);
	CT_EQUAL(ct_value(t, sem), 0);
	SEM_POST(sem);
	CT_EQUAL(ct_value(t, sem), 1);
	SEM_CLOSE(sem);
}
