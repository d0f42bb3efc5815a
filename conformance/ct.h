/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * All that a case may use.
 *
 * A case runs in a process of its own.  It calls the library (pipc_*) or, for
 * POSIX itself, the table t->os; both lead to the backend under test, and each
 * object that is created through them is removed after the case, however it
 * ends.  A case never sleeps and names no operating system.
 */
#ifndef CT_H
#define CT_H

#include "os.h"
#include "pipc.h"

#include <errno.h>
#include <inttypes.h>
#include <pthread.h>

struct ct;
#define CT__PRINTF1 __attribute__((format(printf, 1, 2)))
#define CT__PRINTF __attribute__((format(printf, 2, 3)))
#define CT__PRINTF3 __attribute__((format(printf, 3, 4)))

/*
 * What a case cannot do without, found by calling before the first case: an
 * absent one makes it UNSUPPORTED, one that the environment keeps away
 * UNRESOLVED, both with the reason.
 */
enum ct_need {
	CT_NEED_SEM = 1 << 0,		/* named semaphores */
	CT_NEED_SEM_TIMEDWAIT = 1 << 1, /* sem_timedwait() */
	CT_NEED_SEM_CLOCKWAIT = 1 << 2, /* sem_clockwait() */
	CT_NEED_SEM_GETVALUE = 1 << 3,	/* sem_getvalue(); see ct_value() */
	CT_NEED_SEM_UNNAMED = 1 << 4,	/* sem_init() between processes */
	CT_NEED_SHM = 1 << 5,		/* shm_open(), ftruncate(), mmap() */
	CT_NEED_MQ = 1 << 6,		/* queues that carry messages */
	CT_NEED_MQ_NOTIFY = 1 << 7,	/* mq_notify() */
	CT_NEED_UIDS = 1 << 8,		/* ct_become() */
	CT_NEED_NATIVE = 1 << 9,	/* the system's own objects */
};

/* One case.  Ids say the behaviour in words and are never reused. */
struct ct_case {
	const char *id;	   /* "sem.open.crex-existing" */
	const char *req;   /* requirement ids, separated by spaces */
	const char *posix; /* where it is written: "XSH sem_open [EEXIST]" */
	const char *text;  /* what a correct system does, in one sentence */
	unsigned needs;
	unsigned seconds; /* until it is killed; 0: the default, 10 */
	bool on_request;  /* harms the machine: runs only when it is named */
	void (*run)(struct ct *t);
};

struct ct {
	const struct pipc__os *os;  /* the calls under test */
	const struct ct_case *self; /* the running case */
	pid_t main_pid;		    /* the case's own process */
	int records;		    /* where results are written */
	long mq_depth;		    /* the deepest queue to be had, up to 64 */
	uint64_t seed;		    /* of ct_random() */
	struct ct__shared *shared;  /* seen by the runner and all peers */
};

/* Defines a case; the metadata stand above the body. */
#define CT_CASE(name, ...)                                                     \
	static void name(struct ct *t);                                        \
	const struct ct_case ct_case_##name = {.run = name, __VA_ARGS__};      \
	static void name(struct ct *t)

/*
 * Set-up: must succeed, or the case ends UNRESOLVED (or UNSUPPORTED) with the
 * reason.  CT_SETUP takes a pipc_status, CT_SETUP_TRUE a condition.
 */
#define CT_SETUP(call) CT__MUST(CT__STATUS(#call, call, PIPC_OK, CT__SETUP_))
#define CT_SETUP_TRUE(cond) CT__MUST(CT__TRUE(#cond, cond, CT__SETUP_))

/*
 * Checks: a failure is recorded and the case goes on.  Each is true when it
 * held.  CT_MUST(check) ends the case when it did not.
 *
 *	CT_EXPECT(pipc_sem_release(s), PIPC_OK)	  the status of a pipc_ call
 *	CT_OK(t->os->sem_post(s) == 0)		  a call that must succeed
 *	CT_ERRNO(t->os->sem_trywait(s) == -1, EAGAIN)  one that must fail so
 *	CT_EQUAL(attr.mq_curmsgs, 0)		  two whole numbers
 *	CT_CHECK(second == NULL)		  anything else
 *
 * CT_ERRNO2 allows either of two errors.
 */
#define CT_EXPECT(call, status) CT__STATUS(#call, call, status, CT__CHECK_)
#define CT_OK(cond) CT__TRUE(#cond, cond, CT__CALL_)
#define CT_CHECK(cond) CT__TRUE(#cond, cond, CT__CHECK_)
#define CT_ERRNO(failed, wanted) CT__ERRNO(#failed, failed, wanted, wanted)
#define CT_ERRNO2(failed, wanted, other)                                       \
	CT__ERRNO(#failed, failed, wanted, other)
#define CT_EQUAL(came, wanted)                                                 \
	(ct__enter(t, __FILE__, __LINE__, #came),                              \
	 ct__equal(t, (intmax_t)(came), (intmax_t)(wanted)))
#define CT_MUST(check) CT__MUST(check)
#define CT_REQUIRE(cond) CT__MUST(CT__TRUE(#cond, cond, CT__CHECK_))

/* Records a failure in words. */
void ct_fail(struct ct *t, const char *format, ...) CT__PRINTF;

/*
 * An implementation-defined value, or which of the allowed outcomes was seen:
 * the case's outcome becomes NOTED.
 */
void ct_note(struct ct *t, const char *key, const char *format,
	     ...) CT__PRINTF3;

/* A line for the reader of the report; the outcome stays. */
void ct_remark(struct ct *t, const char *format, ...) CT__PRINTF;

/* Ends the case: the environment forbids it; the system has no such thing. */
_Noreturn void ct_unresolved(struct ct *t, const char *format, ...) CT__PRINTF;
_Noreturn void ct_unsupported(struct ct *t, const char *format, ...) CT__PRINTF;

/*
 * Ends the case because a call failed with an error that may mean the lack of a
 * resource or a privilege.  The runner asks the environment: the case is
 * UNRESOLVED where it explains the error, and a FAIL where it does not, as with
 * every other error.  A call in a check needs no such treatment: the check
 * does the same.
 */
_Noreturn void ct_refused(struct ct *t, const char *what, int error);

/*
 * The calls under test without the layer that tells them: for a pointer that is
 * none, which must not be looked at here. Creates nothing.
 */
const struct pipc__os *ct_untraced(struct ct *t);

/* "EEXIST" for EEXIST. */
const char *ct_errno_name(int error);

/* A new name, "/" and 12 more bytes, valid and unused until the case ends. */
const char *ct_name(struct ct *t);

/*
 * New objects, as set-up: opened O_CREX for reading and writing, mode 0600,
 * and unlinked after the case.  The case closes them.  *name may be NULL.
 */
sem_t *ct_sem(struct ct *t, unsigned value, const char **name);
int ct_shm(struct ct *t, size_t size, const char **name);
mqd_t ct_mq(struct ct *t, long maxmsg, long msgsize, const char **name);

/* Ends the case where such a queue cannot be had. */
void ct_need_queue(struct ct *t, long depth, long size);

/* The same as handles of the library, named at random. */
pipc_sem *ct_pipc_sem(struct ct *t, unsigned value);
pipc_shm *ct_pipc_shm(struct ct *t, size_t size);
pipc_mq *ct_pipc_mq(struct ct *t, long maxmsg, long msgsize);

/* Maps a descriptor from its start, shared, for reading and writing. */
void *ct_map(struct ct *t, int fd, size_t size);

/*
 * A semaphore's value.  Where sem_getvalue() is missing it is counted by taking
 * and giving back, so nobody else may use the semaphore meanwhile.
 */
int ct_value(struct ct *t, sem_t *sem);

/*
 * Other processes.  The body runs in a child, sees the case's variables, may
 * use every check, and ends by leaving it:
 *
 *	struct ct_peer *p;
 *	CT_PEER(t, p) {
 *		CT_OK(t->os->sem_wait(sem) == 0);
 *	}
 *	ct_await_blocked(t, p);
 *	CT_OK(t->os->sem_post(sem) == 0);
 *	ct_join(t, p);
 */
#define CT_PEER(t, p) for ((p) = ct_fork(t); ct_in_peer(p); ct_peer_exit(t))

struct ct_peer *ct_fork(struct ct *t);
bool ct_in_peer(const struct ct_peer *p);
_Noreturn void ct_peer_exit(struct ct *t);
pid_t ct_pid(const struct ct_peer *p);

/* Waits for a peer to end well; anything else is a failure. */
bool ct_join(struct ct *t, struct ct_peer *p);
/* Waits for a peer's end, whatever it is: the status of waitpid(). */
int ct_reap(struct ct *t, struct ct_peer *p);
/* Kills a peer (SIGKILL) and waits for its end. */
void ct_kill(struct ct *t, struct ct_peer *p);
/* Stops a peer until the system says it is stopped; lets it go on. */
void ct_stop(struct ct *t, struct ct_peer *p);
void ct_continue(struct ct *t, struct ct_peer *p);

/*
 * After the peer's ct_tell_parent() just before the call that must block: waits
 * until it sleeps, as the system says.  A failure if it ends instead.
 */
bool ct_await_blocked(struct ct *t, struct ct_peer *p);
/* Does a peer that was blocked still sleep, after a settle time? */
bool ct_still_blocked(struct ct *t, struct ct_peer *p);

/*
 * What POSIX leaves undefined: the body runs in a child that may end in any
 * way, which is noted under the key.  The body notes what it saw with
 * ct_note().
 */
#define CT_UNDEFINED(t, key)                                                   \
	for (struct ct_peer *ct__u = ct_fork(t); ct__undefined(t, ct__u, key); \
	     ct_peer_exit(t))

/*
 * Another user, in a peer, for good: two unprivileged uids that are nobody's.
 * Needs CT_NEED_UIDS.
 */
enum ct_who { CT_OWNER = 65533, CT_STRANGER = 65534 };
void ct_become(struct ct *t, enum ct_who who);

/*
 * exec: replaces this process (a peer) by a program defined with
 *
 *	CT_PROGRAM(name) { ... uses t and the string arg, as a peer does ... }
 *
 * in any case file.
 */
#define CT_PROGRAM(name)                                                       \
	static void name(struct ct *t, const char *arg);                       \
	const struct ct_program ct_program_##name = {#name, name};             \
	static void name(struct ct *t, const char *arg)
struct ct_program {
	const char *name;
	void (*run)(struct ct *t, const char *arg);
};
_Noreturn void ct_exec(struct ct *t, const char *program, const char *arg);

/* One-byte messages both ways: the parent names the peer, the peer no one. */
void ct_tell(struct ct *t, struct ct_peer *p);
void ct_await(struct ct *t, struct ct_peer *p);
void ct_tell_parent(struct ct *t);
void ct_await_parent(struct ct *t);

/* Zeroed memory that peers share; from before they are forked. */
void *ct_shared(struct ct *t, size_t size);
/* Waits until a number there is as large; a failure when it does not get so. */
bool ct_await_count(struct ct *t, const int *count, int wanted);

/* A start line for n processes or threads: nobody passes before all are there.
 */
struct ct_gate *ct_gate(struct ct *t, unsigned n);
void ct_gate_pass(struct ct *t, struct ct_gate *gate);

/*
 * Threads of this process.  The function announces the call that must block by
 * ct_thread_ready(), as a peer does by ct_tell_parent().
 */
struct ct_thread *ct_thread(struct ct *t, void (*run)(struct ct *t, void *arg),
			    void *arg);
void ct_thread_ready(struct ct *t);
bool ct_thread_await_blocked(struct ct *t, struct ct_thread *thread);
pthread_t ct_thread_id(const struct ct_thread *thread);
void ct_thread_cancel(struct ct *t, struct ct_thread *thread);
void ct_thread_join(struct ct *t, struct ct_thread *thread);

/*
 * Signals: ct_catch() counts them from now on, without SA_RESTART.
 * ct_await_caught() waits until n have come; false when they do not come.
 */
void ct_catch(struct ct *t, int signo);
int ct_caught(int signo);
siginfo_t ct_caught_info(int signo); /* of the last one */
bool ct_await_caught(struct ct *t, int signo, int n);
/* Waits until there is something to read; false when it does not come. */
bool ct_await_readable(struct ct *t, int fd);
/* Catches SIGALRM every so many microseconds from now on; 0: no more. */
void ct_storm(struct ct *t, long microseconds);
/*
 * A signal for a blocked peer that catches it, with SA_RESTART or without: does
 * it, when the handler has run, sleep on?  False when it has instead set what
 * was -1, in shared memory.
 */
void ct_catch_restarting(struct ct *t, int signo);
bool ct_sleeps_on(struct ct *t, struct ct_peer *p, int signo, const int *end);
/* Ends the case where a limit may keep a real-time signal from being queued. */
void ct_need_queued(struct ct *t);
/* A real-time signal that can be queued, or the case ends. */
int ct_rtsig(struct ct *t);

/* A settle time, for what must not happen; never to wait for what must. */
void ct_settle(struct ct *t);

/* Random numbers that --seed repeats. */
uint64_t ct_random(struct ct *t);

/*
 * Time.  Deadlines of timed calls lie at most 300 ms ahead.  The past one
 * stands in memory that may be written: one case is enough to find who does.
 */
extern struct timespec ct__past;
#define ct_past (*(const struct timespec *)&ct__past)
struct timespec ct_in_ms(clockid_t clock, long ms);
/*
 * Close to the end of a hundredth of a second, at most as far ahead.  Who cuts
 * it down to ticks of a clock has it in the past, so that he does not sleep and
 * comes back early at once, however busy the machine is.
 */
struct timespec ct_before_tick(clockid_t clock);
bool ct_reached(clockid_t clock, const struct timespec *deadline);
/* Milliseconds since an earlier time of the same clock. */
long ct_ms_since(clockid_t clock, const struct timespec *start);

/* What the macros above are made of. */
enum ct__kind { CT__SETUP_, CT__CALL_, CT__CHECK_ };
void ct__enter(struct ct *t, const char *file, int line, const char *what);
bool ct__status(struct ct *t, pipc_status came, pipc_status wanted,
		enum ct__kind kind);
bool ct__true(struct ct *t, bool held, enum ct__kind kind);
bool ct__errno(struct ct *t, bool failed, int wanted, int other);
bool ct__equal(struct ct *t, intmax_t came, intmax_t wanted);
_Noreturn void ct__stop(struct ct *t);
bool ct__undefined(struct ct *t, struct ct_peer *p, const char *key);
#define CT__MUST(check) ((check) ? (void)0 : ct__stop(t))
/* what: the text as the case has it, before macros in it are expanded. */
#define CT__STATUS(what, call, status, kind)                                   \
	(ct__enter(t, __FILE__, __LINE__, what),                               \
	 ct__status(t, (call), (status), (kind)))
#define CT__TRUE(what, cond, kind)                                             \
	(ct__enter(t, __FILE__, __LINE__, what), ct__true(t, (cond), (kind)))
#define CT__ERRNO(what, failed, wanted, other)                                 \
	(ct__enter(t, __FILE__, __LINE__, what),                               \
	 ct__errno(t, (failed), (wanted), (other)))

#endif
