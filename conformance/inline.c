/* SPDX-License-Identifier: BSD-3-Clause */
/* A case in the runner's own process, and what interrupts the runner. */
#include "descriptors.h"
#include "job.h"
#include "start.h"

#include <setjmp.h>
#include <stdio.h>

static sigjmp_buf way_out;
enum { LATE = 2, INTERRUPTED = 3 };

volatile sig_atomic_t ct__interrupted;

static void on_interrupt(int signo)
{
	if (ct__here != 0 && ct__here != getpid()) { /* a peer */
		signal(signo, SIG_DFL);
		raise(signo);
		return;
	}
	ct__interrupted = signo;
	if (ct__here != 0)
		siglongjmp(way_out, INTERRUPTED);
}

void ct__catch_interrupts(void)
{
	static const int signals[] = {SIGINT, SIGTERM, SIGHUP};
	struct sigaction action = {.sa_handler = on_interrupt};
	size_t i;

	sigemptyset(&action.sa_mask);
	for (i = 0; i < sizeof(signals) / sizeof(signals[0]); i++)
		if (!ct_start_ignores(signals[i]))
			sigaction(signals[i], &action, NULL);
	signal(SIGPIPE, SIG_IGN);
}

static struct timespec armed;
static unsigned seconds, pauses;

/* Much too late means that this process was stopped: the time starts again. */
static void on_alarm(int signo)
{
	(void)signo;
	if (ct_ms_since(CLOCK_MONOTONIC, &armed) >
		(long)seconds * 1000 + 1000 &&
	    pauses++ < 3) {
		clock_gettime(CLOCK_MONOTONIC, &armed);
		alarm(seconds);
		return;
	}
	siglongjmp(way_out, LATE);
}

static void arm(const struct job *j)
{
	struct sigaction action = {.sa_handler = on_alarm,
				   .sa_flags = SA_RESTART};

	sigemptyset(&action.sa_mask);
	sigaction(SIGALRM, &action, NULL);
	pauses = 0;
	seconds = (unsigned)((j->limit + 999) / 1000);
	clock_gettime(CLOCK_MONOTONIC, &armed);
	alarm(seconds);
}

void ct__leave(int status)
{
	(void)status;
	siglongjmp(way_out, 1);
}

/* A full pipe refuses what comes, for nobody reads it meanwhile. */
static bool pipe_for(int *fds)
{
	if (pipe(fds) != 0)
		return false;
	fcntl(fds[0], F_SETFL, O_NONBLOCK);
	fcntl(fds[1], F_SETFL, O_NONBLOCK);
	return true;
}

/* Descriptors 1 and 2 of the runner while a case has others. */
static int saved[3];

/* A debugger's user wants to see what a case writes, but not as results. */
static bool redirect(struct job *j, bool debug)
{
	int fds[2];

	fflush(NULL);
	saved[1] = dup(1);
	saved[2] = dup(2);
	if (saved[1] < 0 || saved[2] < 0)
		return false;
	if (debug)
		return dup2(2, 1) == 1;
	if (!pipe_for(fds))
		return false;
	j->output_fd = fds[0];
	dup2(fds[1], 1);
	dup2(fds[1], 2);
	close(fds[1]);
	return true;
}

static void restore(void)
{
	int fd;

	fflush(stdout); /* what the case has written */
	for (fd = 1; fd <= 2; fd++)
		if (saved[fd] >= 0) {
			dup2(saved[fd], fd);
			close(saved[fd]);
		}
	clearerr(stdout);
}

/* Closes what a case left open that has ended early in this very process. */
static void close_new(const struct ct_descriptors *before)
{
	struct ct_descriptors now;
	unsigned i;

	ct_descriptors_list(&now);
	for (i = 0; i < now.n; i++)
		if (!ct_descriptors_has(before, now.fd[i]))
			close(now.fd[i]);
	ct_descriptors_free(&now);
}

static void no_descriptors(struct job *j)
{
	j->r.outcome = CT_UNRESOLVED;
	ct__job_say(j, "pipe: %s", ct_errno_name(errno));
}

void ct__run_here(struct job *j, const struct ct_run_options *o)
{
	static struct ct_descriptors before;
	int fds[2], how;
	struct ct t;

	if (!pipe_for(fds)) {
		no_descriptors(j);
		return;
	}
	j->fd = fds[0];
	j->output_eof = true;
	if (!redirect(j, o->debug)) {
		no_descriptors(j);
		restore();
		close(fds[0]);
		close(fds[1]);
		return;
	}
	t = ct__job_case(j, o, fds[1]);
	ct__use(&t, o);
	ct__here = getpid();
	ct_descriptors_list(&before);
	how = sigsetjmp(way_out, 1);
	if (how == 0) {
		if (!o->debug)
			arm(j);
		ct__run_body(&t);
	}
	alarm(0);
	ct__here = 0;
	close_new(&before);
	ct_descriptors_free(&before);
	restore();
	j->killed_late = how == LATE;
	close(fds[1]);
	j->output_eof = j->output_fd < 0;
	ct__job_drain(j);
	close(fds[0]);
	if (j->output_fd >= 0)
		close(j->output_fd);
	j->r.checks = j->shared->checks;
	j->r.random = j->shared->random;
	j->r.ms = ct_ms_since(CLOCK_MONOTONIC, &j->started);
	j->r.outcome = ct__job_judge(j, 0, ct__job_sweep(j));
	ct__job_show_output(j);
}
