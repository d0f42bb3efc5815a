/* SPDX-License-Identifier: BSD-3-Clause */
/* What the harness's files share. */
#ifndef CT_RUN_H
#define CT_RUN_H

#include "ct.h"

/* A record: the mark, a letter, text, a newline.  Anything else is garbage. */
#define CT_RECORD_MAX 512
#define CT_RECORD_MARK '\001'

/*
 * Letters: F failure, N note, M remark, R unresolved, U unsupported, E end
 * (with the count of checks), L descriptors left open, O about to create an
 * object ("s NAME"; m and q for the other kinds), X it was there already, so it
 * is another's, C the harness created it and removes it, so it is no leak, D a
 * call that was refused ("ERRNO CALL"), B a process that SIGBUS has killed.
 */
void ct_record(int fd, char type, const char *format, ...) CT__PRINTF3;

/* It has touched memory that a full file system does not have. */
#define CT__SIGBUS "shm: a process was killed by SIGBUS"

/* Ends a process of the harness: coverage data are flushed first. */
_Noreturn void ct_exit(int status);
/* The runner's process while a case runs in it: leaving is a jump. */
extern pid_t ct__here;
_Noreturn void ct__leave(int status);

/* Where a process or thread is; what is set while a check's call goes on. */
#define CT_PLACES 64
struct ct__place {
	pid_t pid;
	int line;
	int signals;  /* that ct_catch() has caught */
	bool stopped; /* by its own case */
	const char *file, *what;
};

/* The page that the runner and all processes of a case share. */
struct ct__shared {
	unsigned checks, token, places;
	bool random; /* ct_random() was used: the seed matters */
	bool no_fork;
	struct ct__place place[CT_PLACES];
};
void ct__place_take(struct ct *t);
void ct__place_signal(void);

/* blocked.c: what the system says of processes; state 0: it does not. */
char ct__process_state(pid_t pid);
char ct__thread_state(pid_t pid, long thread);
long ct__thread_number(void);
long ct__switches(pid_t pid, long thread); /* -1 when it is running */
bool ct__await_blocked(struct ct *t, pid_t pid, long thread);
bool ct__still_blocked(struct ct *t, pid_t pid, long thread);
/* Waits of this backend wake and look again: their callers only sleep. */
extern bool ct__waits_poll;
bool ct__read_file(const char *path, char *text, size_t size);

/* activity.c: what a process and its descendants do, and all peers. */
struct ct__activity {
	bool told;    /* the system tells states */
	bool runs;    /* a thread runs, or waits for a processor */
	bool stopped; /* by somebody else than its case */
	long mark;    /* how often they were switched; -1 when one runs */
	long cpu_ms;
};
void ct__look(const struct ct__shared *shared, pid_t pid,
	      struct ct__activity *a);
long ct__idle_mark(pid_t pid);
pid_t ct__parent(pid_t pid);

/* clock.c: a bounded wait that does not end while everything is stopped. */
struct ct__wait {
	struct timespec end, seen;
};
struct ct__wait ct__wait(long ms); /* times PIPC_TIMEOUT_MULTIPLIER */
bool ct__wait_is_over(struct ct__wait *w);
void ct__later(struct timespec *ts, long ms);

/* An upper bound in ms, times PIPC_TIMEOUT_MULTIPLIER. */
long ct_patience(long ms);

enum ct_outcome {
	CT_PASS,
	CT_FAIL,
	CT_TIMEOUT,
	CT_CRASH,
	CT_LEAK,
	CT_UNSUPPORTED,
	CT_UNRESOLVED,
	CT_NOTED,
	CT_OUTCOMES
};
extern const char *const ct_outcome_names[];

struct ct_capability;
struct ct_result {
	const struct ct_case *self;
	enum ct_outcome outcome;
	unsigned run;	      /* 1, 2 ... with --repeat */
	char messages[10240]; /* lines, each ending with a newline */
	char notes[2048];     /* lines "key=value" */
	unsigned checks;
	long ms;
	uint64_t seed;
	bool random;			  /* the seed matters */
	const struct ct_capability *lack; /* why it was not run, or NULL */
};

/* How to run the cases. */
struct ct_run_options {
	const struct pipc__os *base; /* for the clean-up */
	const struct pipc__os *os;   /* the same, or a mutant of it */
	unsigned jobs;
	uint64_t seed;
	bool no_fork;
	bool debug; /* in this process, calls traced to stderr */
	/* Has an earlier run done this one?  May be NULL. */
	bool (*skip)(const struct ct_case *c, unsigned run);
};

/*
 * Runs cases, several at a time, each in a process of its own, and cleans up
 * after each.  starting(), which may be NULL, is called right before each case
 * starts, or is found to lack something; done() gets the results in the order
 * in which cases end.  Returns the number of the signal that ended it before
 * its time, or 0.
 */
int ct_run(const struct ct_run_options *options,
	   const struct ct_case *const *cases, unsigned n, unsigned repeat,
	   void (*starting)(const struct ct_case *c, unsigned number,
			    unsigned run),
	   void (*done)(const struct ct_result *result));

/* probe.c: asks the backend for its capabilities, each in a child. */
struct ct_capability {
	unsigned need;
	const char *name; /* "sem_timedwait" */
	enum ct_state {
		CT_PRESENT,
		CT_ABSENT, /* it does not link, ENOSYS, ENOTSUP or SIGSYS */
		CT_DENIED, /* refused, and the environment explains it */
		CT_BROKEN  /* everything else */
	} state;
	char why[400];	 /* "mq_open: ENOSYS", and the sign that explains it */
	char cause[200]; /* "mq: mq_open: ENOSYS", for remedies */
	bool explained;	 /* the environment explains it */
};
extern const char *const ct_state_names[];
extern struct ct_capability ct_capabilities[]; /* ends with a NULL name */
extern long ct_mq_depth;
extern long ct__probe_ms; /* for a child's answer; less in a unit test */
void ct_probe(const struct pipc__os *os, bool no_fork);
const struct ct_capability *ct_capability(const char *name);
/* Which of these needs is absent or denied; NULL when a case can run. */
const struct ct_capability *ct_lacks(unsigned needs);

/*
 * environment.c: why the environment refuses a call with this errno, in words;
 * NULL when nothing explains it, so that the system is at fault.  what is the
 * call as a case has it, or for ct_explain() "mq: mq_open: EMFILE".  The text
 * lasts until the next question.
 */
const char *ct_environment(const char *what, int error);
const char *ct_explain(const char *cause, int error);
/* "mq", "sem" or "shm": what a call is about; NULL when it cannot be told. */
const char *ct_kind_of(const char *call);
/* Is it an errno by which an environment refuses a call? */
bool ct_is_refusal(int error);
/* Is the call of a check none of those under test, such as fork()? */
bool ct__not_under_test(const char *call);
/* probe.c, for a sign: does the kernel refuse a call unread? */
bool ct__refused_at_once(long number);

/* signs.c: does a sign of a remedy hold for the cause?  "nofile<64"? */
bool ct__sign_holds(const char *sign, const char *cause);
bool ct__limit_sign(const char *word);
bool ct__held(const char *what); /* held.c: by others: "half", "queues" */
bool ct__because(const char *format, ...) CT__PRINTF1; /* keeps the reason */

/*
 * A layer over a backend: each name is on record before it is created, and the
 * last calls with their arguments are kept for the message of a failure.
 */
const struct pipc__os *ct_ledger(const struct pipc__os *base, int records);
void ct__trace_tell(int records);
extern bool ct__trace_all; /* every call to stderr */

/* peer.c and exec-self.c: a CT_PROGRAM after exec. */
int ct_program_main(const char *name, const char *fds, const char *arg,
		    const struct pipc__os *os);
_Noreturn void ct_exec_self(struct ct *t, const char *name, const char *fds,
			    const char *arg);
/* How the program was called, and what it tests; the mutant may be NULL. */
void ct_exec_as(const char *program, const char *backend, const char *mutant);

/* A backend with one seeded bug: the slots that are set replace the base's. */
struct ct_mutant {
	const char *id;
	const char *breaks; /* requirement ids */
	const char *text;   /* the bug, in one sentence */
	struct pipc__os os;
	void (*init)(void); /* before any fork */
};
extern const struct pipc__os *ct_base; /* what a mutant calls */
const struct pipc__os *ct_mutate(const struct pipc__os *base,
				 const struct ct_mutant *mutant);

/* The itemised specification; ends with a NULL id. */
struct ct_requirement {
	const char *id, *class, *basis, *text;
};
extern const struct ct_requirement ct_requirements[];

/* Made from the sources; each ends with NULL. */
extern const struct ct_case *const ct_cases[];
extern const struct ct_program *const ct_programs[];
extern const struct ct_mutant *const ct_mutants[];

#endif
