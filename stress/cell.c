/* SPDX-License-Identifier: BSD-3-Clause */
/* A run's inside: the leader, which measures, and the workers. */
#include "run.h"

#include <poll.h>
#include <sched.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/time.h>
#include <sys/wait.h>

uint64_t st_ns(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (uint64_t)t.tv_sec * 1000000000u + (uint64_t)t.tv_nsec;
}

#ifndef CPU_SETSIZE /* half of it is not enough */
#undef HAVE_SCHED_SETAFFINITY
#endif
#ifdef HAVE_SCHED_SETAFFINITY
/* The cores that were allowed before anything was pinned. */
static const cpu_set_t *allowed(void)
{
	static cpu_set_t set;

	if (CPU_COUNT(&set) == 0)
		sched_getaffinity(0, sizeof(set), &set);
	return &set;
}
#endif

unsigned st_cores(void)
{
	long n = sysconf(_SC_NPROCESSORS_ONLN);

#if defined(HAVE_SCHED_SETAFFINITY) && defined(CPU_COUNT)
	n = CPU_COUNT(allowed());
#endif
	return n < 1 ? 1 : (unsigned)n;
}

bool st_pin(unsigned which)
{
#if defined(HAVE_SCHED_SETAFFINITY) && defined(CPU_COUNT)
	cpu_set_t one;
	int cpu;

	for (cpu = 0; cpu < CPU_SETSIZE; cpu++)
		if (CPU_ISSET(cpu, allowed()) && which-- == 0) {
			CPU_ZERO(&one);
			CPU_SET(cpu, &one);
			return sched_setaffinity(0, sizeof(one), &one) == 0;
		}
#endif
	(void)which;
	return false;
}

long st_param(const struct st *st, unsigned which)
{
	long v = st->var->v[which];

	return v < 0 ? -v * (long)st->cores : v;
}

void st_step(struct st *st)
{
	atomic_fetch_add_explicit(&st->run->steps, 1, memory_order_relaxed);
}

void st_note(struct st *st, const char *key, long long value)
{
	unsigned i, n = atomic_load(&st->run->notes);

	for (i = 0; i < n; i++)
		if (strcmp(st->run->note[i].key, key) == 0)
			break;
	if (i == ST_NOTES)
		return;
	snprintf(st->run->note[i].key, sizeof(st->run->note[i].key), "%s", key);
	st->run->note[i].value = value;
	if (i == n)
		atomic_store(&st->run->notes, n + 1);
}

/* Workers */

static void begin(struct st_worker *w, const struct rusage *u)
{
	w->slot->base =
	    atomic_load_explicit(&w->slot->ops, memory_order_relaxed);
	st_hist_clear(&w->slot->hist);
	w->slot->cpu_us =
	    (uint64_t)(u->ru_utime.tv_sec + u->ru_stime.tv_sec) * 1000000u +
	    (uint64_t)(u->ru_utime.tv_usec + u->ru_stime.tv_usec);
	w->slot->voluntary = (uint64_t)u->ru_nvcsw;
	w->slot->involuntary = (uint64_t)u->ru_nivcsw;
	w->slot->apart = w->slot->means = 0;
	w->slot->sampled = true;
	w->measuring = true;
	w->slot->began = w->last = st_ns();
}

static void finish(struct st_worker *w, const struct rusage *u)
{
	w->slot->finished = st_ns();
	w->slot->cpu_us =
	    (uint64_t)(u->ru_utime.tv_sec + u->ru_stime.tv_sec) * 1000000u +
	    (uint64_t)(u->ru_utime.tv_usec + u->ru_stime.tv_usec) -
	    w->slot->cpu_us;
	w->slot->voluntary = (uint64_t)u->ru_nvcsw - w->slot->voluntary;
	w->slot->involuntary = (uint64_t)u->ru_nivcsw - w->slot->involuntary;
	w->slot->counted =
	    atomic_load_explicit(&w->slot->ops, memory_order_relaxed) -
	    w->slot->base;
	w->measuring = false;
}

bool st_go(struct st_worker *w)
{
	int phase =
	    atomic_load_explicit(&w->st->run->phase, memory_order_relaxed);
	struct rusage u;

	if (phase == (w->measuring ? ST_MEASURE : ST_WARM_UP))
		return true;
	if (!w->measuring && (w->slot->finished || phase == ST_STOP))
		return false;
	getrusage(RUSAGE_SELF, &u);
	if (w->measuring)
		finish(w, &u);
	else
		begin(w, &u);
	return w->measuring;
}

void st_count(struct st_worker *w, unsigned ops)
{
	uint64_t n = atomic_load_explicit(&w->slot->ops, memory_order_relaxed);

	atomic_store_explicit(&w->slot->ops, n + ops, memory_order_relaxed);
}

void st_sample(struct st_worker *w, uint64_t ns, unsigned ops)
{
	if (w->measuring)
		st_hist_add(&w->slot->hist, ns, ops);
	st_count(w, ops);
}

static void keep_mean(struct st_slot *slot, uint64_t ns, unsigned ops)
{
	uint64_t ps = ns * 1000 / ops;

	slot->mean_ps[slot->means++ % ST_MEANS] =
	    ps > UINT32_MAX ? UINT32_MAX : (uint32_t)ps;
}

void st_done(struct st_worker *w, unsigned ops)
{
	uint64_t now = st_ns();

	st_sample(w, (now - w->last) / ops, ops);
	if (ops > 1)
		keep_mean(w->slot, now - w->last, ops);
	w->last = now;
}

void st_restart_clock(struct st_worker *w)
{
	uint64_t now = st_ns();

	w->slot->apart += now - w->last;
	w->last = now;
}

static void ignore(int number)
{
	(void)number;
}

void st_signal_storm(struct st *st)
{
	struct itimerval every = {{0, 100}, {0, 100}};
	struct sigaction a = {.sa_handler = ignore};

	ST_OWN(st, sigaction(SIGALRM, &a, NULL) == 0);
	ST_OWN(st, setitimer(ITIMER_REAL, &every, NULL) == 0);
}

static _Noreturn void work(struct st *st, unsigned index)
{
	struct st_slot *slot = &st->run->slot[index];
	struct st_worker w = {.index = index, .group = slot->group, .st = st};
	struct rusage u;
	char c;

	w.slot = slot;
	w.seed = slot->seed;
	if (st->run->placement != ST_FREE &&
	    !st_pin(st->run->placement == ST_ONE ? 0 : index % 2))
		st_skip(st, "cannot be pinned to core %u",
			st->run->placement == ST_ONE ? 0 : index % 2);
	close(st->run->gate[1]);
	atomic_fetch_add(&st->run->made, 1);
	while (read(st->run->gate[0], &c, 1) < 0)
		continue;
	w.last = st_ns();
	slot->body(st, &w, slot->arg);
	if (w.measuring) {
		getrusage(RUSAGE_SELF, &u);
		finish(&w, &u);
	}
	_exit(0);
}

static void spawn(struct st *st, unsigned index)
{
	struct st_slot *slot = &st->run->slot[index];
	pid_t pid;

	slot->seed = st_next(&st->seed);
	pid = fork();
	if (pid == 0)
		work(st, index);
	if (pid < 0)
		st__own_failed(st, "fork");
	slot->pid = pid;
}

pid_t st_start(struct st *st, unsigned group, st_body *body, void *arg)
{
	struct st_slot *slot = &st->run->slot[st->run->workers];

	if (st->run->workers == ST_WORKERS)
		st_skip(st, "more than %d workers", ST_WORKERS);
	slot->group = group;
	slot->body = body;
	slot->arg = arg;
	spawn(st, st->run->workers++);
	return slot->pid;
}

/* The leader: naps end when main ends, or a worker broke the run. */

static void sweep_and_die(struct st *st)
{
	unsigned i, n = atomic_load(&st->run->names);

	for (i = 0; i < n; i++)
		st_unlink(st->os, st->run->ledger[i].kind,
			  st->run->ledger[i].name);
	kill(0, SIGKILL);
}

static void nap(struct st *st, int ms)
{
	struct pollfd p = {st->run->lifeline, POLLIN, 0};

	if (poll(&p, 1, ms) > 0)
		sweep_and_die(st);
	if (atomic_load(&st->run->outcome_set))
		_exit(1);
}

/*
 * A call that is missing may be answered by SIGSYS, and a file system that is
 * full answers the first touch of a page by SIGBUS.
 */
static void answered_by_signal(struct st *st, int signo)
{
	unsigned need = st_kinds(st->run);

	if (signo == SIGSYS && atomic_load(&st->run->did) == 0)
		st_refused(st->run, need, false, ENOSYS,
			   "a call (answered by SIGSYS)");
	else if (signo == SIGBUS)
		st_refused(st->run, need, true, ENOSPC,
			   "mmap: a page (answered by SIGBUS)");
	else
		return;
	_exit(1);
}

/* Takes note of workers that ended; true if all have. */
static bool reap(struct st *st)
{
	struct st_slot *slot;
	bool all = true;
	unsigned i;
	int status;

	for (i = 0; i < st->run->workers; i++) {
		slot = &st->run->slot[i];
		if (!slot->ended &&
		    waitpid(slot->pid, &status, WNOHANG) == slot->pid) {
			slot->ended = true;
			if (WIFSIGNALED(status))
				answered_by_signal(st, WTERMSIG(status));
			if (WIFSIGNALED(status))
				st_broken(st, "worker %u died of signal %d", i,
					  WTERMSIG(status));
			if (WEXITSTATUS(status) != 0)
				_exit(1);
		}
		all = all && slot->ended;
	}
	return all;
}

static uint64_t total(const struct st *st)
{
	uint64_t n = 0;
	unsigned i;

	for (i = 0; i < st->run->workers; i++)
		if (st->run->slot[i].group == 0)
			n += atomic_load(&st->run->slot[i].ops);
	return n;
}

/* Has somebody done something since they know that they are measured? */
static bool measured(const struct st *st)
{
	const struct st_slot *slot;
	unsigned i;

	for (i = 0; i < st->run->workers; i++) {
		slot = &st->run->slot[i];
		if (slot->group == 0 && slot->sampled &&
		    atomic_load(&slot->ops) > slot->base)
			return true;
	}
	return false;
}

/* Until three windows in a row agree within five per cent. */
static void warm_up(struct st *st)
{
	double rate[3] = {0}, low, high;
	uint64_t ops, then, now;
	unsigned i;

	for (i = 0; i < st->run->warm_windows; i++) {
		ops = total(st);
		then = st_ns();
		nap(st, (int)(st->run->window_ns / 1000000));
		reap(st);
		now = st_ns();
		rate[i % 3] = (double)(total(st) - ops) / (double)(now - then);
		low = high = rate[0];
		low = rate[1] < low ? rate[1] : low;
		low = rate[2] < low ? rate[2] : low;
		high = rate[1] > high ? rate[1] : high;
		high = rate[2] > high ? rate[2] : high;
		st->run->warm = i >= 2 && low > 0 && high <= 1.05 * low;
		if (st->run->warm)
			break;
	}
}

void st_measure(struct st *st, bool (*meanwhile)(struct st *st))
{
	struct st_run *run = st->run;
	uint64_t end;
	bool more = false;

	while (atomic_load(&run->made) < run->workers) {
		nap(st, 1);
		reap(st);
	}
	close(run->gate[1]);
	warm_up(st);
	end = st_ns() + run->measure_ns;
	atomic_store(&run->phase, ST_MEASURE);
	/* Under load a short measurement may not see one operation. */
	while (st_ns() < end || !measured(st) || more) {
		nap(st, 1);
		more = meanwhile != NULL && meanwhile(st);
		reap(st);
	}
	atomic_store(&run->phase, ST_STOP);
	while (!reap(st))
		nap(st, 1);
}

void st_kill_and_restart(struct st *st, unsigned index)
{
	struct st_slot *slot = &st->run->slot[index];
	int status;

	st_step(st);
	kill(slot->pid, SIGKILL);
	waitpid(slot->pid, &status, 0);
	if (WIFEXITED(status) && WEXITSTATUS(status) != 0)
		_exit(1);
	spawn(st, index);
}

void st_signal(struct st *st, unsigned index, int signo)
{
	st_step(st);
	kill(st->run->slot[index].pid, signo);
}

void st_lead(struct st_run *run, const struct st_cell *c,
	     const struct st_options *o)
{
	struct st st = {.os = c->os,
			.work = c->work,
			.var = c->var,
			.cores = st_cores(),
			.brief = o->profile->brief,
			.kills = o->kills,
			.seed = c->seed,
			.run = run};

	ST_OWN(&st, pipe(run->gate) == 0);
	c->work->run(&st);
	if (!atomic_load(&run->claimed))
		run->ended = true;
	_exit(0);
}
