/* SPDX-License-Identifier: BSD-3-Clause */
/* Other processes of a case. */
#include "run.h"

#include <grp.h>
#include <poll.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>

struct ct_peer {
	pid_t pid; /* 0 in the peer itself */
	int down[2], up[2];
	bool ended; /* and status says how */
	int status;
};

static struct ct_peer *self; /* in a peer: its own end */

void *ct_shared(struct ct *t, size_t size)
{
	void *p = mmap(NULL, size, PROT_READ | PROT_WRITE,
		       MAP_SHARED | MAP_ANONYMOUS, -1, 0);

	CT_SETUP_TRUE(p != MAP_FAILED);
	return p;
}

bool ct_await_count(struct ct *t, const int *count, int wanted)
{
	struct ct__wait wait = ct__wait(3000);
	struct pollfd nothing = {-1, 0, 0};
	int now;

	while ((now = __atomic_load_n(count, __ATOMIC_SEQ_CST)) < wanted) {
		if (ct__wait_is_over(&wait)) {
			ct_fail(t, "%d of %d have come", now, wanted);
			return false;
		}
		poll(&nothing, 0, 1);
	}
	return true;
}

struct ct_peer *ct_fork(struct ct *t)
{
	struct ct_peer *p;

	if (t->shared->no_fork)
		ct_unresolved(t, "needs fork (--no-fork-cases)");
	p = calloc(1, sizeof(*p));
	CT_SETUP_TRUE(p != NULL && pipe(p->down) == 0 && pipe(p->up) == 0);
	CT_SETUP_TRUE((p->pid = fork()) >= 0);
	if (p->pid == 0) {
		self = p;
		ct__place_take(t);
		close(p->down[1]);
		close(p->up[0]);
	} else {
		close(p->down[0]);
		close(p->up[1]);
	}
	return p;
}

bool ct_in_peer(const struct ct_peer *p)
{
	return p->pid == 0;
}

_Noreturn void ct_peer_exit(struct ct *t)
{
	(void)t;
	ct_exit(0);
}

pid_t ct_pid(const struct ct_peer *p)
{
	return p->pid;
}

/* A SIGBUS can be that of a full file system: see judge.c. */
static void record_end(struct ct *t, struct ct_peer *p)
{
	p->ended = true;
	if (WIFSIGNALED(p->status) && WTERMSIG(p->status) == SIGBUS)
		ct_record(t->records, 'B', "SIGBUS");
}

static void await_end(struct ct *t, struct ct_peer *p)
{
	if (p->ended)
		return;
	while (waitpid(p->pid, &p->status, 0) < 0 && errno == EINTR)
		;
	record_end(t, p);
}

int ct_reap(struct ct *t, struct ct_peer *p)
{
	await_end(t, p);
	close(p->down[1]);
	close(p->up[0]);
	return p->status;
}

bool ct_join(struct ct *t, struct ct_peer *p)
{
	int status = ct_reap(t, p);

	if (WIFEXITED(status) && WEXITSTATUS(status) == 0)
		return true;
	if (WIFSIGNALED(status))
		ct_fail(t, "a peer was killed by signal %d (%s)",
			WTERMSIG(status), strsignal(WTERMSIG(status)));
	else
		ct_fail(t, "a peer ended with status %d", WEXITSTATUS(status));
	return false;
}

void ct_kill(struct ct *t, struct ct_peer *p)
{
	if (!p->ended)
		kill(p->pid, SIGKILL);
	ct_reap(t, p);
}

/* For the runner: who is stopped on purpose. */
static void note_stopped(struct ct *t, pid_t pid, bool stopped)
{
	unsigned i;

	for (i = 0; i < t->shared->places && i < CT_PLACES; i++)
		if (t->shared->place[i].pid == pid)
			t->shared->place[i].stopped = stopped;
}

void ct_stop(struct ct *t, struct ct_peer *p)
{
	note_stopped(t, p->pid, true);
	CT_SETUP_TRUE(!p->ended && kill(p->pid, SIGSTOP) == 0 &&
		      waitpid(p->pid, &p->status, WUNTRACED) == p->pid);
	if (!WIFSTOPPED(p->status))
		record_end(t, p);
	CT_SETUP_TRUE(WIFSTOPPED(p->status));
}

void ct_continue(struct ct *t, struct ct_peer *p)
{
	CT_SETUP_TRUE(kill(p->pid, SIGCONT) == 0);
	note_stopped(t, p->pid, false);
}

bool ct_await_blocked(struct ct *t, struct ct_peer *p)
{
	ct_await(t, p);
	return ct__await_blocked(t, p->pid, 0);
}

bool ct_still_blocked(struct ct *t, struct ct_peer *p)
{
	return ct__still_blocked(t, p->pid, 0);
}

/* In the child: true.  In the parent: waits, notes how it ended, false. */
bool ct__undefined(struct ct *t, struct ct_peer *p, const char *key)
{
	struct ct__wait wait = ct__wait(1000);
	struct pollfd nothing = {-1, 0, 0};
	int status;

	if (ct_in_peer(p)) {
		signal(SIGSEGV, SIG_DFL); /* not a sanitizer's report */
		signal(SIGBUS, SIG_DFL);
		return true;
	}
	__atomic_add_fetch(&t->shared->checks, 1, __ATOMIC_RELAXED);
	while (waitpid(p->pid, &status, WNOHANG) == 0) {
		if (ct__wait_is_over(&wait)) {
			ct_note(t, key, "blocks");
			ct_kill(t, p);
			return false;
		}
		poll(&nothing, 0, 1);
	}
	close(p->down[1]);
	close(p->up[0]);
	if (WIFSIGNALED(status))
		ct_note(t, key, "killed by signal %d (%s)", WTERMSIG(status),
			strsignal(WTERMSIG(status)));
	else
		ct_note(t, key, "survived");
	return false;
}

void ct_become(struct ct *t, enum ct_who who)
{
	gid_t group = (gid_t)who;

	CT_SETUP_TRUE(setgroups(1, &group) == 0 && setgid(group) == 0 &&
		      setuid((uid_t)who) == 0);
}

/* The runner's own program again, as one of the CT_PROGRAMs. */
_Noreturn void ct_exec(struct ct *t, const char *program, const char *arg)
{
	char fds[64];

	snprintf(fds, sizeof(fds), "%d,%d,%d", t->records,
		 self != NULL ? self->down[0] : -1,
		 self != NULL ? self->up[1] : -1);
	ct_exec_self(t, program, fds, arg);
}

/* After exec: a peer like any other, but for a place that the runner sees. */
int ct_program_main(const char *name, const char *fds, const char *arg,
		    const struct pipc__os *os)
{
	static struct ct__shared shared;
	static struct ct_peer peer;
	const struct ct_program *const *p;
	struct ct t = {.shared = &shared};

	if (sscanf(fds, "%d,%d,%d", &t.records, &peer.down[0], &peer.up[1]) !=
	    3)
		return 2;
	self = &peer;
	t.os = ct_ledger(os, t.records);
	pipc__use(t.os);
	ct__place_take(&t);
	for (p = ct_programs; *p != NULL; p++)
		if (strcmp((*p)->name, name) == 0) {
			(*p)->run(&t, arg);
			ct_exit(0);
		}
	return 2;
}

static void say(int fd)
{
	while (write(fd, "", 1) < 0 && errno == EINTR)
		;
}

static bool hear(int fd)
{
	char byte;
	ssize_t n;

	while ((n = read(fd, &byte, 1)) < 0 && errno == EINTR)
		;
	return n == 1;
}

static void fail_ended(struct ct *t)
{
	ct_fail(t, "the other process ended before it answered");
}

void ct_tell(struct ct *t, struct ct_peer *p)
{
	(void)t;
	say(p->down[1]);
}

void ct_await(struct ct *t, struct ct_peer *p)
{
	if (hear(p->up[0]))
		return;
	await_end(t, p);
	fail_ended(t);
}

void ct_tell_parent(struct ct *t)
{
	(void)t;
	say(self->up[1]);
}

void ct_await_parent(struct ct *t)
{
	if (!hear(self->down[0]))
		fail_ended(t);
}

struct ct_gate {
	unsigned n, here;
};

struct ct_gate *ct_gate(struct ct *t, unsigned n)
{
	struct ct_gate *gate = ct_shared(t, sizeof(*gate));

	gate->n = n;
	return gate;
}

void ct_gate_pass(struct ct *t, struct ct_gate *gate)
{
	(void)t;
	__atomic_add_fetch(&gate->here, 1, __ATOMIC_SEQ_CST);
	while (__atomic_load_n(&gate->here, __ATOMIC_SEQ_CST) < gate->n)
		sched_yield();
}
