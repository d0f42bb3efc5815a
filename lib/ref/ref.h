/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * What the files of the reference implementation share.
 *
 * An object is a file, mapped by everybody who has it open.  What must survive
 * a process that is killed at any instruction is true after each single store
 * (a message's seq, a waiter's state); all the rest is derived from it, and
 * rebuilt by whoever next finds that the lock's owner has died.
 */
#ifndef PIPC_REF_H
#define PIPC_REF_H

#include "internal.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdint.h>

#ifdef PIPC_RSEQ
#include <sys/rseq.h>
#endif

#ifdef HAVE_SYS_SINGLE_THREADED_H
#include <sys/single_threaded.h>
#endif

/* config.h says which locks it has, and how it sleeps. */
#ifdef PIPC_REF_ROBUST
#define REF_ROBUST 1
#else
#define REF_ROBUST 0
#endif
#ifdef PIPC_REF_FUTEX
#define REF_FUTEX 1
#else
#define REF_FUTEX 0
#endif
#ifdef PIPC_REF_SEMAPHORES
#define REF_SEMAPHORES 1
#else
#define REF_SEMAPHORES 0
#endif

/*
 * The lock contract, which clang checks (-Wthread-safety, in make lint): a
 * function either needs a lock on entry and still holds it on return, and its
 * name ends in _locked or its declaration says PIPC_REQUIRES; or it takes and
 * releases the lock itself.  Nothing releases a lock that its caller took.
 */
#ifdef __clang__
#define PIPC_CONTRACT(attribute) __attribute__((attribute))
#else
#define PIPC_CONTRACT(attribute)
#endif
#define PIPC_CAPABILITY(name) PIPC_CONTRACT(capability(name))
#define PIPC_REQUIRES(...) PIPC_CONTRACT(requires_capability(__VA_ARGS__))
#define PIPC_EXCLUDES(...) PIPC_CONTRACT(locks_excluded(__VA_ARGS__))
#define PIPC_ACQUIRES(...) PIPC_CONTRACT(acquire_capability(__VA_ARGS__))
#define PIPC_RELEASES(...) PIPC_CONTRACT(release_capability(__VA_ARGS__))
#define PIPC_TRY_ACQUIRES(...)                                                 \
	PIPC_CONTRACT(try_acquire_capability(__VA_ARGS__))
/* For the functions that implement a lock. */
#define PIPC_UNCHECKED PIPC_CONTRACT(no_thread_safety_analysis)

#define REF_VERSION 5
#define REF_ALIGNED __attribute__((aligned(64)))

/*
 * Is this the errno of a system call that the kernel does not have?  Sandboxes
 * answer calls that they do not know by EPERM; only for calls that have no
 * other reason to give it.
 */
static inline bool ref_call_missing(int error)
{
	return error == ENOSYS || error == EPERM;
}

enum ref_kind { REF_SEM = 's', REF_SHM = 'm', REF_MQ = 'q' };

/* file.c: names, and the files behind them. */

/* The file of each semaphore and queue begins with this. */
struct ref_head {
	unsigned char magic[8];
	uint32_t version, kind;
	uint32_t layout; /* what of the compiler's and libc's it depends on */
	uint32_t libc;	 /* the C library whose locks there are in it */
	uint32_t mode;	 /* of the object; a queue's file has another one */
	uint32_t space;	 /* in which numbers name processes and threads */
};

#define REF_MAGIC                                                              \
	{                                                                      \
		'p', 'i', 'p', 0xe3, 0xf2, 'e', 'f', 0xff                      \
	}

#define REF_PATH_MAX 4608
/* The path of "/name"; false with errno for what is no name. */
bool ref_path(char path[REF_PATH_MAX], enum ref_kind kind, const char *name);
int ref_unlink(enum ref_kind kind, const char *name);
/* Once: what fork() needs; ref_path() does it as well. */
void ref_prepare(void);

/* A file that has no name yet. */
struct ref_new {
	int fd;
	char path[REF_PATH_MAX]; /* a temporary one, or "" */
};
bool ref_new_open(struct ref_new *new, mode_t mode);
/* Gives it its name, unless that is taken: false with EEXIST. */
bool ref_new_publish(struct ref_new *new, const char *path);
void ref_new_drop(struct ref_new *new);

/* An existing regular file; -1 with errno for anything else. */
int ref_open(const char *path, int flags, struct stat *st);
/* The size of a new file; false with errno, ENOSPC or EFBIG. */
bool ref_size(int fd, size_t size);
/* Memory of a mapped file that is written next: an error now, no SIGBUS. */
bool ref_fill(void *from, size_t size);
/*
 * Maps the file, and behind it memory that is this process's own: its record
 * of the object.  So the record is found from the mapping without a search, and
 * neither opening nor closing depends on malloc().
 */
void *ref_map(int fd, size_t size, size_t record);
void *ref_map_record(void *memory, size_t size);
void ref_unmap(void *memory, size_t size, size_t record);

/*
 * The pid namespace of this process: the locks of an object tell their owners
 * by numbers that mean another thread, or none, in another namespace.
 */
extern uint32_t ref_space;
#define REF_SPACE_UNKNOWN 0u	  /* as of all where no system tells */
#define REF_SPACE_NONE UINT32_MAX /* another than the parent's, and unknown */

void ref_head_fill(struct ref_head *head, enum ref_kind kind, mode_t mode);
/*
 * Ours, and of this version, layout and C library?  Else false: EINVAL for what
 * is no object, ENOTSUP for one that another build of the library has made.
 */
bool ref_head_valid(const struct ref_head *head, enum ref_kind kind);
/* Which of these errors it is for a file that is refused. */
int ref_refusal(int fd, enum ref_kind kind);

/*
 * The process's lock: for its lists of objects and requests.  While it is held
 * no signal handler runs in this thread, and it cannot be cancelled.  Rank 2:
 * it may be taken while an object's lock is held, never the other way round.
 */
struct ref_process {
	int state; /* of cancellation, before */
	sigset_t mask;
};
struct PIPC_CAPABILITY("process lock") ref_process_lock {
	pthread_mutex_t mutex;
};
extern struct ref_process_lock ref_process_lock;
void ref_process_enter(struct ref_process *p) PIPC_ACQUIRES(ref_process_lock);
void ref_process_leave(struct ref_process *p) PIPC_RELEASES(ref_process_lock);
/* The same without the lock: no handler runs, and nothing is cancelled. */
void ref_quiet_enter(struct ref_process *p);
void ref_quiet_leave(const struct ref_process *p);
/* How often this process has been made by fork(), counted from the first. */
extern _Atomic unsigned ref_forks;

/*
 * lock.c: a lock between processes that survives its owner's death; with
 * lock-robust.c or lock-pid.c.
 */
#if REF_ROBUST
/*
 * The word, and behind it room for an entry in the list of a thread's locks: at
 * a distance that the C library has chosen, and that is the same for all where
 * a pointer need not be aligned.
 */
#if defined(__i386__) || defined(__x86_64__) || defined(__aarch64__)
#define REF_ANY_LIBC 1
#else
#define REF_ANY_LIBC 0
#endif
typedef union {
	struct {
#if !REF_ANY_LIBC && !defined(__GLIBC__)
		uint32_t before; /* musl's entry is aligned so */
#endif
		_Atomic uint32_t word;
	};
	uint64_t room[sizeof(void *) == 8 ? 5 : 4];
} ref_mutex;
#else
#define REF_ANY_LIBC 0
typedef struct {
	_Atomic int32_t owner; /* a process */
} ref_mutex;
#endif

/* Broken: these bytes are no lock, or nobody can take it ever again. */
enum ref_locked { REF_LOCKED, REF_OWNER_DIED, REF_TAKEN, REF_BROKEN };
void ref_lock_init(ref_mutex *lock);
enum ref_locked ref_lock(ref_mutex *lock);
/* The same while signals are blocked: the mask is for when it takes long. */
enum ref_locked ref_lock_unless_ended(ref_mutex *lock, const sigset_t *mask);
enum ref_locked ref_trylock(ref_mutex *lock);
/* Beside other locks, and while the program goes on. */
enum ref_locked ref_trylock_for_long(ref_mutex *lock);
/* The end is by CLOCK_MONOTONIC. */
enum ref_locked ref_lock_until(ref_mutex *lock, const struct timespec *end);
void ref_unlock(ref_mutex *lock);
/* The same; takes a lock that no living thread holds. */
bool ref_claim(ref_mutex *lock);
/* After REF_OWNER_DIED, when what the lock is for is in order again. */
void ref_lock_mend(ref_mutex *lock);
/* Does the end of a process end its locks at once? */
bool ref_deaths_are_told(void);
/* In a child process: it has none of its parent's. */
void ref_locks_forked(void);
/* So old, an offer is revoked; see wait.c. */
extern unsigned ref_offer_ms;
/* Held for so long, a lock counts as broken; REF_TAKEN. */
extern unsigned ref_lock_seconds;

/*
 * park.c: to sleep until a word changes, and what is done before that; with
 * park-futex.c, park-semaphores.c or park-polling.c.
 */

typedef struct {
	_Atomic uint32_t value;
#if REF_SEMAPHORES
	sem_t wake;
#endif
} ref_word;

struct ref_until {
	const struct timespec *deadline; /* NULL: none */
	clockid_t clock;
};

void ref_word_init(ref_word *word);
/*
 * Sleeps while the word has that value, or less long.  0, EINTR or ETIMEDOUT.
 * A cancellation point.
 */
int ref_park(ref_word *word, uint32_t value, const struct ref_until *until);
/* Wakes whoever sleeps there; false if nobody does, where the system tells. */
bool ref_unpark(ref_word *word);
/* Whether all handlers of signals have SA_RESTART. */
bool ref_all_restart(void);
/*
 * 0, EINVAL for a malformed deadline, ETIMEDOUT for one that has passed, or why
 * the clock cannot be read.
 */
int ref_until_check(const struct ref_until *until);

long ref_ns_since(const struct timespec *start);
/* Milliseconds by a clock that is quick to read; they wrap around. */
uint32_t ref_ms(void);

/* When there are too many who wait: a short sleep.  EAGAIN, or why not. */
int ref_nap(const struct ref_until *until);

struct ref_waits;
/*
 * Before sleeping: lets the other side, last seen on that processor, do its
 * part.  True as soon as ready().
 */
bool ref_linger(bool (*ready)(const void *object), const void *object,
		uint32_t other, const struct ref_waits *w);
/* Is that another processor than this one? */
bool ref_elsewhere(uint32_t other);
/* The same for as long as a system call takes. */
bool ref_glance(bool (*ready)(const void *object), const void *object);
/* The processor that this thread is on. */
uint32_t ref_cpu(void);
/* The same, or where it was when it last lingered, for next to nothing. */
static inline uint32_t ref_cpu_hint(void);

/* True: nobody can cancel this thread. */
static inline bool ref_single_threaded(void)
{
#ifdef HAVE_SYS_SINGLE_THREADED_H
	return __libc_single_threaded;
#else
	return false;
#endif
}

/* POSIX wants it of calls that may wait, even if they need not. */
static inline void ref_cancellation_point(void)
{
	if (!ref_single_threaded())
		pthread_testcancel();
}

/*
 * It does not want it of calls that open and close, though these use some; and
 * nothing is cancelled while it holds a lock.
 */
static inline int ref_uncancelled(void)
{
	int state;

	pthread_setcancelstate(PTHREAD_CANCEL_DISABLE, &state);
	return state;
}
static inline void ref_cancelled(int state)
{
	int error = errno;

	(void)state; /* where nothing can be cancelled */
	pthread_setcancelstate(state, NULL);
	errno = error;
}

extern _Thread_local uint32_t ref__cpu_seen;
static inline uint32_t ref_cpu_hint(void)
{
#ifdef PIPC_RSEQ
	const char *thread = __builtin_thread_pointer();

	return ((const volatile struct rseq *)(thread + __rseq_offset))->cpu_id;
#else
	return ref__cpu_seen;
#endif
}

static inline void ref_pause(void)
{
#if defined(__i386__) || defined(__x86_64__)
	__builtin_ia32_pause();
#elif defined(__aarch64__) || defined(__arm__)
	__asm__ volatile("yield" ::: "memory");
#else
	__asm__ volatile("" ::: "memory");
#endif
}

/*
 * addresses.c: the objects that are told from others by their addresses; each
 * begins a page.  Changed with the process's lock, asked without.
 */
typedef _Atomic uintptr_t ref_address;
/* False with ENOMEM. */
bool ref_address_add(const void *object) PIPC_REQUIRES(ref_process_lock);
void ref_address_remove(const void *object) PIPC_REQUIRES(ref_process_lock);
bool ref_address_find(const void *object);
#define REF_ADDRESS_HINTS 64
extern HIDDEN ref_address ref_address_hints[REF_ADDRESS_HINTS];
static inline size_t ref_address_hash(const void *object)
{
	return (uintptr_t)object >> 12;
}
static inline bool ref_address_hinted(const void *object)
{
	size_t i = ref_address_hash(object) % REF_ADDRESS_HINTS;

	return atomic_load_explicit(&ref_address_hints[i],
				    memory_order_relaxed) == (uintptr_t)object;
}

/* signals.c: no handler runs while a thread has a lock. */

/* Does this program have handlers?  False only while none is known. */
extern _Atomic bool ref_handlers;
void ref_look_for_handlers(void);
/* All but those for the thread's own faults. */
void ref_block_signals(sigset_t *before);

/* wait.c: a lock, and those who wait, in the order in which they came. */

/*
 * What is given is an offer.  The waiter accepts it (GIVEN to ACCEPTED) as the
 * first thing that it does; until then another revokes it if it is old, or if
 * the waiter has died (GIVEN to REVOKED).  REVOKED: what was given has to go
 * back; EMPTY: it has.
 */
enum ref_state {
	REF_FREE,
	REF_WAITING,
	REF_GIVEN,
	REF_ACCEPTED,
	REF_REVOKED,
	REF_EMPTY
};
#define REF_STATES 8u /* more than there are; a power of two */
#define REF_STATE(value) ((enum ref_state)((value) % REF_STATES))

struct ref_waiter {
	ref_mutex alive; /* held by the waiting thread */
	ref_word state;	 /* REF_STATE, below a number that goes up */
	uint32_t side;
	uint32_t slot;	  /* a message: its own, or the one it is given */
	int32_t priority; /* of its scheduling, 0 for the usual one */
	int32_t pid;
	uint32_t since;	       /* when it was given, in ms; see ref_ms() */
	uint32_t watch;	       /* in ms, its own: see ref_wait() */
	uint32_t next, before; /* derived; index + 1, as all indices here */
	uint64_t ticket;
} REF_ALIGNED;

#define REF_SIDES 2

/* How many took part in this round and in the last one; see turns.c. */
struct ref_turns {
	_Atomic uint32_t round;
	uint32_t present, over, before;
};

struct ref_gate {
	ref_mutex lock;
	_Atomic uint64_t given; /* who may have to be woken, or 0 */
	uint32_t first[REF_SIDES], last[REF_SIDES];
	uint64_t ticket;
	uint32_t used;			 /* of the waiters, ever */
	_Atomic uint32_t cpu[REF_SIDES]; /* where each side was last */
	/* derived: are there offers, and since when (ref_ms()) at most */
	_Atomic uint32_t offers, offered;
	struct ref_turns turns[REF_SIDES];
} REF_ALIGNED;

/*
 * How a waiter goes: not given anything; with what it has accepted; or leaving
 * behind what it has not, and then its state is REVOKED.
 */
enum ref_end { REF_IN_VAIN, REF_TAKES_ALONG, REF_LEAVES_BEHIND };

/* A process's view of it, and what its object does.  Its lock has rank 1. */
struct PIPC_CAPABILITY("object lock") ref_waits {
	struct ref_gate *gate;
	struct ref_waiter *waiters;
	uint32_t most;
	uint32_t space;
	bool guarded; /* block signals even if there seem to be no handlers */
	/* With the lock: a waiter goes. */
	void (*bury)(struct ref_waits *w, struct ref_waiter *dead,
		     enum ref_end end);
	/* With the lock: what was left behind is for those who wait. */
	void (*settle)(struct ref_waits *w);
	/* With the lock, whose owner died: makes all that is derived. */
	void (*rebuild)(struct ref_waits *w);
	/* The object stays mapped in this process, whoever closes it. */
	void (*hold)(struct ref_waits *w);
	void (*release)(struct ref_waits *w);
};

/*
 * From taking an object's lock to giving it back, and to waking whom that lets
 * go on.  A thread that was let go may close the object, which must be mapped
 * all the same until this one has done with it: so whoever lets another go on
 * holds a reference from before that until ref_leave() has returned.  Without
 * that nothing of the object is touched after the lock has been released.
 */
struct ref_section {
	bool held;		  /* a reference, to be given back */
	bool guarded;		  /* signals are blocked */
	bool notifies;		  /* with held: this process, by a signal */
	struct ref_notice *told;  /* with held: another process, or NULL */
	uint32_t number;	  /* of its request */
	struct ref_waiter *woken; /* or NULL */
	uint32_t given;
	uint32_t behind; /* the waiter that comes after it, index + 1 */
	struct ref_signal {
		int signo;
		int32_t pid, uid; /* of the sender */
		union sigval value;
	} signal;
	sigset_t mask; /* of signals, before */
};
/* To this process, as the system tells of a message. */
void ref_send_signal(const struct ref_signal *signal);
/* Until another process has sent itself the signal for that request. */
void ref_await_signal(struct ref_notice *n, uint32_t number);

void ref_gate_init(struct ref_gate *gate);
/* Takes the lock; false with errno, ENOTSUP in another pid namespace. */
bool ref_enter(struct ref_waits *w, struct ref_section *s)
    PIPC_TRY_ACQUIRES(true, w);
/* Gives it back, wakes, and gives back the reference. */
void ref_leave(struct ref_waits *w, struct ref_section *s) PIPC_RELEASES(w);

/* With the lock held: */

/* For callbacks, which clang cannot follow. */
static inline void ref_is_locked(const struct ref_waits *w)
    PIPC_CONTRACT(assert_capability(w))
{
	(void)w;
}
/* Before anything that lets another thread go on. */
static inline void ref_hold_mapping(struct ref_waits *w, struct ref_section *s)
    PIPC_REQUIRES(w)
{
	if (s->held)
		return;
	w->hold(w);
	s->held = true;
	s->notifies = false;
	s->told = NULL;
}
/* What is derived is damaged: makes it anew. */
void ref_recover(struct ref_waits *w, struct ref_section *s) PIPC_REQUIRES(w);
static inline bool ref_offers(const struct ref_waits *w)
{
	return atomic_load_explicit(&w->gate->offers, memory_order_relaxed) !=
	       0;
}
static inline bool ref_waiting(const struct ref_gate *gate, unsigned side)
{
	return gate->first[side] != 0;
}
static inline void ref_here(struct ref_waits *w, unsigned side)
{
	uint32_t cpu = ref_cpu_hint();

	/* Not written in vain: the other side reads it on its processor. */
	if (atomic_load_explicit(&w->gate->cpu[side], memory_order_relaxed) !=
	    cpu)
		atomic_store_explicit(&w->gate->cpu[side], cpu,
				      memory_order_relaxed);
}
/* A place as of one who has taken something; NULL when there is none. */
struct ref_waiter *ref_hold(struct ref_waits *w, unsigned side)
    PIPC_REQUIRES(w);
/* A place among those who wait. */
struct ref_waiter *ref_join(struct ref_waits *w, unsigned side, uint32_t slot)
    PIPC_REQUIRES(w);
struct ref_waiter *ref_next(struct ref_waits *w, unsigned side)
    PIPC_REQUIRES(w);
/*
 * What it waits for, by an offer (REF_GIVEN), or for good (REF_ACCEPTED).  Ends
 * with ref_wake() or ref_wake_given(), before anybody else is given something.
 */
uint32_t ref_give(struct ref_waits *w, struct ref_waiter *waiter,
		  enum ref_state state) PIPC_REQUIRES(w);
/* Wakes the one who was given something last, with the lock. */
void ref_wake_given(struct ref_waits *w) PIPC_REQUIRES(w);
/*
 * Comes first wherever the lock is taken: the one who was given something last
 * sleeps yet if its waker has been killed.
 */
static inline void ref_look_back(struct ref_waits *w, struct ref_section *s)
    PIPC_REQUIRES(w)
{
	if (atomic_load_explicit(&w->gate->given, memory_order_relaxed) != 0) {
		ref_hold_mapping(w, s);
		ref_wake_given(w);
	}
}
/* The lists; those who have died are out of them, and their places FREE. */
void ref_rebuild_waiters(struct ref_waits *w) PIPC_REQUIRES(w);
/* Has its thread died?  True leaves the waiter's lock free. */
bool ref_has_died(struct ref_waiter *waiter);
/* What a waiter was given is to go back: false if it has accepted it. */
bool ref_revoke(struct ref_waiter *waiter);
/* It has. */
void ref_has_gone_back(struct ref_waiter *waiter);
/* Offers that nobody has accepted for long are revoked. */
void ref_look_at_offers(struct ref_waits *w, struct ref_section *s)
    PIPC_REQUIRES(w);
/*
 * Before a wait, and before anything that it needs is made: ref_look_back(),
 * revokes offers of the dead and old ones, and when places are scarce, ends
 * those whose process has.
 */
void ref_look_after(struct ref_waits *w, struct ref_section *s)
    PIPC_REQUIRES(w);
/*
 * A thread that leaves a wait by siglongjmp() leaves a ghost there: a place,
 * and a reference.  It is ended before it is given anything by the same thread.
 */
void ref_end_own_ghost_locked(struct ref_waits *w, struct ref_section *s)
    PIPC_REQUIRES(w);
extern _Thread_local unsigned ref_depth; /* of this thread's waits */
/* The frame of the call that waits; set before ref_wait(). */
extern _Thread_local const char *ref_entry;
static inline void ref_before_giving(struct ref_waits *w, struct ref_section *s)
    PIPC_REQUIRES(w)
{
	if (ref_depth != 0)
		ref_end_own_ghost_locked(w, s);
}
/* What a waiter is now, in a word, and who it was if it still is; else NULL. */
uint64_t ref_mark(const struct ref_waits *w, const struct ref_waiter *waiter);
struct ref_waiter *ref_marked(const struct ref_waits *w, uint64_t mark);
/* Index + 1 of the one who is next on that side, or 0. */
static inline uint32_t ref_first(const struct ref_waits *w, unsigned side)
{
	return w->gate->first[side];
}

/* Without it, holding a reference: */

/*
 * Should the waiter not sleep, as it is stopped or has left, the one behind it
 * is woken, too, and looks after it; 0: none.
 */
void ref_wake(struct ref_waits *w, struct ref_waiter *waiter, uint32_t given,
	      uint32_t behind);
/*
 * Without the lock: is there an offer that nobody has accepted for long?  Then
 * ref_take_back() is worth its lock.
 */
bool ref_offers_are_due(const struct ref_waits *w);
/* Without the lock, before a wait: on whatever object they are. */
void ref_end_own_ghosts(void);
void ref_take_back(struct ref_waits *w) PIPC_EXCLUDES(w);
/* Has he whom this thread woke last not got to run yet? */
bool ref_is_coming(const struct ref_waits *w);
/*
 * Sleeps until something is given, and accepts it: 0.  EAGAIN: it was revoked
 * meanwhile, and is to be waited for anew.  Else the error, and all is undone.
 * A cancellation point; the caller holds a reference, and has it given back.
 */
int ref_wait(struct ref_waits *w, struct ref_waiter *waiter,
	     const struct ref_until *until) PIPC_EXCLUDES(w);
/* What was given has been used. */
void ref_done(struct ref_waits *w, struct ref_waiter *waiter);

/* turns.c: fair mode. */

/* With the lock: this thread has moved a message; or finds nothing to do. */
void ref_turn_used(struct ref_gate *gate, unsigned side);
void ref_turn_over(struct ref_gate *gate, unsigned side);
/* Without it: has this thread had its share of the round? */
bool ref_turn_had(const struct ref_gate *gate, unsigned side);
/* Then: until the others on this side have had their shares. */
void ref_turn_await(struct ref_waits *w, unsigned side);

/* queue.c: messages in shared memory; all with the lock held. */

#define REF_PRIORITIES 32768u
#define REF_NOTICES 4

struct ref_slot {
	_Atomic uint64_t seq; /* 0: no message */
	uint32_t len, prio;
	uint32_t next, owned; /* derived */
	char bytes[];
};

/* A request to be notified.  Held by a thread of the process that asked. */
struct ref_notice {
	ref_mutex owner;
	ref_word word;	  /* a number; it is fired or cancelled by the next */
	int32_t asker;	  /* a process */
	int32_t pid, uid; /* of the sender whose message fired it */
	uint32_t fired;
	uint32_t signals; /* the request is for a signal */
	ref_word sent;	  /* word.value, when the signal for it has been sent */
	int32_t thread;	  /* the asker's that holds it; see is_left() */
} REF_ALIGNED;

struct ref_queue {
	struct ref_head head;
	int64_t maxmsg, msgsize;
	uint64_t fifos_filled; /* a bit for each page of them */
	/* derived; what each call touches is in one line */
	_Atomic uint32_t count REF_ALIGNED;
	uint32_t free;	/* a list of slots */
	uint32_t fresh; /* slots ever used */
	uint32_t filled;
	uint32_t top;	      /* the highest priority + 1, 0 when empty */
	uint32_t first, last; /* its messages */
	uint32_t fires;	      /* the slot of the message that ends a notice */
	union {		      /* whom a message in an empty queue is told */
		struct {
			uint32_t armed;	  /* the notice that waits for it */
			uint32_t watched; /* not derived; see events.c */
		};
		uint64_t tells;
	};
	uint64_t seq;
	uint64_t summary[8]; /* derived: words of bits[] that are not 0 */
	struct ref_gate gate;
	struct ref_notice notices[REF_NOTICES];
};

/* The messages of each lower priority; derived. */
struct ref_fifo {
	uint32_t first, last;
};

struct ref_mapping {
	struct ref_waits waits; /* first: callbacks are given this */
	struct ref_queue *queue;
	uint64_t *bits;
	struct ref_fifo *fifos;
	char *slots;
	size_t size, stride;
	uint32_t slot_count;
	_Atomic uint32_t recent; /* the slot that this process touched last */
	long maxmsg, msgsize;
	/* the process's own */
	bool fair;
	bool more; /* fair, or there is an event: receiving is not all */
	_Atomic int event; /* a descriptor, or -1; see events.c */
	dev_t dev;
	ino_t ino;
	_Atomic unsigned references; /* falls to 0 under the process's lock */
	struct ref_mapping *next;
};

/* Where all is for these limits; false with EINVAL or ENOSPC. */
bool ref_queue_layout(struct ref_mapping *m, long maxmsg, long msgsize);
void ref_queue_attach(struct ref_mapping *m, void *memory);
void ref_queue_init(struct ref_mapping *m, mode_t mode);
bool ref_queue_valid(const struct ref_queue *q);

/* A slot that nobody sees yet, for a message; 0 with errno. */
uint32_t ref_queue_reserve(struct ref_mapping *m, unsigned prio)
    PIPC_REQUIRES(m->waits);
/* Copies the message into it; this needs no lock. */
void ref_queue_fill(struct ref_mapping *m, uint32_t slot, const char *msg,
		    size_t len, unsigned prio);
void ref_queue_commit(struct ref_mapping *m, uint32_t slot)
    PIPC_REQUIRES(m->waits);
void ref_queue_add(struct ref_mapping *m, uint32_t slot)
    PIPC_REQUIRES(m->waits);
/* The first message, out of the order; 0 with EBADMSG for damage. */
uint32_t ref_queue_take(struct ref_mapping *m) PIPC_REQUIRES(m->waits);
size_t ref_queue_length(const struct ref_mapping *m, uint32_t slot);
/* Copies it, without the lock once it is out of the order; -1 with EBADMSG. */
ssize_t ref_queue_read(struct ref_mapping *m, uint32_t slot, char *buf,
		       unsigned *prio);
void ref_queue_free(struct ref_mapping *m, uint32_t slot)
    PIPC_REQUIRES(m->waits);
void ref_queue_rebuild(struct ref_mapping *m) PIPC_REQUIRES(m->waits);

/*
 * Do the count and the index not contradict each other?  What the dead had in
 * their hands comes back even to a queue that is full.
 */
static inline bool ref_queue_plausible(const struct ref_mapping *m)
{
	const struct ref_queue *q = m->queue;

	return q->count <= m->slot_count && (q->count == 0) == (q->top == 0);
}

/* From another processor, what a call needs comes in one go with the lock. */
static inline void ref_queue_expect(const struct ref_mapping *m)
{
	__builtin_prefetch(&m->queue->count, 1);
	__builtin_prefetch(
	    m->slots + atomic_load_explicit(&m->recent, memory_order_relaxed) *
			   m->stride,
	    1);
}

/* Is there a message in that slot? */
bool ref_queue_has(const struct ref_mapping *m, uint32_t slot);

/* mqd.c: descriptors, and the queues behind them. */
#define REF_READS 1
#define REF_WRITES 2
struct ref_handle {
	_Atomic(struct ref_mapping *) mapping; /* NULL: not a queue's */
	int fd, access;
};
struct ref_handle *ref_handle(mqd_t mqd); /* NULL: there is no such queue */
/* The same for a descriptor that is known to be a queue's; it costs little. */
struct ref_handle *ref_known(int fd);
/* Has this process ever had a queue? */
extern _Atomic bool ref_has_queues;
/* The least descriptor of the queue that is higher than this one; or -1. */
int ref_next_descriptor(const struct ref_mapping *m, int fd);
/* The descriptor is a queue's no longer; false when it never was. */
bool ref_forget(int fd);
void ref_forget_range(unsigned first, unsigned last);
/* In a child process, whose descriptors are its own. */
void ref_handles_forked(void);
/* Gives back a reference, and unmaps what has none. */
void ref_mapping_drop_locked(struct ref_mapping *m)
    PIPC_REQUIRES(ref_process_lock);
void ref_mapping_release(struct ref_mapping *m) PIPC_EXCLUDES(ref_process_lock);
/* It stays mapped until released, whoever closes it. */
static inline void ref_mapping_hold(struct ref_mapping *m)
{
	atomic_fetch_add_explicit(&m->references, 1, memory_order_relaxed);
}

/* mq.c */
enum ref_side { REF_SENDERS, REF_RECEIVERS };
void ref_mapping_callbacks(struct ref_mapping *m);

/* notify.c */
int ref_notify(struct ref_mapping *m, int fd, const struct sigevent *event);
void ref_notify_close(struct ref_mapping *m, int fd);
/*
 * With the queue's lock, before and after the message in that slot comes, for
 * which nobody waits.
 */
void ref_notify_load(struct ref_mapping *m, uint32_t slot)
    PIPC_REQUIRES(m->waits);
/* The signal, if it is for this process, is sent by ref_leave(). */
void ref_notify_fire(struct ref_mapping *m, struct ref_section *s)
    PIPC_REQUIRES(m->waits);
void ref_notify_init(struct ref_queue *q);
void ref_notify_rebuild(struct ref_mapping *m) PIPC_REQUIRES(m->waits);
/* In a child process: the threads of its parent's requests are not there. */
void ref_notify_forked(void) PIPC_REQUIRES(ref_process_lock);

/* events.c: descriptors that tell of messages. */

/* The queue's, made at the first call; -1 with errno.  Not for the caller to
 * close. */
int ref_event_fd(struct ref_mapping *m, int queue);
/* The same without a look at the queue, which may leave it readable. */
int ref_event_find(struct ref_mapping *m, int queue);
/* A message has come to a queue that had none and is watched. */
void ref_event_announce(struct ref_mapping *m) PIPC_REQUIRES(m->waits);
/* There is no message: the descriptor is not readable any more. */
void ref_event_reset(struct ref_mapping *m) PIPC_REQUIRES(m->waits);
/* The same if there is none, without the lock. */
void ref_event_settle(struct ref_mapping *m) PIPC_EXCLUDES(m->waits);
void ref_event_drop_locked(struct ref_mapping *m)
    PIPC_REQUIRES(ref_process_lock);
/* Closes what has been dropped. */
void ref_events_close(void) PIPC_EXCLUDES(ref_process_lock);

/* The calls behind the table. */
sem_t *ref_sem_open(const char *name, int flags, mode_t mode, unsigned value);
int ref_sem_close(sem_t *sem);
int ref_sem_unlink(const char *name);
int ref_sem_post(sem_t *sem);
int ref_sem_wait(sem_t *sem);
int ref_sem_trywait(sem_t *sem);
int ref_sem_timedwait(sem_t *sem, const struct timespec *deadline);
int ref_sem_clockwait(sem_t *sem, clockid_t clock,
		      const struct timespec *deadline);
int ref_sem_getvalue(sem_t *sem, int *value);
int ref_shm_open(const char *name, int flags, mode_t mode);
int ref_shm_unlink(const char *name);
int ref_fstat(int fd, struct stat *st);
int ref_close(int fd);
int ref_fchmod(int fd, mode_t mode);
mqd_t ref_mq_open(const char *name, int flags, mode_t mode,
		  struct mq_attr *attr);
int ref_mq_close(mqd_t mqd);
int ref_mq_unlink(const char *name);
int ref_mq_getattr(mqd_t mqd, struct mq_attr *attr);
int ref_mq_setattr(mqd_t mqd, const struct mq_attr *attr, struct mq_attr *old);
int ref_mq_send(mqd_t mqd, const char *msg, size_t len, unsigned prio);
int ref_mq_timedsend(mqd_t mqd, const char *msg, size_t len, unsigned prio,
		     const struct timespec *deadline);
ssize_t ref_mq_receive(mqd_t mqd, char *buf, size_t len, unsigned *prio);
ssize_t ref_mq_timedreceive(mqd_t mqd, char *buf, size_t len, unsigned *prio,
			    const struct timespec *deadline);
int ref_mq_clocksend(mqd_t mqd, const char *msg, size_t len, unsigned prio,
		     clockid_t clock, const struct timespec *deadline);
ssize_t ref_mq_clockreceive(mqd_t mqd, char *buf, size_t len, unsigned *prio,
			    clockid_t clock, const struct timespec *deadline);
int ref_mq_notify(mqd_t mqd, const struct sigevent *notification);
int ref_mq_event_fd(mqd_t mqd);

#endif
