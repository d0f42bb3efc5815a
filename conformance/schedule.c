/* SPDX-License-Identifier: BSD-3-Clause */
/* Runs cases, several at a time, each until its outcome is known. */
#include "job.h"

#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>

#define POLL_MS 5
#define PAUSE_MS 500   /* between two looks: the runner itself did not run */
#define EXCUSE_MS 1000 /* of a pause make a failure worth another run */
#define TRIES 3
#define KILL_MS 2000 /* for a process to end that was killed */
#define SWEEP_MS 500

/* What the loop below keeps. */
struct crew {
	struct job *jobs;
	struct pollfd *fds;
	const struct ct_run_options *o;
	struct timespec looked;
	unsigned total, told;
	void (*done)(const struct ct_result *result);
};

static void tell(struct crew *crew, const struct job *j)
{
	crew->told++;
	crew->done(&j->r);
}

/*
 * Where a process could not be killed, the call that removes an object may hang
 * as well, so it is made apart.
 */
static void sweep_apart(struct job *j)
{
	struct timespec end = ct_in_ms(CLOCK_MONOTONIC, SWEEP_MS);
	struct pollfd nothing = {-1, 0, 0};
	pid_t pid = fork();

	if (pid == 0) {
		ct__job_sweep(j);
		_exit(0);
	}
	while (pid > 0 && waitpid(pid, NULL, WNOHANG) == 0 &&
	       !ct_reached(CLOCK_MONOTONIC, &end))
		poll(&nothing, 0, 1);
	if (pid > 0)
		ct__ignore(pid);
}

static void close_pipes(struct job *j)
{
	close(j->fd);
	close(j->output_fd);
	j->fd = j->output_fd = -1;
}

static void finish(struct job *j)
{
	bool leaked = false;

	ct__job_drain(j);
	if (j->len != 0)
		j->garbage = true;
	close_pipes(j);
	if (j->abandoned)
		sweep_apart(j);
	else
		leaked = ct__job_sweep(j);
	j->r.checks = j->shared->checks;
	j->r.random = j->shared->random;
	j->r.ms = ct_ms_since(CLOCK_MONOTONIC, &j->started);
	j->r.outcome = ct__job_excuse(j, ct__job_judge(j, j->status, leaked));
	ct__job_show_output(j);
	j->stage = CT__FREE;
	j->pid = 0;
}

static void kill_job(struct job *j)
{
	kill(j->pid, SIGKILL);
	j->stage = CT__KILLED;
	j->bound = ct_in_ms(CLOCK_MONOTONIC, ct_patience(KILL_MS));
}

/* Has the case's own process ended? */
static bool reaped(struct job *j)
{
	pid_t pid = waitpid(j->pid, &j->status, WNOHANG);

	if (pid == 0 || (pid < 0 && errno == EINTR))
		return false;
	ct__job_drain(j);
	j->stage = CT__ENDS;
	j->bound = ct_in_ms(CLOCK_MONOTONIC, ct_patience(KILL_MS));
	return true;
}

static bool ends(struct job *j)
{
	if (ct__job_end_processes(j))
		return true;
	if (!ct_reached(CLOCK_MONOTONIC, &j->bound))
		return false;
	ct__job_abandon(j);
	return true;
}

/* Looks after one job; true when its outcome is known. */
static bool look_after(struct job *j)
{
	if (j->stage == CT__FREE)
		return false;
	ct__job_drain(j);
	if (j->stage != CT__ENDS && !reaped(j)) {
		if (j->stage == CT__RUNS) {
			if (ct__job_watch(j))
				kill_job(j);
			return false;
		}
		if (!ct_reached(CLOCK_MONOTONIC, &j->bound))
			return false;
		ct__job_abandon(j);
	} else if (!ends(j)) {
		return false;
	}
	finish(j);
	return true;
}

static void not_started(struct job *j)
{
	j->r.outcome = CT_UNRESOLVED;
	ct__job_say(j, "cannot start a process: %s", strerror(errno));
}

/* A failure of a case that was stopped meanwhile says little: once more. */
static bool again(struct crew *crew, struct job *j)
{
	unsigned tries = j->tries + 1;
	long paused = j->paused;

	if ((j->r.outcome != CT_FAIL && j->r.outcome != CT_TIMEOUT) ||
	    j->abandoned || paused < EXCUSE_MS || tries >= TRIES)
		return false;
	ct__job_fresh(j, crew->o, j->r.self, j->number, j->r.run);
	j->tries = tries;
	ct__job_say(j, "run again, for it was stopped for %ld ms", paused);
	if (ct__job_start(j, crew->o))
		return true;
	not_started(j);
	return false;
}

static void begin(struct crew *crew, struct job *j, const struct ct_case *c,
		  unsigned number, unsigned run)
{
	const struct ct_capability *lack = ct_lacks(c->needs);

	ct__job_fresh(j, crew->o, c, number, run);
	if (lack != NULL) {
		j->r.lack = lack;
		j->r.outcome =
		    lack->state == CT_ABSENT ? CT_UNSUPPORTED : CT_UNRESOLVED;
		ct__job_say(j, "%s: %s", lack->name, lack->why);
	} else if (crew->o->no_fork || crew->o->debug) {
		ct__run_here(j, crew->o);
		if (ct__interrupted != 0)
			return;
	} else if (ct__job_start(j, crew->o)) {
		return;
	} else {
		not_started(j);
	}
	tell(crew, j);
}

/* Waits until one of the jobs has said something or ended, or a moment. */
static void wait_for_jobs(struct crew *crew)
{
	unsigned i, n = 0;
	struct job *j;

	for (i = 0; i < crew->o->jobs; i++) {
		j = &crew->jobs[i];
		if (j->stage == CT__FREE)
			continue;
		if (j->stage != CT__ENDS)
			crew->fds[n++] = (struct pollfd){j->fd, POLLIN, 0};
		if (!j->output_eof)
			crew->fds[n++] =
			    (struct pollfd){j->output_fd, POLLIN, 0};
	}
	poll(crew->fds, n, POLL_MS);
}

/*
 * A look that comes much too late: the machine, or the whole group, did not
 * run meanwhile, and that is not the cases' time.
 */
static void notice_pause(struct crew *crew)
{
	long ms = ct_ms_since(CLOCK_MONOTONIC, &crew->looked);
	unsigned i;

	clock_gettime(CLOCK_MONOTONIC, &crew->looked);
	if (ms < PAUSE_MS || crew->o->no_fork || crew->o->debug)
		return;
	for (i = 0; i < crew->o->jobs; i++)
		if (crew->jobs[i].stage != CT__FREE)
			ct__job_pause(&crew->jobs[i], ms - PAUSE_MS);
}

static void stop_all(struct crew *crew)
{
	struct pollfd nothing = {-1, 0, 0};
	unsigned i, running;
	struct job *j;

	for (i = 0; i < crew->o->jobs; i++)
		if (crew->jobs[i].stage == CT__RUNS)
			kill_job(&crew->jobs[i]);
	do {
		for (i = running = 0; i < crew->o->jobs; i++) {
			j = &crew->jobs[i];
			running += j->stage != CT__FREE && !look_after(j);
		}
		poll(&nothing, 0, running != 0 ? 1 : 0);
	} while (running != 0);
}

/* The pages that jobs share with their cases are from before any fork. */
static struct ct__shared *shared_page(void)
{
	void *p = mmap(NULL, sizeof(struct ct__shared), PROT_READ | PROT_WRITE,
		       MAP_SHARED | MAP_ANONYMOUS, -1, 0);

	return p == MAP_FAILED ? NULL : p;
}

static bool make_crew(struct crew *crew)
{
	unsigned i;

	crew->jobs = calloc(crew->o->jobs, sizeof(*crew->jobs));
	crew->fds = calloc(2 * crew->o->jobs, sizeof(*crew->fds));
	if (crew->jobs == NULL || crew->fds == NULL)
		return false;
	for (i = 0; i < crew->o->jobs; i++)
		if ((crew->jobs[i].shared = shared_page()) == NULL)
			return false;
	return true;
}

int ct_run(const struct ct_run_options *options,
	   const struct ct_case *const *cases, unsigned n, unsigned repeat,
	   void (*starting)(const struct ct_case *c, unsigned number,
			    unsigned run),
	   void (*done)(const struct ct_result *result))
{
	struct crew crew = {.o = options, .total = n * repeat, .done = done};
	unsigned i, next = 0;

	if (!make_crew(&crew))
		return -1;
	ct__catch_interrupts();
	if (!options->no_fork && !options->debug) {
		/* A notification that goes astray ends no run. */
		signal(SIGUSR1, SIG_IGN);
		signal(SIGUSR2, SIG_IGN);
	}
	ct__adopt(crew.jobs, options->jobs);
	clock_gettime(CLOCK_MONOTONIC, &crew.looked);
	while (crew.told < crew.total && ct__interrupted == 0) {
		notice_pause(&crew);
		for (i = 0; i < options->jobs; i++) {
			struct job *j = &crew.jobs[i];

			if (look_after(j) && !again(&crew, j))
				tell(&crew, j);
			while (next < crew.total && options->skip != NULL &&
			       options->skip(cases[next % n], next / n + 1)) {
				next++;
				crew.told++;
			}
			if (j->stage == CT__FREE && next < crew.total &&
			    ct__interrupted == 0) {
				if (starting != NULL)
					starting(cases[next % n], next,
						 next / n + 1);
				begin(&crew, j, cases[next % n], next,
				      next / n + 1);
				next++;
			}
		}
		wait_for_jobs(&crew);
	}
	stop_all(&crew);
	for (i = 0; i < options->jobs; i++)
		munmap(crew.jobs[i].shared, sizeof(struct ct__shared));
	free(crew.jobs);
	free(crew.fds);
	return ct__interrupted;
}
