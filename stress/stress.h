/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * All that a workload may use.
 *
 * A workload's body runs in a leader process: it makes its objects, starts
 * workers (processes too), measures, checks what must hold at the end, and
 * removes its objects.  Every broken invariant goes to st_broken(), from any
 * process, and ends the run at once.  A run that hangs is killed and counts as
 * broken.  A call that fails is broken too, unless it is the first of its kind
 * and the function is missing, or the environment explains the refusal.
 */
#ifndef ST_STRESS_H
#define ST_STRESS_H

#include "ct.h"
#include "os.h"

#include "hist.h"
#include "stats.h"

#include <errno.h>
#include <inttypes.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#define ST_WORKERS 128
#define ST_PRIORITIES 32 /* what every system has */
#define ST_KILLS 20000	 /* of one run, at most */

struct st;
struct st_worker;

/* One set of parameters; a workload with several is several cells. */
struct st_variant {
	const char *name; /* added to the id; NULL ends the list */
	long v[4];	  /* as the workload likes; negative: times the cores */
	bool smoke;	  /* runs in the smoke profile too */
	unsigned bench;	  /* placements in which the bench profile runs it */
};
#define ST_AT_FREE 1u
#define ST_AT_ONE 2u
#define ST_AT_TWO 4u

struct st_workload {
	const char *id;	  /* "mq/stream" */
	const char *text; /* what is measured, and what is checked */
	const char *op;	  /* what one operation is */
	const struct st_variant *variants; /* NULL: one without a name */
	bool baseline;			   /* does not go through the backend */
	bool smoke;	/* without variants: runs in the smoke profile too */
	unsigned bench; /* without variants: as theirs */
	void (*run)(struct st *st);
};

#define ST_WORKLOAD(name, ...)                                                 \
	static void name(struct st *st);                                       \
	const struct st_workload st_workload_##name = {.run = name,            \
						       __VA_ARGS__};           \
	static void name(struct st *st)

struct st {
	const struct pipc__os *os; /* the calls under load */
	const struct st_workload *work;
	const struct st_variant *var;
	unsigned cores;
	bool brief;	    /* the smoke profile: keep everything small */
	unsigned kills;	    /* at least so many, where there are any */
	uint64_t seed;	    /* of this run; st_next(&st->seed) in the leader */
	struct st_run *run; /* the harness's own */
};

struct st_worker {
	unsigned index, group; /* rates are those of group 0 */
	uint64_t seed;
	struct st *st;
	struct st_slot *slot; /* the harness's own */
	uint64_t last;
	bool measuring;
};

/* A parameter of the variant, with "times the cores" resolved. */
long st_param(const struct st *st, unsigned which);

/* Leader: starts a worker process; it waits until st_measure(). */
typedef void st_body(struct st *st, struct st_worker *w, void *arg);
pid_t st_start(struct st *st, unsigned group, st_body *body, void *arg);

/*
 * Leader: warms up, measures, tells the workers to stop, and waits for them.
 * `meanwhile`, if any, is called every millisecond of the measurement, which
 * goes on for as long as it says true.
 */
void st_measure(struct st *st, bool (*meanwhile)(struct st *st));

/* Leader, meanwhile: kills a worker (SIGKILL) and starts it again. */
void st_kill_and_restart(struct st *st, unsigned index);
/* Leader, meanwhile: SIGSTOP, or SIGCONT before meanwhile() says false. */
void st_signal(struct st *st, unsigned index, int signo);

/* Worker: false when it is time to end.  Called at least once per operation. */
bool st_go(struct st_worker *w);

/*
 * Worker: counts operations.  st_done() times them itself, from the last call
 * to this one, and for several takes the mean; st_sample() takes the time
 * measured by the caller.  The time from the last call to st_restart_clock()
 * is spent on something else, and does not count for the rate either.
 */
void st_done(struct st_worker *w, unsigned ops);
void st_sample(struct st_worker *w, uint64_t ns, unsigned ops);
void st_count(struct st_worker *w, unsigned ops); /* without a time */
void st_restart_clock(struct st_worker *w);
#define ST_BATCH 32   /* of operations that are too short to time one by one */
uint64_t st_ns(void); /* CLOCK_MONOTONIC, the same in all processes */

/* Any process: an invariant is broken.  Ends the run. */
_Noreturn void st_broken(struct st *st, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/* Any process: this cannot be run here.  Ends the run. */
_Noreturn void st_skip(struct st *st, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/* Worker: a signal every 100 us from now on; calls that wait see EINTR. */
void st_signal_storm(struct st *st);

/* Any process, in work that counts no operations: it is not hanging. */
void st_step(struct st *st);

/* A fact for the report ("capacity", "10"). */
void st_note(struct st *st, const char *key, long long value);

/*
 * A call under test that must work.  It may be missing (ENOSYS and its like)
 * while nothing of its kind has succeeded in this cell, and only a call that
 * makes or opens something may be refused for lack of resources; main then asks
 * whether the environment explains that.
 */
#define ST_MUST(st, call) ((call) ? (void)0 : st__failed(st, #call))
_Noreturn void st__failed(struct st *st, const char *call);
/* The same for what was to be created: there may be no place for it. */
_Noreturn void st__not_made(struct st *st, const char *call);
/* A call of the harness's own: its failure tells nothing of the system. */
#define ST_OWN(st, call) ((call) ? (void)0 : st__own_failed(st, #call))
_Noreturn void st__own_failed(struct st *st, const char *call);

/*
 * This kind of object, or this optional call, works here (CT_NEED_MQ,
 * CT_NEED_SEM_TIMEDWAIT): from now on its failure is a failure of the cell.
 */
#define st_did(st, need) ((st__has(st, need)) ? (void)0 : st__did(st, need))
bool st__has(const struct st *st, unsigned need);
void st__did(struct st *st, unsigned need);

/* A condition that must hold. */
#define ST_HOLDS(st, cond, ...) ((cond) ? (void)0 : st_broken(st, __VA_ARGS__))

/*
 * A new name, on record before it is used: 's'em, shared 'm'emory or 'q'ueue.
 * The workload unlinks it; what it leaves is removed, and counts as broken.
 */
const char *st_name(struct st *st, char kind);

/* Zeroed memory shared with workers that are started later. */
void *st_memory(struct st *st, size_t size);

/* A new semaphore, memory, queue (as large as can be, up to `capacity`). */
sem_t *st_sem(struct st *st, unsigned value, const char **name);
int st_shm(struct st *st, const char *name);
mqd_t st_mq(struct st *st, long *capacity, long size, int flags,
	    const char **name);
/* Another process's handle to the same. */
sem_t *st_sem_again(struct st *st, const char *name);
mqd_t st_mq_again(struct st *st, const char *name, int flags);

/* Bytes between processes apart from what is measured. */
struct st_wire {
	int fd[2];
};
struct st_wire st_wire(struct st *st);
void st_tell(struct st *st, const struct st_wire *w);
bool st_await(struct st *st, const struct st_wire *w);

#include "message.h"
#include "roads.h"

#endif
