/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Is a case late, or will a call of it not return?
 *
 * Where the system tells the states of processes, what counts against a case is
 * the processor time that it takes and the time that it sleeps.  Time in which
 * it wants a processor and gets none, or somebody has stopped it, does not.
 */
#include "job.h"

#include <stdio.h>
#include <stdlib.h>

#define STUCK_SAMPLES 7 /* of SAMPLE_MS each, nothing having moved */
#define SAMPLE_MS 100
#define CAP 30 /* times the limit by the clock, whatever the states are */

long ct__job_limit(const struct ct_case *c)
{
	unsigned seconds = c->seconds != 0 ? c->seconds : CT_JOB_SECONDS;

	return ct_patience(seconds * 1000L);
}

void ct__job_pause(struct job *j, long ms)
{
	j->paused += ms;
	j->stuck = 0;
	ct__later(&j->sampled, ms);
	if (j->bound.tv_sec != 0)
		ct__later(&j->bound, ms);
}

/* The calls that the case's processes do not come back from. */
static bool tell_blocked(struct job *j)
{
	const struct ct__place *p;
	bool any = false;
	unsigned i;

	for (i = 0; i < j->shared->places && i < CT_PLACES; i++) {
		p = &j->shared->place[i];
		if (p->what == NULL)
			continue;
		ct__job_say(j, "%s:%d: blocked: %s did not return", p->file,
			    p->line, p->what);
		any = true;
	}
	return any;
}

static void charge(struct job *j, const struct ct__activity *a, long ms)
{
	long cpu = a->cpu_ms - j->cpu;

	j->wall += ms;
	j->cpu = a->cpu_ms;
	if (a->told && a->stopped)
		j->paused += ms;
	else if (a->told && a->runs)
		j->spent += cpu < 0 ? 0 : cpu < ms ? cpu : ms;
	else
		j->spent += ms;
}

/*
 * Has every process of the case been asleep, and none switched, for a while?
 * Then a call that is being checked will not return, and waiting for the limit
 * tells no more.
 */
static bool is_stuck(struct job *j, const struct ct__activity *a)
{
	bool still = a->told && !a->stopped && a->mark >= 0;

	j->stuck = still && a->mark == j->mark ? j->stuck + 1 : 0;
	j->mark = a->mark;
	return j->stuck >= STUCK_SAMPLES;
}

/* Takes a sample when it is time to: true when the case is to be killed. */
bool ct__job_watch(struct job *j)
{
	long ms = ct_ms_since(CLOCK_MONOTONIC, &j->sampled);
	struct ct__activity a;

	if (ms < ct_patience(SAMPLE_MS) && j->spent + ms < j->limit)
		return false;
	clock_gettime(CLOCK_MONOTONIC, &j->sampled);
	ct__look(j->shared, j->pid, &a);
	charge(j, &a, ms);
	if (j->spent >= j->limit || j->wall / CAP >= j->limit)
		j->killed_late = true;
	else if (is_stuck(j, &a))
		j->killed_stuck = tell_blocked(j);
	return j->killed_late || j->killed_stuck;
}

/* "did not end within 10 s (43 s by the clock)", and how to give more. */
void ct__job_say_late(struct job *j)
{
	long factor = ct_patience(1), more = factor * 4;
	char clock[60] = "", hint[80] = "";

	if (j->wall > j->spent + 1000)
		snprintf(clock, sizeof(clock),
			 " of its own time (%ld s by the clock)",
			 j->wall / 1000);
	if (more > 1000)
		more = 1000;
	if (more > factor)
		snprintf(hint, sizeof(hint),
			 "; PIPC_TIMEOUT_MULTIPLIER=%ld gives more", more);
	if (j->wall / CAP >= j->limit)
		ct__job_say(j, "did not end within %ld s by the clock%s",
			    j->limit / 1000 * CAP, hint);
	else
		ct__job_say(j, "did not end within %ld s%s%s", j->limit / 1000,
			    clock, hint);
}
