/* SPDX-License-Identifier: BSD-3-Clause */
/* The process of a case: how it starts, and what it does around the body. */
#include "descriptors.h"
#include "job.h"
#include "start.h"

#include <stdio.h>
#ifdef HAVE_SYS_PRCTL_H
#include <sys/prctl.h>
#endif

/* The body of a case, in whatever process, between two counts. */
void ct__run_body(struct ct *t)
{
	int before = ct_descriptors_count(), left;

	t->main_pid = getpid();
	ct__place_take(t);
	t->self->run(t);
	left = ct_descriptors_count() - before;
	if (left > 0)
		ct_record(t->records, 'L', "left open: %d descriptor%s", left,
			  left == 1 ? "" : "s");
	ct_record(t->records, 'E', "%u", t->shared->checks);
}

/* Without anything that processes share to sleep in, the reference polls. */
static bool polls(const struct pipc__os *os)
{
#if defined(PIPC_REF) && !defined(PIPC_REF_FUTEX) &&                           \
    !defined(PIPC_REF_SEMAPHORES)
	return os == &pipc__os_ref;
#else
	(void)os;
	return false;
#endif
}

void ct__use(struct ct *t, const struct ct_run_options *o)
{
	ct__waits_poll = polls(o->base);
	t->os = ct_ledger(o->os, t->records);
	/* The runner's limits hold, but for a mutant that may lie of them. */
	if (o->os == o->base)
		pipc__os = t->os;
	else
		pipc__use(t->os);
}

/*
 * Its own descriptors and signals, but SIGPIPE, which says less than the EPIPE
 * of a call.  Orphans of the case stay with it until it ends.
 */
static _Noreturn void in_child(const struct job *j, struct ct *t,
			       const struct ct_run_options *o, int output,
			       pid_t runner)
{
	int null = open("/dev/null", O_RDWR);

	setpgid(0, 0);
	(void)runner;
#ifdef PR_SET_PDEATHSIG
	/* A runner that is killed cannot end a case that hangs. */
	prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0);
	if (getppid() != runner)
		_exit(1);
#endif
	signal(SIGINT, SIG_DFL);
	signal(SIGTERM, SIG_DFL);
	signal(SIGHUP, SIG_DFL);
	signal(SIGUSR1, SIG_DFL);
	signal(SIGUSR2, SIG_DFL);
	ct_start_defaults();
	ct_descriptors_close_own();
	ct__unmap_others(j);
	dup2(output, 1);
	dup2(output, 2);
	if (output > 2)
		close(output);
	if (null >= 0) {
		dup2(null, 0);
		if (null > 2)
			close(null);
	}
	setvbuf(stdout, NULL, _IONBF, 0); /* _exit() writes no buffer */
#ifdef PR_SET_CHILD_SUBREAPER
	prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0);
#endif
	ct__use(t, o);
	ct__run_body(t);
	ct_exit(0);
}

/* A pipe whose end for reading is the runner's alone, and does not block. */
static bool pipe_for(int *fds)
{
	if (pipe(fds) != 0)
		return false;
	fcntl(fds[0], F_SETFL, O_NONBLOCK);
	fcntl(fds[0], F_SETFD, FD_CLOEXEC);
	return true;
}

static void close_both(const int *fds)
{
	close(fds[0]);
	close(fds[1]);
}

bool ct__job_start(struct job *j, const struct ct_run_options *o)
{
	pid_t runner;
	int fds[2], output[2], error;
	struct stat st;
	struct ct t;

	if (!pipe_for(fds))
		return false;
	if (!pipe_for(output)) {
		error = errno;
		close_both(fds);
		errno = error;
		return false;
	}
	t = ct__job_case(j, o, fds[1]);
	runner = getpid();
	j->pid = fork();
	if (j->pid == 0)
		in_child(j, &t, o, output[1], runner);
	if (j->pid < 0) {
		error = errno;
		close_both(fds);
		close_both(output);
		errno = error;
		j->pid = 0;
		return false;
	}
	close(fds[1]);
	close(output[1]);
	j->fd = fds[0];
	j->output_fd = output[0];
	j->inode = fstat(fds[0], &st) == 0 ? st.st_ino : 0;
	setpgid(j->pid, j->pid);
	j->stage = CT__RUNS;
	return true;
}
