/* SPDX-License-Identifier: BSD-3-Clause */
/* Semaphores and signals, and cancellation. */
#include "sem.h"

static sem_t *posted; /* by the handler */

static void post_in_handler(int signo)
{
	int error = errno;

	(void)signo;
	if (posted != NULL)
		pipc__os->sem_post(posted);
	errno = error;
}

static void handle(struct ct *t, int signo, int flags)
{
	struct sigaction action = {.sa_handler = post_in_handler,
				   .sa_flags = flags};

	sigemptyset(&action.sa_mask);
	CT_SETUP_TRUE(sigaction(signo, &action, NULL) == 0);
}

CT_CASE(sem_post_handler, .id = "sem.post.in-handler", .req = "SEM-066",
	.posix = "XSH sem_post (shall be async-signal-safe)",
	.text = "a handler may post, also to the semaphore whose wait it "
		"interrupts",
	.needs = CT_NEED_SEM)
{
	sem_t *sem = ct_sem(t, 0, NULL);
	struct ct_peer *p;
	int i;

	handle(t, SIGUSR1, 0);
	posted = sem;
	for (i = 1; i <= 20; i++) {
		CT_OK(raise(SIGUSR1) == 0);
		CT_EQUAL(ct_value(t, sem), i);
	}
	while (t->os->sem_trywait(sem) == 0)
		;
	CT_PEER (t, p) {
		int result;

		ct_tell_parent(t);
		CT_OK(((result = t->os->sem_wait(sem)) == 0) || errno == EINTR);
		if (result != 0) /* it was interrupted after the post */
			CT_OK(t->os->sem_trywait(sem) == 0);
		CT_ERRNO(t->os->sem_trywait(sem) == -1, EAGAIN);
	}
	ct_await_blocked(t, p);
	CT_SETUP_TRUE(kill(ct_pid(p), SIGUSR1) == 0);
	ct_join(t, p);
	SEM_CLOSE(sem);
}

static int plain_wait(struct ct *t, sem_t *sem)
{
	return t->os->sem_wait(sem);
}

static int timed_wait(struct ct *t, sem_t *sem)
{
	struct timespec end = sem_far();

	return t->os->sem_timedwait(sem, &end);
}

/*
 * A signal comes to a blocked wait, then a post: how the wait ended.  One that
 * goes on (restarted, or never woken) is ended by the post.
 */
static void interrupted(struct ct *t, const char *key, bool restarting,
			int (*wait)(struct ct *t, sem_t *sem))
{
	sem_t *sem = ct_sem(t, 0, NULL);
	int *error = ct_shared(t, sizeof(*error));
	struct ct_peer *p;
	bool goes_on;

	*error = -1;
	if (restarting)
		ct_catch_restarting(t, SIGUSR1);
	else
		ct_catch(t, SIGUSR1);
	CT_PEER (t, p) {
		int came;

		ct_tell_parent(t);
		CT_OK((came = wait(t, sem) == 0 ? 0 : errno) >= 0);
		*error = came;
		ct_await_parent(t);
		if (came != 0)
			SEM_WAIT(sem);
	}
	ct_await_blocked(t, p);
	goes_on = ct_sleeps_on(t, p, SIGUSR1, error);
	CT_CHECK(goes_on || *error == EINTR);
	ct_note(t, key, goes_on ? "goes on" : "EINTR");
	if (!goes_on)
		CT_EQUAL(ct_value(t, sem), 0);
	SEM_POST(sem);
	ct_tell(t, p);
	ct_join(t, p);
	CT_EQUAL(ct_value(t, sem), 0);
	SEM_POST(sem);
	CT_EQUAL(ct_value(t, sem), 1);
	SEM_CLOSE(sem);
}

CT_CASE(sem_wait_eintr, .id = "sem.wait.interrupted", .req = "SEM-054 SEM-067",
	.posix = "XSH sem_wait ERRORS [EINTR] (may)",
	.text = "a signal ends a wait with EINTR and leaves the value, or the "
		"wait goes on",
	.needs = CT_NEED_SEM)
{
	interrupted(t, "wait-interrupted", false, plain_wait);
}

CT_CASE(sem_wait_restart, .id = "sem.wait.interrupted-restart",
	.req = "SEM-068", .posix = "XSH sigaction SA_RESTART; XSH sem_wait",
	.text = "with SA_RESTART a wait goes on, or ends with EINTR; the value "
		"is left",
	.needs = CT_NEED_SEM)
{
	interrupted(t, "wait-restart", true, plain_wait);
}

CT_CASE(sem_timedwait_eintr, .id = "sem.timedwait.interrupted",
	.req = "SEM-054 SEM-069",
	.posix = "XSH sem_timedwait ERRORS [EINTR] (may)",
	.text = "a signal ends a timed wait with EINTR and leaves the value, "
		"or the wait goes on",
	.needs = CT_NEED_SEM | CT_NEED_SEM_TIMEDWAIT)
{
	interrupted(t, "timedwait-interrupted", false, timed_wait);
}

CT_CASE(sem_timedwait_restart, .id = "sem.timedwait.interrupted-restart",
	.req = "SEM-068", .posix = "XSH sigaction SA_RESTART; sem_timedwait",
	.text = "with SA_RESTART a timed wait goes on, or ends with EINTR",
	.needs = CT_NEED_SEM | CT_NEED_SEM_TIMEDWAIT)
{
	interrupted(t, "timedwait-restart", true, timed_wait);
}

CT_CASE(sem_signal_error, .id = "sem.acquire.interrupted", .req = "SEM-070",
	.posix = "specification: SignalError",
	.text = "an acquire that a signal interrupts is PIPC_SIGNAL_ERROR, "
		"and takes nothing",
	.needs = CT_NEED_SEM)
{
	pipc_sem *sem = ct_pipc_sem(t, 0);
	int *came = ct_shared(t, sizeof(*came));
	struct ct_peer *p;
	bool goes_on;

	*came = -1;
	ct_catch(t, SIGUSR1);
	CT_PEER (t, p) {
		ct_tell_parent(t);
		CT_OK((*came = (int)pipc_sem_acquire(sem, NULL)) >= 0);
	}
	ct_await_blocked(t, p);
	goes_on = ct_sleeps_on(t, p, SIGUSR1, came);
	CT_CHECK(goes_on || *came == PIPC_SIGNAL_ERROR);
	CT_EXPECT(pipc_sem_release(sem), PIPC_OK);
	ct_join(t, p);
	if (goes_on)
		ct_unsupported(t, "sem_wait goes on after a signal");
	CT_EQUAL(*came, PIPC_SIGNAL_ERROR);
	CT_EXPECT(pipc_sem_acquire(sem, PIPC_SECONDS(0)), PIPC_OK);
	CT_EXPECT(pipc_sem_close(sem), PIPC_OK);
	pipc_sem_free(sem);
}

CT_CASE(sem_open_storm, .id = "sem.open.signal-storm", .req = "SEM-114",
	.posix = "XSH sem_open ERRORS [EINTR]",
	.text = "sem_open in a storm of signals succeeds or is EINTR",
	.needs = CT_NEED_SEM)
{
	const char *name;
	sem_t *sem = ct_sem(t, 1, &name), *again;
	int interrupted = 0, error, i;

	ct_storm(t, 50);
	for (i = 0; i < 400; i++) {
		CT_OK(((again = t->os->sem_open(name, i % 2 ? O_CREAT : 0, 0600,
						0)),
		       error = errno, again != SEM_FAILED || error == EINTR));
		if (again == SEM_FAILED)
			interrupted++;
		else
			SEM_CLOSE(again);
	}
	ct_storm(t, 0);
	ct_remark(t, "%d signals", ct_caught(SIGALRM));
	ct_note(t, "open-interrupted", interrupted > 0 ? "EINTR" : "never");
	CT_EQUAL(ct_value(t, sem), 1);
	SEM_CLOSE(sem);
}

CT_CASE(sem_trywait_storm, .id = "sem.trywait.signal-storm", .req = "SEM-130",
	.posix = "XSH sem_trywait ERRORS [EINTR] (may)",
	.text = "sem_trywait in a storm of signals takes one, or is EAGAIN or "
		"EINTR and takes nothing",
	.needs = CT_NEED_SEM)
{
	enum { TRIES = 2000, VALUE = 1500 };
	sem_t *sem = ct_sem(t, VALUE, NULL);
	int taken = 0, interrupted = 0, i;

	ct_storm(t, 50);
	for (i = 0; i < TRIES; i++) {
		int error = t->os->sem_trywait(sem) == 0 ? 0 : errno;

		CT_CHECK(error == 0 || error == EINTR ||
			 (error == EAGAIN && taken == VALUE));
		taken += error == 0;
		interrupted += error == EINTR;
	}
	ct_storm(t, 0);
	ct_remark(t, "%d signals", ct_caught(SIGALRM));
	ct_note(t, "trywait-interrupted", interrupted > 0 ? "EINTR" : "never");
	CT_EQUAL(taken + ct_value(t, sem), VALUE);
	SEM_CLOSE(sem);
}

struct victim {
	sem_t *sem;
	bool timed;
};

static void cancelled_wait(struct ct *t, void *arg)
{
	const struct victim *v = arg;

	ct_thread_ready(t);
	if (v->timed)
		timed_wait(t, v->sem);
	else
		plain_wait(t, v->sem);
}

/* In a peer: a thread that is cancelled tells nobody how it ended. */
static void cancelled(struct ct *t, bool timed)
{
	struct victim v = {ct_sem(t, 0, NULL), timed};
	struct ct_thread *thread = ct_thread(t, cancelled_wait, &v);

	ct_thread_await_blocked(t, thread);
	ct_thread_cancel(t, thread);
	CT_OK((ct_thread_join(t, thread), true));
	CT_EQUAL(ct_value(t, v.sem), 0);
	SEM_POST(v.sem);
	CT_EQUAL(ct_value(t, v.sem), 1);
	CT_OK(t->os->sem_trywait(v.sem) == 0);
	SEM_CLOSE(v.sem);
}

struct name_user {
	sem_t *sem;
	const char *name;
	bool through;
};

static void uses_name(struct ct *t, void *arg)
{
	struct name_user *u = arg;
	sem_t *sem;

	ct_thread_ready(t);
	CT_OK(pthread_cancel(pthread_self()) == 0);
	SEM_OPEN(sem, u->name, 0, 0, 0); /* what creates is put on record */
	CT_OK(t->os->sem_unlink(u->name) == 0);
	u->through = true;
	t->os->sem_close(sem);
}

CT_CASE(sem_cancel, .id = "sem.wait.cancelled", .req = "SEM-083",
	.posix = "XSH 2.9.5.2 Cancellation Points",
	.text = "waits are cancellation points and leave no waiter behind; "
		"opening and unlinking are not",
	.needs = CT_NEED_SEM)
{
	struct name_user u = {NULL, NULL, false};

	cancelled(t, false);
	if (pipc_limits()->semaphore_timeout_supported)
		cancelled(t, true);
	u.sem = ct_sem(t, 0, &u.name);
	ct_thread_join(t, ct_thread(t, uses_name, &u));
	CT_CHECK(u.through);
	SEM_CLOSE(u.sem);
}
