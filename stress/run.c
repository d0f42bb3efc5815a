/* SPDX-License-Identifier: BSD-3-Clause */
/* Runs a cell: a process group, a deadline, clean-up, results. */
#include "run.h"

#include <poll.h>
#include <stdlib.h>
#include <sys/wait.h>
#ifdef HAVE_SYS_PRCTL_H
#include <sys/prctl.h>
#endif

const char *const st_placement_names[] = {"free", "one", "two", NULL};
const char *const st_outcome_names[] = {
    "PASS", "FAIL", "TIMEOUT", "CRASH", "LEAK", "UNSUPPORTED", "UNRESOLVED"};

volatile int st_interrupted;

static void interrupted(int number)
{
	st_interrupted = number;
}

void st_catch_signals(void)
{
	struct sigaction a = {.sa_handler = interrupted}, before;

	sigaction(SIGINT, &a, NULL);
	sigaction(SIGTERM, &a, NULL);
	sigaction(SIGHUP, NULL, &before);
	if (before.sa_handler != SIG_IGN) /* nohup */
		sigaction(SIGHUP, &a, NULL);
	a.sa_handler = SIG_IGN;
	sigaction(SIGPIPE, &a, NULL);
#ifdef PR_SET_CHILD_SUBREAPER
	prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0);
#endif
}

static void child_signals(void)
{
	struct sigaction a = {.sa_handler = SIG_DFL};
	sigset_t none;

	sigaction(SIGINT, &a, NULL);
	sigaction(SIGTERM, &a, NULL);
	sigaction(SIGHUP, &a, NULL);
	sigaction(SIGPIPE, &a, NULL);
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
}

/* Kills and reaps what is left of a group. */
static void end_group(pid_t group)
{
	kill(-group, SIGKILL);
	while (waitpid(-group, NULL, 0) > 0 || errno == EINTR)
		continue;
}

/* Waits for the leader; false if it hangs or we are to end. */
static bool wait_leader(struct st_run *run, pid_t pid, double seconds,
			int *status)
{
	struct st_watch watch = {.deadline_ns = (uint64_t)(seconds * 1e9)};

	while (waitpid(pid, status, WNOHANG) != pid) {
		if (st_watch(&watch, run, pid) || st_interrupted) {
			kill(pid, SIGKILL);
			waitpid(pid, status, 0);
			if (!st_interrupted) {
				st_claim(run, ST_TIMEOUT, "");
				if (run->outcome == ST_TIMEOUT)
					st_describe_hang(&watch, run);
			}
			return false;
		}
		poll(NULL, 0, 1);
	}
	return true;
}

/* In a group of its own, with a pipe that ends when this process does. */
bool st_guarded(struct st_run *run, double seconds,
		void (*body)(struct st_run *run, void *arg), void *arg)
{
	int lifeline[2], status = 0;
	bool in_time;
	pid_t pid;

	fflush(NULL);
	st_cores(); /* before anybody is pinned */
	if (pipe(lifeline) != 0) {
		st_refused(run, 0, false, errno, "pipe");
		return true;
	}
	run->lifeline = lifeline[0];
	pid = fork();
	if (pid == 0) {
		setpgid(0, 0);
		child_signals();
		close(lifeline[1]);
		body(run, arg);
		_exit(0);
	}
	close(lifeline[0]);
	if (pid < 0) {
		st_refused(run, 0, false, errno, "fork");
		close(lifeline[1]);
		return true;
	}
	setpgid(pid, pid);
	in_time = wait_leader(run, pid, seconds, &status);
	end_group(pid);
	close(lifeline[1]);
	if (!in_time)
		return !st_interrupted;
	if (WIFSIGNALED(status) && WTERMSIG(status) == SIGSYS &&
	    atomic_load(&run->did) == 0)
		st_refused(run, st_kinds(run), false, ENOSYS,
			   "a call (answered by SIGSYS)");
	else if (WIFSIGNALED(status) && WTERMSIG(status) == SIGBUS)
		st_refused(run, st_kinds(run), true, ENOSPC,
			   "mmap: a page (answered by SIGBUS)");
	else if (WIFSIGNALED(status) && !st_interrupted)
		st_claim(run, ST_CRASH, "the leader was killed by a signal");
	else if (!run->ended && !st_interrupted)
		st_claim(run, ST_CRASH, "the leader exited early");
	return !st_interrupted;
}

/* Removes what the run left; that is a leak if it came to its end. */
static void sweep(struct st_run *run, const struct pipc__os *os)
{
	unsigned i, n = atomic_load(&run->names);
	char text[ST_TEXT];

	for (i = 0; i < n; i++) {
		if (!st_unlink(os, run->ledger[i].kind, run->ledger[i].name))
			continue;
		snprintf(text, sizeof(text), "left behind: %s",
			 run->ledger[i].name);
		if (run->ended)
			st_claim(run, ST_LEAK, text);
	}
}

/* In a process of its own: a system without the call may answer by a signal. */
static void sweep_apart(struct st_run *run, const struct pipc__os *os)
{
	pid_t pid = fork();

	if (pid <= 0)
		sweep(run, os);
	if (pid == 0)
		_exit(0);
	if (pid > 0)
		waitpid(pid, NULL, 0);
}

struct errand {
	const struct st_cell *c;
	const struct st_options *o;
};

static void lead(struct st_run *run, void *arg)
{
	struct errand *e = arg;

	st_lead(run, e->c, e->o);
}

/* Processor time stolen by the hypervisor, in ticks of all cores. */
static double stolen(void)
{
	double v[8] = {0};
	FILE *f = fopen("/proc/stat", "r");

	if (f == NULL)
		return 0;
	if (fscanf(f, "cpu %lf %lf %lf %lf %lf %lf %lf %lf", v, v + 1, v + 2,
		   v + 3, v + 4, v + 5, v + 6, v + 7) != 8)
		v[7] = 0;
	fclose(f);
	return v[7];
}

/* The group with the most uneven shares tells. */
static void fairness(const struct st_run *run, struct st_round *r)
{
	uint64_t ops[ST_WORKERS];
	struct st_fairness f;
	unsigned group, i, n;

	r->jain = r->min_share = r->max_share = 1;
	for (group = 0; group < 4; group++) {
		for (n = i = 0; i < run->workers; i++)
			if (run->slot[i].group == group)
				ops[n++] = run->slot[i].counted;
		f = st_fairness(ops, n);
		if (n < 2 || f.jain >= r->jain)
			continue;
		r->jain = f.jain;
		r->min_share = f.min;
		r->max_share = f.max;
	}
}

/* The median; of batches that of their means, finer than a nanosecond. */
static double middle(const struct st_run *run, const struct st_hist *h)
{
	double *mean = malloc(ST_WORKERS * ST_MEANS * sizeof(*mean)), median;
	const struct st_slot *s;
	size_t n = 0, i, k;

	for (i = 0; mean != NULL && i < run->workers; i++) {
		s = &run->slot[i];
		for (k = 0; k < s->means && k < ST_MEANS; k++)
			mean[n++] = s->mean_ps[k] / 1e3;
	}
	median = n > 0 ? st_median(mean, n) : (double)st_hist_quantile(h, .5);
	free(mean);
	return median;
}

static void collect(const struct st_run *run, struct st_cell *c,
		    struct st_round *r)
{
	uint64_t ops = 0, us = 0, switches = 0, forced = 0;
	const struct st_slot *s;
	struct st_hist *h = calloc(1, sizeof(*h));
	unsigned i;

	for (i = 0; i < run->workers; i++) {
		s = &run->slot[i];
		st_hist_merge(h, &s->hist);
		us += s->finished ? s->cpu_us : 0;
		switches += s->finished ? s->voluntary + s->involuntary : 0;
		forced += s->finished ? s->involuntary : 0;
		if (s->group != 0 || s->finished <= s->began + s->apart)
			continue;
		ops += s->counted;
		r->rate += (double)s->counted * 1e9 /
			   (double)(s->finished - s->began - s->apart);
	}
	r->cpu_us = ops ? (double)us / (double)ops : 0;
	r->switches = ops ? (double)switches / (double)ops : 0;
	r->involuntary = ops ? (double)forced / (double)ops : 0;
	r->p50 = middle(run, h);
	r->stalls = st_hist_above(h, 1000000);
	r->warm = run->warm;
	fairness(run, r);
	st_hist_merge(c->hist, h);
	c->ops += ops;
	free(h);
}

static void add_round(struct st_cell *c, const struct st_round *r)
{
	struct st_round *s = &c->sum;

	c->rate = realloc(c->rate, (c->rounds + 1) * sizeof(*c->rate));
	c->p50 = realloc(c->p50, (c->rounds + 1) * sizeof(*c->p50));
	c->rate[c->rounds] = r->rate;
	c->p50[c->rounds++] = r->p50;
	s->cpu_us += r->cpu_us;
	s->switches += r->switches;
	s->involuntary += r->involuntary;
	s->jain += r->jain;
	s->min_share += r->min_share;
	s->max_share += r->max_share;
	s->stalls += r->stalls;
	s->steal += r->steal;
	s->load += r->load;
	s->warm = (c->rounds == 1 || s->warm) && r->warm;
}

static void settle(struct st_run *run, struct st_cell *c, struct st_round *r)
{
	double load[1] = {0};
	unsigned i;

	c->outcome = run->outcome;
	if (run->outcome == ST_PASS)
		c->need = st_kinds(run) | atomic_load(&run->did);
	if (run->outcome != ST_PASS) {
		snprintf(c->why, sizeof(c->why), "%s", run->text);
		return;
	}
	c->notes = atomic_load(&run->notes);
	memcpy(c->note, run->note, sizeof(c->note));
	for (i = 0; i < c->notes; i++)
		if (strcmp(c->note[i].key, "kills") == 0)
			c->kills += (unsigned long long)c->note[i].value;
	if (getloadavg(load, 1) == 1)
		r->load = load[0];
	collect(run, c, r);
	add_round(c, r);
}

const char *st_prefix(void)
{
	static char prefix[8];
	uint64_t token;
	unsigned i;

	if (prefix[0] != '\0')
		return prefix;
	token =
	    st_mix(st_ns() ^ (uint64_t)getpid() << 32 ^ (uint64_t)time(NULL));
	strcpy(prefix, "/s");
	for (i = 0; i < 5; i++)
		prefix[2 + i] = (char)('a' + (token >> (8 * i)) % 26);
	return prefix;
}

static struct st_run *new_run(const struct st_options *o, uint64_t measure_ns)
{
	static unsigned number;
	struct st_run *run = mmap(NULL, sizeof(*run), PROT_READ | PROT_WRITE,
				  MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	uint64_t ns = measure_ns / 10;

	if (run == MAP_FAILED)
		return NULL;
	strcpy(run->prefix, st_prefix());
	run->number = number++;
	run->measure_ns = measure_ns;
	run->window_ns = ns < 2000000 ? 2000000 : ns;
	run->warm_windows = o->profile->brief ? 1 : 10;
	return run;
}

bool st_run_cell(struct st_cell *c, const struct st_options *o,
		 uint64_t measure_ns)
{
	struct st_run *run = new_run(o, measure_ns);
	struct errand e = {c, o};
	struct st_round r = {0};
	double steal = stolen();
	double seconds = o->deadline + 3 * (double)measure_ns / 1e9;
	bool going;

	if (run == NULL) {
		c->outcome = ST_UNRESOLVED;
		strcpy(c->why, "mmap: ENOMEM");
		return true;
	}
	if (c->hist == NULL)
		c->hist = calloc(1, sizeof(*c->hist));
	run->placement = c->placement;
	going = st_guarded(run, seconds, lead, &e);
	if (going && run->refusal.error != 0)
		st_judge_refusal(c, run);
	sweep_apart(run, c->backend->os);
	r.steal = stolen() - steal;
	if (going)
		settle(run, c, &r);
	munmap(run, sizeof(*run));
	return going;
}
