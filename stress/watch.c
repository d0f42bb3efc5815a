/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Tells a run that hangs from one that is slow.  Wall-clock time alone proves
 * nothing: on a busy machine a correct run needs long, and a machine can be
 * paused.  A run hangs when no counter of it changed for the deadline and all
 * its processes slept meanwhile.  Processes that neither sleep nor get on, such
 * as those that wait in a loop, have three times as long.
 */
#include "run.h"

#define LOOK_NS 50000000u   /* between two looks at the run */
#define PAUSE_NS 200000000u /* a longer step was a pause, which is no time */
#define AWAKE 3
#define AT_ALL 60 /* deadlines, whatever the counters say */

static uint64_t counters(struct st_run *run)
{
	uint64_t sum = atomic_load(&run->steps) + atomic_load(&run->names) +
		       atomic_load(&run->notes) + atomic_load(&run->made) +
		       (uint64_t)atomic_load(&run->phase) + run->workers;
	unsigned i;

	for (i = 0; i < run->workers && i < ST_WORKERS; i++)
		sum += atomic_load(&run->slot[i].ops) + run->slot[i].ended;
	return sum;
}

/* Adds one process to the sum; false: somebody stopped it. */
static bool add_mark(pid_t pid, long *sum)
{
	char state = ct__process_state(pid);
	long mark = ct__idle_mark(pid);

	*sum = *sum < 0 || mark < 0 ? -1 : *sum + mark;
	return state != 'T' && state != 't';
}

/*
 * How often the processes were switched: equal numbers mean that all slept in
 * between, and a system that tells no numbers always gives 0.  The leader looks
 * at its workers every millisecond, so it counts only when they have ended.
 * False: one of them is stopped, so that this time does not count.
 */
static bool marks(const struct st_run *run, pid_t leader, long *sum)
{
	bool counts = true, alone = true;
	unsigned i;

	*sum = 0;
	for (i = 0; i < run->workers && i < ST_WORKERS; i++)
		if (!run->slot[i].ended && run->slot[i].pid > 0) {
			counts = add_mark(run->slot[i].pid, sum) && counts;
			alone = false;
		}
	return alone ? add_mark(leader, sum) : counts;
}

bool st_watch(struct st_watch *w, struct st_run *run, pid_t leader)
{
	uint64_t now = st_ns(), step = w->now ? now - w->now : 0, sum;
	long mark;

	w->now = now;
	if (step > PAUSE_NS)
		step = 0;
	w->all_ns += step;
	w->look_ns += step;
	if (w->look_ns < LOOK_NS)
		return false;
	step = w->look_ns;
	w->look_ns = 0;
	sum = counters(run);
	if (sum != w->counters) {
		w->counters = sum;
		w->still_ns = w->asleep_ns = 0;
		w->mark = -1;
	} else if (marks(run, leader, &mark)) {
		w->still_ns += step;
		w->asleep_ns =
		    mark >= 0 && mark == w->mark ? w->asleep_ns + step : 0;
		w->mark = mark;
	}
	return w->asleep_ns >= w->deadline_ns ||
	       w->still_ns >= AWAKE * w->deadline_ns ||
	       w->all_ns >= AT_ALL * w->deadline_ns;
}

uint64_t st_patience(struct st_watch *w)
{
	uint64_t now = st_ns(), step = w->now ? now - w->now : 0;

	w->now = now;
	return step > PAUSE_NS ? 0 : step;
}

/* What hung, for the report. */
void st_describe_hang(const struct st_watch *w, struct st_run *run)
{
	const char *how = w->asleep_ns >= w->deadline_ns
			      ? "all processes asleep and no progress"
			  : w->still_ns >= AWAKE * w->deadline_ns
			      ? "no progress"
			      : "not at its end";
	uint64_t ns = w->asleep_ns >= w->deadline_ns	      ? w->asleep_ns
		      : w->still_ns >= AWAKE * w->deadline_ns ? w->still_ns
							      : w->all_ns;
	size_t n;
	unsigned i;

	n = (size_t)snprintf(run->text, sizeof(run->text),
			     "hang: %s for %.0f s (--deadline); operations of "
			     "the workers:",
			     how, (double)ns / 1e9);
	for (i = 0; i < run->workers && n < sizeof(run->text) - 40; i++)
		n += (size_t)snprintf(run->text + n, sizeof(run->text) - n,
				      " %" PRIu64 "%s",
				      atomic_load(&run->slot[i].ops),
				      run->slot[i].ended ? " (ended)" : "");
}
