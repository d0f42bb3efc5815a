/* SPDX-License-Identifier: BSD-3-Clause */
/* A case that is running: what the files of the runner share. */
#ifndef CT_JOB_H
#define CT_JOB_H

#include "run.h"

#define CT_JOB_NAMES 512
#define CT_JOB_NAME 260
#define CT_JOB_DENIALS 8
#define CT_JOB_OUTPUT 4096 /* bytes of a case's own output that are shown */
#define CT_JOB_ORPHANS 256
#define CT_JOB_SECONDS 10 /* until a case is late, unless it says otherwise */

enum ct__stage {
	CT__FREE,
	CT__RUNS,
	CT__KILLED, /* but its own process is still there */
	CT__ENDS,   /* its own process is not, others may be */
};

/* A call that was refused, perhaps for a reason in the environment. */
struct ct__denial {
	int error;
	unsigned failures; /* that came before */
	char call[200];
};

struct job {
	struct ct_result r;
	struct ct__shared *shared;
	unsigned long page; /* the inode of that */
	const struct pipc__os *base;
	enum ct__stage stage;
	unsigned number, tries;
	pid_t pid;
	int fd, output_fd;
	ino_t inode; /* of the pipe of records */
	bool eof, output_eof;

	/* Time: watch.c. */
	struct timespec started, sampled, bound, eof_bound;
	long clock_offset; /* wall clock less CLOCK_MONOTONIC, ms */
	long limit;	   /* ms that it may take */
	long spent, wall;  /* ms that it took: what counts, and all */
	long cpu, mark;	   /* as of the last sample */
	long paused;	   /* ms in which it was kept from running */
	int stuck;
	bool killed_late, killed_stuck, abandoned;

	/* Processes: processes.c. */
	int status; /* of its own, from waitpid() */
	unsigned left, orphans;
	pid_t orphan[CT_JOB_ORPHANS]; /* that have been killed */
	bool left_unseen, out_of_reach;

	/* Records: job.c. */
	char line[CT_RECORD_MAX];
	size_t len;
	bool ended, unresolved, unsupported, garbage, descriptors, bus;
	unsigned failures, denials, told;
	char failed[CT_JOB_DENIALS][200];
	struct ct__denial denial[CT_JOB_DENIALS];
	char output[CT_JOB_OUTPUT];
	size_t output_len;
	unsigned long long output_more;
	unsigned names;
	struct {
		char kind, name[CT_JOB_NAME];
		int created; /* times that it may have been */
		bool ours;
	} ledger[CT_JOB_NAMES];
};

/* job.c: what came from a case. */
void ct__job_say(struct job *j, const char *format, ...) CT__PRINTF;
void ct__job_say_first(struct job *j, const char *text);
void ct__job_drain(struct job *j);
void ct__job_show_output(struct job *j);
void ct__job_fresh(struct job *j, const struct ct_run_options *o,
		   const struct ct_case *c, unsigned number, unsigned run);
struct ct ct__job_case(const struct job *j, const struct ct_run_options *o,
		       int records);

/* judge.c: removes what a case left, and what its end comes to. */
bool ct__job_sweep(struct job *j);
enum ct_outcome ct__job_judge(struct job *j, int status, bool leaked);
long ct__clock_offset(void);
/* A failure while the wall clock was set says nothing of the system. */
enum ct_outcome ct__job_excuse(struct job *j, enum ct_outcome outcome);

/* child.c: the case's side. */
void ct__use(struct ct *t, const struct ct_run_options *o);
void ct__run_body(struct ct *t);
bool ct__job_start(struct job *j, const struct ct_run_options *o);

/* inline.c: in this process, for --debug and systems that have no fork. */
void ct__run_here(struct job *j, const struct ct_run_options *o);
/* The number of the signal that interrupted the runner. */
extern volatile sig_atomic_t ct__interrupted;
void ct__catch_interrupts(void);

/* watch.c: is it late, or will a call of it not return? */
long ct__job_limit(const struct ct_case *c);
bool ct__job_watch(struct job *j);
void ct__job_say_late(struct job *j);
/* The runner itself did not run for so many ms. */
void ct__job_pause(struct job *j, long ms);

/* processes.c */
void ct__adopt(struct job *jobs, unsigned n);
extern bool ct__may_adopt; /* false in a unit test */
/* Kills and reaps all that a case has left; true when nothing is left. */
bool ct__job_end_processes(struct job *j);
/* The case's processes cannot be killed: takes no more notice of them. */
void ct__job_abandon(struct job *j);
void ct__unmap_others(const struct job *j);
/* A child of the runner that is no case's. */
void ct__ignore(pid_t pid);

#endif
