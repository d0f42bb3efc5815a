/* SPDX-License-Identifier: BSD-3-Clause */
/* What the harness's own files share. */
#ifndef ST_RUN_H
#define ST_RUN_H

#include "stress.h"

/* The conformance suite's way to seed a bug, and to know the system. */
#include "expect.h"

#define ST_LEDGER 512
#define ST_NOTES 16
#define ST_TEXT 400
#define ST_MEANS 1024
#define ST_BACKENDS 4
#define ST_GLOBS 32
#define ST_CAPABILITIES 12

enum st_placement { ST_FREE, ST_ONE, ST_TWO, ST_PLACEMENTS };
extern const char *const st_placement_names[]; /* ends with NULL */

enum st_outcome {
	ST_PASS,
	ST_FAIL,
	ST_TIMEOUT,
	ST_CRASH,
	ST_LEAK,
	ST_UNSUPPORTED,
	ST_UNRESOLVED,
	ST_OUTCOMES
};
extern const char *const st_outcome_names[];

enum st_phase { ST_WARM_UP, ST_MEASURE, ST_STOP };

/* A worker's results, in shared memory. */
struct st_slot {
	unsigned group;
	pid_t pid;
	bool ended;
	_Atomic bool sampled; /* base, and what follows, is set */
	st_body *body;
	void *arg;
	uint64_t seed;
	_Atomic uint64_t ops;
	uint64_t base, counted;	  /* ops before, and in, the measurement */
	uint64_t began, finished; /* st_ns() */
	uint64_t apart;		  /* ns in between that are no operation's */
	unsigned means;		  /* of batches, the last of them below */
	uint32_t mean_ps[ST_MEANS];
	uint64_t cpu_us, voluntary, involuntary;
	struct st_hist hist;
};

/* A call that was refused, for main to judge. */
struct st_refusal {
	int error; /* 0: none */
	unsigned need;
	bool after; /* something of its kind had succeeded before */
	char call[40];
};

/* One run of a cell, in memory shared by main, leader and workers. */
struct st_run {
	/* set by main */
	enum st_placement placement;
	uint64_t measure_ns, window_ns;
	unsigned warm_windows; /* at most */
	int lifeline;	       /* ends when main does */
	/* the run's state */
	_Atomic int phase, claimed, outcome_set;
	enum st_outcome outcome;
	char text[ST_TEXT];
	struct st_refusal refusal;
	_Atomic unsigned did; /* CT_NEED_* of what has succeeded */
	int gate[2];
	char prefix[8];	 /* of all names: "/s" and five more */
	unsigned number; /* of the run */
	bool warm;	 /* three windows agreed */
	bool ended;	 /* the leader came to its end */
	unsigned workers;
	_Atomic unsigned names, notes, made, steps;
	struct {
		char kind, name[15]; /* Q and S: a SysV id, in decimal */
	} ledger[ST_LEDGER];
	struct {
		char key[24];
		long long value;
	} note[ST_NOTES];
	struct st_slot slot[ST_WORKERS];
};

enum st_format { ST_TABLE, ST_TAP, ST_KTAP };

/*
 * Nanoseconds of the machine's own steps; -1: cannot be measured here.  The
 * clock and the messages are the harness's own part of each operation.
 */
struct st_calibration {
	bool done;
	double clock, syscall, context_switch, cache_line; /* a round trip */
	double futex_one, futex_two; /* round trips, by cores */
	double message_16, message_1024, message_8192; /* made and checked */
};
struct st_cost {
	const char *name;
	size_t offset;
};
extern const struct st_cost st_costs[]; /* ends with a NULL name */
double st_cost(const struct st_calibration *c, const struct st_cost *which);
struct st_calibration st_calibrate(void);

/* What is asked for on the command line. */
struct st_options {
	const struct pipc__backend *backend[ST_BACKENDS];
	const struct pipc__os *os[ST_BACKENDS]; /* with the mutant over it */
	unsigned backends;
	const struct ct_mutant *mutant; /* not with several backends */
	const struct st_profile *profile;
	const char *run[ST_GLOBS]; /* cells that match any of them */
	unsigned runs;
	const char *json;
	bool force;	     /* overwrite it */
	const char *command; /* the words that it was started with */
	enum st_format format;
	unsigned placements; /* a bit each */
	uint64_t seed;
	double seconds;	   /* the budget */
	unsigned deadline; /* seconds without progress: hung */
	unsigned kills;	   /* at least so many in a run of kill/... */
};

/* Rounds and budget; 0 rounds: until the budget is used up. */
struct st_profile {
	const char *name;
	double seconds;
	unsigned rounds, placements;
	bool brief, baselines, bench;
};

/* A cell and what its rounds gave. */
struct st_round {
	double rate, cpu_us, switches, involuntary; /* the last 3 per op */
	double jain, min_share, max_share;
	double p50; /* ns; finer than the histogram for batches */
	uint64_t stalls;
	double load, steal;
	bool warm;
};
struct st_cell {
	const struct st_workload *work;
	const struct st_variant *var;
	enum st_placement placement;
	const struct pipc__backend *backend;
	const struct pipc__os *os;
	unsigned first, peers; /* cells that differ in the backend alone */
	char id[80];
	enum st_outcome outcome;
	enum ct_verdict verdict; /* once it is reported */
	char why[ST_TEXT];
	char cause[ST_TEXT]; /* for remedies: "mq: mq_open: EMFILE" */
	unsigned need;	     /* CT_NEED_* of what it uses, or what it lacks */
	bool pending;	     /* refused: judged when all other cells have run */
	uint64_t seed;	     /* of the round that broke it, or the last */
	unsigned rounds;
	bool reported;
	double *rate, *p50; /* of each round */
	struct st_round sum;
	uint64_t ops;
	struct st_hist *hist;
	unsigned notes;
	struct {
		char key[24];
		long long value;
	} note[ST_NOTES];
	unsigned long long kills; /* of all rounds */
};

/* Everything that one start of the program runs. */
struct st_plan {
	const struct st_options *o;
	struct st_cell *cell;
	unsigned cells, reported;
	unsigned outcomes[ST_OUTCOMES], verdicts[CT_VERDICTS];
	/* What each backend can do, as a probe found. */
	struct ct_capability capability[ST_BACKENDS][ST_CAPABILITIES];
	struct st_calibration calibration; /* not in the smoke profile */
	struct st_interval control;	   /* A/A; its median is 0: none */
	unsigned control_rounds;
	uint64_t began, budget_ns, measure_ns;
};

/* Does the pattern match the cell, with or without variant and placement? */
bool st_matches(const char *glob, const struct st_cell *c);
/* The cells that are chosen, their share of the budget, and all rounds. */
void st_plan_cells(struct st_plan *p);
void st_plan_share(struct st_plan *p);
void st_plan_run(struct st_plan *p);
void st_plan_free(struct st_plan *p);
/* --compare: the exit status, 1 if the second file is worse. */
int st_compare(const char *before, const char *after);
/* Is a part of the A/A control's interval not within 3 per cent of 1? */
bool st_noisy(const struct st_plan *p);

/*
 * verdict.c: what was not learned is not green.  A refusal is explained by the
 * environment or is a failure; a cell that was left out is absent, where the
 * system is not known to provide what it needs, or else unchecked.
 */
void st_probe(struct st_plan *p);
/* After a run, before its objects are removed. */
void st_judge_refusal(struct st_cell *c, struct st_run *run);
/* A cell that was refused, when all others have run. */
void st_judge_pending(struct st_plan *p, struct st_cell *c);
/* Why the kind of object that a cell uses is absent; NULL when it is not. */
const char *st_lacks(const struct st_plan *p, const struct st_cell *c);
enum ct_verdict st_verdict(const struct st_plan *p, const struct st_cell *c);
int st_status(const struct st_plan *p);
/* The last lines: what is absent or was not checked, and the status. */
void st_say_unchecked(const struct st_plan *p);
void st_say_status(const struct st_plan *p);

/* What was not checked, by cause. */
struct st_unchecked {
	char what[96];
	const char *why, *remedy; /* the latter may be NULL */
	unsigned cells;
};
/* The i-th cause; false when there are no more. */
bool st_unchecked(const struct st_plan *p, unsigned i, struct st_unchecked *u);

/* The machine, for the report: numbers, -1 for unknown. */
struct st_host {
	double load, cpus, hypervisor, timer_slack_ns, queue_bytes, files;
};
struct st_host st_host(void);

/* JSON Lines; st_json_begin() is false, after a line on stderr, without FILE.
 */
bool st_json_begin(const struct st_plan *p);
void st_json_header(const struct st_plan *p);
void st_json_cell(const struct st_plan *p, const struct st_cell *c);
void st_json_end(const struct st_plan *p);
/* The command that runs a cell again, into text of this size. */
void st_again(const struct st_plan *p, const struct st_cell *c, char *text,
	      size_t size);

/* What is written while it goes on, and at its end. */
void st_report_begin(struct st_plan *p);
void st_report_progress(struct st_plan *p, const struct st_cell *next,
			double done);
void st_report_cell(struct st_plan *p, struct st_cell *c);
void st_report_end(struct st_plan *p);

/* "system,ref" */
const char *st_backend_names(const struct st_options *o);

/* Runs one round of a cell in processes of its own; false if interrupted. */
bool st_run_cell(struct st_cell *c, const struct st_options *o,
		 uint64_t measure_ns);

/*
 * Looks at a run about every millisecond: is it hanging?  deadline_ns is set by
 * the caller, and all else is 0 at first.
 */
struct st_watch {
	uint64_t deadline_ns;
	uint64_t now, look_ns; /* of the last call; since the last look */
	uint64_t all_ns, still_ns, asleep_ns;
	uint64_t counters;
	long mark;
};
bool st_watch(struct st_watch *w, struct st_run *run, pid_t leader);
void st_describe_hang(const struct st_watch *w, struct st_run *run);
/* The time since the last call; 0 when the machine was paused meanwhile. */
uint64_t st_patience(struct st_watch *w);

/* The same for a piece of the harness's own (calibration). */
bool st_guarded(struct st_run *run, double seconds,
		void (*body)(struct st_run *run, void *arg), void *arg);

/* A signal asked to end: its number. */
extern volatile int st_interrupted;
void st_catch_signals(void);

/* Leader's side */
_Noreturn void st_lead(struct st_run *run, const struct st_cell *c,
		       const struct st_options *o);
void st_claim(struct st_run *run, enum st_outcome outcome, const char *text);
/* The same for a call that was refused, which main is to judge. */
void st_refused(struct st_run *run, unsigned need, bool after, int error,
		const char *call);
/* CT_NEED_* of the objects that are on record. */
unsigned st_kinds(struct st_run *run);
unsigned st_cores(void);
bool st_pin(unsigned which); /* to the first, second ... allowed core */

/* Puts a System V 'Q'ueue or 'S'emaphore on record. */
void st_sysv_record(struct st *st, char kind, int id);
/* What all names of this start begin with: "/s" and five letters. */
const char *st_prefix(void);
/* Removes an object on record; true if it was there. */
bool st_unlink(const struct pipc__os *os, char kind, const char *name);

/* All workloads, made from the sources; ends with NULL. */
extern const struct st_workload *const st_workloads[];

#endif
