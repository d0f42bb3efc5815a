/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * What the backend under test can do, found by calling: each capability in a
 * child of its own, for an unknown system call may kill its caller, or hang.
 */
#include "probe.h"

#include <grp.h>
#include <poll.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#ifdef HAVE_SYS_SYSCALL_H
#include <sys/syscall.h>
#endif

const char *const ct_state_names[] = {"present", "absent", "denied", "broken"};

struct ct_capability ct_capabilities[] = {
    {.need = CT_NEED_SEM, .name = "sem"},
    {.need = CT_NEED_SEM_TIMEDWAIT, .name = "sem_timedwait"},
    {.need = CT_NEED_SEM_CLOCKWAIT, .name = "sem_clockwait"},
    {.need = CT_NEED_SEM_GETVALUE, .name = "sem_getvalue"},
    {.need = CT_NEED_SEM_UNNAMED, .name = "sem_init"},
    {.need = CT_NEED_SHM, .name = "shm"},
    {.need = CT_NEED_MQ, .name = "mq"},
    {.need = CT_NEED_MQ_NOTIFY, .name = "mq_notify"},
    {.need = CT_NEED_UIDS, .name = "uids"},
    {.need = CT_NEED_NATIVE, .name = "native"},
    {.name = NULL},
};
long ct_mq_depth = 1;
long ct__probe_ms = 5000;

static const struct pipc__os *os;
static struct ct__answer *a;

/* What a child does, in which place it does it. */
typedef void (*question)(unsigned need);

static void ask(unsigned need)
{
	ct__probe_one(os, need, a);
}

static void become_another(unsigned need)
{
	gid_t group = CT_OWNER;

	(void)need;
	a->became = setgroups(1, &group) == 0 && setgid(group) == 0 &&
		    setuid(CT_OWNER) == 0;
}

static void ask_as_another(unsigned need)
{
	become_another(need);
	if (a->became)
		ask(need);
}

/* Has the child been asleep for long enough to say that a call hangs? */
static bool hangs(pid_t pid, long *mark, int *stuck)
{
	enum { SAMPLES = 10 };
	long now = ct__process_state(pid) != 0 ? ct__idle_mark(pid) : -1;

	*stuck = now >= 0 && now == *mark ? *stuck + 1 : 0;
	*mark = now;
	return *stuck >= SAMPLES;
}

/* Waits for the child; false when it did not end and was killed. */
static bool await(pid_t pid, int *status)
{
	struct timespec end =
	    ct_in_ms(CLOCK_MONOTONIC, ct_patience(ct__probe_ms));
	struct timespec sample = ct_in_ms(CLOCK_MONOTONIC, 100);
	long mark = -1;
	int stuck = 0;

	while (waitpid(pid, status, WNOHANG) == 0) {
		if (ct_reached(CLOCK_MONOTONIC, &sample)) {
			sample = ct_in_ms(CLOCK_MONOTONIC, ct_patience(100));
			if (hangs(pid, &mark, &stuck) ||
			    ct_reached(CLOCK_MONOTONIC, &end)) {
				kill(pid, SIGKILL);
				while (waitpid(pid, status, 0) < 0 &&
				       errno == EINTR)
					;
				return false;
			}
		}
		poll(NULL, 0, 1);
	}
	return true;
}

/*
 * What a child may have left is removed by the backend itself, in case a mutant
 * does not do it; in a child, for the call may kill where the kind is absent.
 */
static pid_t asked; /* the child */

static void remove_objects(unsigned need)
{
	const struct pipc__os *base = ct_base != NULL ? ct_base : os;
	char name[24];
	unsigned i;

	for (i = 0; i < a->names; i++) {
		ct__probe_name(name, sizeof(name), asked, i);
		if (need & (CT_NEED_MQ | CT_NEED_MQ_NOTIFY))
			base->mq_unlink(name);
		else if (need & CT_NEED_SHM)
			base->shm_unlink(name);
		else
			base->sem_unlink(name);
	}
}

/* How the child that asked ended, when that is the answer. */
static void ended(int status, bool in_time)
{
	if (!in_time) {
		a->state = CT_BROKEN;
		snprintf(a->why, sizeof(a->why),
			 "%s: a simple call did not return", a->call);
	} else if (WIFSIGNALED(status)) {
		/* A file system that is full says so by SIGBUS. */
		a->state = WTERMSIG(status) == SIGSYS	? CT_ABSENT
			   : WTERMSIG(status) == SIGBUS ? CT_DENIED
							: CT_BROKEN;
		a->error = a->state == CT_DENIED ? ENOSPC : 0;
		snprintf(a->why, sizeof(a->why),
			 "%s: the call was answered by signal %d (%s)", a->call,
			 WTERMSIG(status), strsignal(WTERMSIG(status)));
	} else if (WEXITSTATUS(status) != 0 || !a->ended) {
		a->state = CT_BROKEN;
		snprintf(a->why, sizeof(a->why),
			 "%s: the process ended with status %d", a->call,
			 WEXITSTATUS(status));
	}
}

/* What a call under test prints is no line of the runner's. */
static void say_nothing(void)
{
	int null = open("/dev/null", O_WRONLY);

	if (null < 0)
		return;
	dup2(null, 1);
	dup2(null, 2);
	if (null > 2)
		close(null);
}

static pid_t fork_to(question q, unsigned need)
{
	pid_t pid = fork();

	if (pid != 0)
		return pid;
	setpgid(0, 0); /* a signal for the group is not the runner's */
	signal(SIGSYS, SIG_DFL);
	signal(SIGBUS, SIG_DFL);
	signal(SIGUSR1, SIG_DFL);
	say_nothing();
	q(need);
	a->ended = true;
	ct_exit(0);
}

static void in_child(question q, unsigned need)
{
	int status = 0;
	bool in_time;
	pid_t pid;

	memset(a, 0, sizeof(*a));
	asked = fork_to(q, need);
	if (asked < 0) {
		a->state = CT_DENIED;
		a->error = errno;
		snprintf(a->why, sizeof(a->why), "fork: %s",
			 ct_errno_name(errno));
		return;
	}
	in_time = await(asked, &status);
	ended(status, in_time);
	/* A child that came to its end has removed all, but by a mutant. */
	if (a->names == 0 || (a->state == CT_PRESENT && ct_base == NULL))
		return;
	if ((pid = fork_to(remove_objects, need)) > 0)
		await(pid, &status);
}

/* A page that children write to. */
static struct ct__answer *shared_answer(void)
{
	void *p = mmap(NULL, sizeof(*a), PROT_READ | PROT_WRITE,
		       MAP_SHARED | MAP_ANONYMOUS, -1, 0);

	return p == MAP_FAILED ? NULL : p;
}

bool ct__refused_at_once(long number)
{
#if defined(HAVE_SYS_SYSCALL_H) && defined(SYS_mq_open)
	int status = 0, error;
	pid_t pid = fork();

	if (pid == 0) {
		signal(SIGSYS, SIG_DFL);
		_exit(syscall(number, -1L, -1L, -1L, -1L, -1L) == 0 ? 0
								    : errno);
	}
	if (pid < 0 || waitpid(pid, &status, 0) != pid)
		return false;
	error = WIFEXITED(status) ? WEXITSTATUS(status) : 0;
	return (WIFSIGNALED(status) && WTERMSIG(status) == SIGSYS) ||
	       error == ENOSYS || error == EPERM || error == EACCES;
#else
	(void)number;
	return false;
#endif
}

/*
 * A refusal that nothing explains is the system's fault.  So is one that an
 * ordinary user meets where root does not.
 */
static void judge(struct ct_capability *c, const char *prefix)
{
	const char *reason;

	c->state = a->state;
	if (c->need == CT_NEED_UIDS && a->state == CT_BROKEN)
		a->state = CT_DENIED;
	snprintf(c->why, sizeof(c->why), "%s%s", prefix, a->why);
	snprintf(c->cause, sizeof(c->cause), "%s: %s", c->name, a->why);
	if (a->state == CT_PRESENT || a->state == CT_BROKEN)
		return;
	/* Privileges are the run's, not the system's. */
	if (c->need == CT_NEED_UIDS) {
		c->state = CT_DENIED;
		c->explained = true;
		return;
	}
	reason = ct_explain(c->cause, a->error);
	c->explained = reason != NULL;
	if (reason != NULL)
		snprintf(c->why, sizeof(c->why), "%s%s; %s", prefix, a->why,
			 reason);
	else if (c->state == CT_DENIED && *a->expected == '\0') {
		c->state = CT_BROKEN;
		snprintf(c->why, sizeof(c->why), "%s%s", prefix, a->why);
	} else if (c->state == CT_DENIED) {
		c->state = CT_BROKEN;
		snprintf(c->why, sizeof(c->why),
			 "%s%s: expected %s, got %s, which nothing here "
			 "explains",
			 prefix, a->call, a->expected, ct_errno_name(a->error));
	}
}

static void ask_as_ordinary_user(struct ct_capability *c)
{
	struct ct_capability ordinary = *c;

	in_child(ask_as_another, c->need);
	if (!a->became || a->state == CT_PRESENT)
		return;
	judge(&ordinary, "for an ordinary user: ");
	if (ordinary.state == CT_BROKEN ||
	    (ordinary.state == CT_ABSENT && !ordinary.explained)) {
		*c = ordinary;
		c->state = CT_BROKEN;
	}
}

void ct_probe(const struct pipc__os *backend, bool no_fork)
{
	struct sigaction ignore = {.sa_handler = SIG_IGN}, before;
	struct ct_capability *c;
	struct ct__answer here;

	os = backend;
	a = shared_answer();
	if (a == NULL)
		a = &here;
	/* A notification that goes to the parent must not end the run. */
	sigemptyset(&ignore.sa_mask);
	sigaction(SIGUSR1, no_fork ? NULL : &ignore, &before);
	for (c = ct_capabilities; c->name != NULL; c++) {
		memset(a, 0, sizeof(*a));
		c->why[0] = c->cause[0] = '\0';
		c->explained = false;
		if (!no_fork) {
			in_child(ask, c->need);
		} else if (c->need == CT_NEED_UIDS) {
			a->state = CT_DENIED;
			strcpy(a->why, "needs fork (--no-fork-cases)");
		} else {
			ask(c->need);
		}
		if (a->depth > 0)
			ct_mq_depth = a->depth;
		judge(c, "");
		if (!no_fork && c->state == CT_PRESENT && geteuid() == 0 &&
		    !(c->need & (CT_NEED_UIDS | CT_NEED_NATIVE)))
			ask_as_ordinary_user(c);
	}
	sigaction(SIGUSR1, &before, NULL);
	if (a != &here)
		munmap(a, sizeof(*a));
	a = NULL;
}

const struct ct_capability *ct_capability(const char *name)
{
	const struct ct_capability *c = ct_capabilities;

	while (c->name != NULL && strcmp(c->name, name) != 0)
		c++;
	return c->name != NULL ? c : NULL;
}

const struct ct_capability *ct_lacks(unsigned needs)
{
	struct ct_capability *c;

	for (c = ct_capabilities; c->name != NULL; c++)
		if ((needs & c->need) &&
		    (c->state == CT_ABSENT || c->state == CT_DENIED))
			return c;
	return NULL;
}
