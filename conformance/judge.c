/* SPDX-License-Identifier: BSD-3-Clause */
/* What the end of a case comes to. */
#include "job.h"

#include <stdio.h>
#include <string.h>
#include <sys/wait.h>

#define CLOCK_STEP_MS 5 /* more is no slewing */

const char *const ct_outcome_names[] = {
    "PASS", "FAIL",	   "TIMEOUT",	 "CRASH",
    "LEAK", "UNSUPPORTED", "UNRESOLVED", "NOTED",
};

static bool unlink_one(const struct pipc__os *os, char kind, const char *name)
{
	const struct ct_capability *lacks;

	switch (kind) {
	case 's':
		return os->sem_unlink(name) == 0;
	case 'm':
		return os->shm_unlink(name) == 0;
	default:
		/* Where queues are absent the call itself may kill. */
		lacks = ct_lacks(CT_NEED_MQ);
		if (lacks != NULL && lacks->state == CT_ABSENT)
			return false;
		return os->mq_unlink(name) == 0;
	}
}

/* Removes what the case left; true if something was left that should not be. */
bool ct__job_sweep(struct job *j)
{
	bool leaked = false;
	unsigned i;

	for (i = 0; i < j->names; i++) {
		if (j->ledger[i].created <= 0 ||
		    !unlink_one(j->base, j->ledger[i].kind,
				j->ledger[i].name) ||
		    j->ledger[i].ours)
			continue;
		leaked = true;
		ct__job_say(j, "left behind: %s", j->ledger[i].name);
	}
	return leaked;
}

/* How the case's own process ended, in words, when that was not its end. */
static bool died(struct job *j, int status)
{
	if (WIFSIGNALED(status))
		ct__job_say(j, "killed by signal %d (%s)", WTERMSIG(status),
			    strsignal(WTERMSIG(status)));
	else if (!j->ended)
		ct__job_say(j, "exited early with status %d, before its end",
			    WEXITSTATUS(status));
	else
		return false;
	return true;
}

/* "sem_open" for "(sem = t->os->sem_open(n, 0, 0, 0)) != SEM_FAILED". */
static void call_name(const char *call, char *name, size_t size)
{
	static const char letters[] =
	    "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ_0123456789";
	const char *p = call;
	size_t n;

	for (; *p != '\0'; p += n != 0 ? n : 1) {
		n = strspn(p, letters);
		if (n != 0 && p[n] == '(')
			break;
	}
	if (*p == '\0') {
		p = call;
		n = strlen(call);
	}
	snprintf(name, size, "%.*s", (int)n, p);
}

enum excuse { NO_DENIAL, UNEXPLAINED, EXPLAINED };

/*
 * Asks the environment for each call that was refused.  A reason for the first
 * failure of a case excuses the others, which follow from it.
 */
static enum excuse ask_environment(struct job *j)
{
	const struct ct__denial *d = &j->denial[0];
	const char *reason;
	char name[60], text[300];

	if (j->denials == 0)
		return NO_DENIAL;
	reason = d->failures == 0 ? ct_environment(d->call, d->error) : NULL;
	if (reason == NULL)
		return UNEXPLAINED;
	call_name(d->call, name, sizeof(name));
	snprintf(text, sizeof(text), "%s: %s; %s", name,
		 ct_errno_name(d->error), reason);
	ct__job_say_first(j, text);
	return EXPLAINED;
}

/*
 * Where a case goes wrong and one of its processes was killed by SIGBUS, there
 * may be no memory.
 */
static bool out_of_memory(struct job *j, int status)
{
	bool bus = WIFSIGNALED(status) && WTERMSIG(status) == SIGBUS;
	const char *reason;
	char text[300];

	bus = bus || (j->bus && j->failures + j->denials != 0);
	reason = bus ? ct_environment(CT__SIGBUS, ENOSPC) : NULL;
	if (reason == NULL)
		return false;
	snprintf(text, sizeof(text), CT__SIGBUS "; %s", reason);
	ct__job_say_first(j, text);
	return true;
}

static void say_processes(struct job *j)
{
	if (j->left != 0)
		ct__job_say(j, "left behind: %u process%s", j->left,
			    j->left == 1 ? "" : "es");
	else if (j->left_unseen)
		ct__job_say(j, "left behind: processes");
	if (j->out_of_reach)
		ct__job_say(j, "left behind: a process that left the case's "
			       "group and cannot be found");
}

enum ct_outcome ct__job_judge(struct job *j, int status, bool leaked)
{
	enum excuse excuse;
	bool processes = j->left != 0 || j->left_unseen || j->out_of_reach;
	bool failed;

	if (j->abandoned)
		return CT_TIMEOUT;
	if (j->garbage) {
		ct__job_say(j, "something that is no record came through the "
			       "pipe");
		return CT_CRASH;
	}
	excuse = ask_environment(j);
	if (excuse != EXPLAINED && out_of_memory(j, status))
		excuse = EXPLAINED;
	failed = j->failures != 0 || excuse == UNEXPLAINED;
	if (j->killed_late)
		ct__job_say_late(j);
	else if (!j->killed_stuck && died(j, status) && excuse != EXPLAINED)
		return CT_CRASH;
	if (excuse == EXPLAINED)
		return CT_UNRESOLVED;
	if (j->killed_stuck)
		return CT_FAIL;
	if (j->killed_late)
		return failed ? CT_FAIL : CT_TIMEOUT;
	if (failed)
		return CT_FAIL;
	if (j->unsupported)
		return CT_UNSUPPORTED;
	if (j->unresolved)
		return CT_UNRESOLVED;
	say_processes(j);
	if (leaked || processes || j->descriptors)
		return CT_LEAK;
	if (j->r.checks == 0) {
		ct__job_say(j, "checked nothing");
		return CT_UNRESOLVED;
	}
	return j->r.notes[0] != '\0' ? CT_NOTED : CT_PASS;
}

long ct__clock_offset(void)
{
	struct timespec wall, steady;

	clock_gettime(CLOCK_REALTIME, &wall);
	clock_gettime(CLOCK_MONOTONIC, &steady);
	return (long)(wall.tv_sec - steady.tv_sec) * 1000 +
	       (wall.tv_nsec - steady.tv_nsec) / 1000000;
}

enum ct_outcome ct__job_excuse(struct job *j, enum ct_outcome outcome)
{
	long step = ct__clock_offset() - j->clock_offset;

	if ((outcome != CT_FAIL && outcome != CT_TIMEOUT) || j->abandoned ||
	    (step > -CLOCK_STEP_MS && step < CLOCK_STEP_MS))
		return outcome;
	ct__job_say(j, "the wall clock was set by %ld ms meanwhile", step);
	return CT_UNRESOLVED;
}
