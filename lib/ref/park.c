/* SPDX-License-Identifier: BSD-3-Clause */
/* To sleep until a word changes, and what is done before that. */
#include "ref.h"

#include <sched.h>

#if REF_FUTEX
#include <sys/syscall.h>

/* The kernel's interface; its header is not there with every C library. */
#define FUTEX_WAKE 1
#define FUTEX_WAIT_BITSET 9
#define FUTEX_CLOCK_REALTIME 256
#define FUTEX_BITSET_MATCH_ANY 0xffffffffu
#define FUTEX_32 2
struct waitv {
	uint64_t val, uaddr;
	uint32_t flags, reserved;
};
#ifndef SYS_futex
#define SYS_futex SYS_futex_time64
#endif
#if !defined(SYS_futex_waitv) && !defined(__alpha__)
#define SYS_futex_waitv 449
#endif
#endif

/*
 * A wait with a deadline was interrupted, and the system does not say whether
 * the handler asked for it to go on.  It did if all handlers do.
 */
static COLD bool all_restart(void)
{
	struct sigaction action;
	int signo;

	for (signo = 1; signo < NSIG; signo++)
		if (sigaction(signo, NULL, &action) == 0 &&
		    action.sa_handler != SIG_DFL &&
		    action.sa_handler != SIG_IGN &&
		    !(action.sa_flags & SA_RESTART))
			return false;
	return true;
}

#if REF_FUTEX

void ref_word_init(ref_word *word)
{
	atomic_init(&word->value, 0);
}

/* The kernel's time has 64 bits where the C library's may have 32. */
static long wait_bitset(_Atomic uint32_t *word, uint32_t value,
			const struct ref_until *until)
{
	int op = FUTEX_WAIT_BITSET;
	long narrow[2], r;

	if (until->clock == CLOCK_REALTIME)
		op |= FUTEX_CLOCK_REALTIME;
#ifdef SYS_futex_time64
	if (until->deadline != NULL) {
		int64_t wide[2] = {until->deadline->tv_sec,
				   until->deadline->tv_nsec};

		r = syscall(SYS_futex_time64, word, op, value, wide, NULL,
			    FUTEX_BITSET_MATCH_ANY);
		if (r == 0 || errno != ENOSYS)
			return r;
	}
#endif
	if (until->deadline != NULL) {
		narrow[0] = (long)until->deadline->tv_sec;
		narrow[1] = (long)until->deadline->tv_nsec;
	}
	r = syscall(SYS_futex, word, op, value,
		    until->deadline != NULL ? narrow : NULL, NULL,
		    FUTEX_BITSET_MATCH_ANY);
	return r;
}

/*
 * With a deadline only this call goes on after a handler with SA_RESTART; an
 * older kernel has none.
 */
static int wait_restarting(_Atomic uint32_t *word, uint32_t value,
			   const struct ref_until *until)
{
#ifdef SYS_futex_waitv
	static _Atomic bool lacking;
	struct waitv one = {value, (uintptr_t)word, FUTEX_32, 0};
	int64_t end[2];

	if (!lacking) {
		end[0] = until->deadline->tv_sec;
		end[1] = until->deadline->tv_nsec;
		if (syscall(SYS_futex_waitv, &one, 1, 0, end, until->clock) >=
		    0)
			return 0;
		if (errno != ENOSYS)
			return errno;
		lacking = true;
	}
#endif
	if (wait_bitset(word, value, until) == 0)
		return 0;
	return errno == EINTR && all_restart() ? 0 : errno;
}

int ref_park(ref_word *word, uint32_t value, const struct ref_until *until)
{
	int type, error;

	/* This thread may be cancelled here, and nowhere else. */
	pthread_setcanceltype(PTHREAD_CANCEL_ASYNCHRONOUS, &type);
	if (until->deadline != NULL)
		error = wait_restarting(&word->value, value, until);
	else
		error =
		    wait_bitset(&word->value, value, until) == 0 ? 0 : errno;
	pthread_setcanceltype(type, NULL);
	return error == EAGAIN ? 0 : error;
}

void ref_unpark(ref_word *word)
{
	syscall(SYS_futex, &word->value, FUTEX_WAKE, 1, NULL, NULL, 0);
}

#else

void ref_word_init(ref_word *word)
{
	atomic_init(&word->value, 0);
	pipc__os_system.sem_init(&word->wake, 1, 0);
}

#ifdef HAVE_SEM_CLOCKWAIT
#define wait_on pipc__os_system.sem_clockwait
#else
/* Another clock's time as one of the only clock there is, as things are now. */
static int wait_on(sem_t *sem, clockid_t clock, const struct timespec *deadline)
{
	struct timespec other, end;

	if (clock == CLOCK_REALTIME)
		return pipc__os_system.sem_timedwait(sem, deadline);
	clock_gettime(clock, &other);
	clock_gettime(CLOCK_REALTIME, &end);
	end.tv_sec += deadline->tv_sec - other.tv_sec;
	end.tv_nsec += deadline->tv_nsec - other.tv_nsec;
	if (end.tv_nsec < 0) {
		end.tv_nsec += 1000000000L;
		end.tv_sec--;
	} else if (end.tv_nsec >= 1000000000L) {
		end.tv_nsec -= 1000000000L;
		end.tv_sec++;
	}
	return pipc__os_system.sem_timedwait(sem, &end);
}
#endif

static int wait_for(sem_t *sem, const struct ref_until *until)
{
	if (until->deadline == NULL)
		return pipc__os_system.sem_wait(sem);
	if (wait_on(sem, until->clock, until->deadline) == 0)
		return 0;
	/* It may be early by that clock. */
	return errno == ETIMEDOUT && ref_until_check(until) == 0 ? 0 : -1;
}

int ref_park(ref_word *word, uint32_t value, const struct ref_until *until)
{
	if (atomic_load(&word->value) != value)
		return 0;
	if (wait_for(&word->wake, until) == 0)
		return 0;
	if (errno == EINTR && until->deadline != NULL && all_restart())
		return 0;
	return errno;
}

void ref_unpark(ref_word *word)
{
	pipc__os_system.sem_post(&word->wake);
}

#endif

int ref_until_check(const struct ref_until *until)
{
	const struct timespec *end = until->deadline;
	struct timespec now;

	if (end == NULL)
		return 0;
	if (end->tv_nsec < 0 || end->tv_nsec >= 1000000000L)
		return EINVAL;
	if (clock_gettime(until->clock, &now) != 0)
		return EINVAL;
	if (end->tv_sec < now.tv_sec ||
	    (end->tv_sec == now.tv_sec && end->tv_nsec <= now.tv_nsec))
		return ETIMEDOUT;
	return 0;
}

int ref_nap(const struct ref_until *until)
{
	const struct timespec ms = {0, 1000000};
	int error = ref_until_check(until);

	if (error == 0)
		error = nanosleep(&ms, NULL) == 0 ? EAGAIN : errno;
	return error;
}

#define YIELDS 3
#define SPIN_NS 4000

static uint32_t processors(void)
{
	static _Atomic uint32_t known;
	uint32_t n = atomic_load_explicit(&known, memory_order_relaxed);
	long found;

	if (n == 0) {
		found = sysconf(_SC_NPROCESSORS_ONLN);
		n = found > 0 ? (uint32_t)found : 1;
		atomic_store_explicit(&known, n, memory_order_relaxed);
	}
	return n;
}

static long ns_since(const struct timespec *start)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (now.tv_sec - start->tv_sec) * 1000000000L + now.tv_nsec -
	       start->tv_nsec;
}

_Thread_local uint32_t ref__cpu_seen;

uint32_t ref_cpu(void)
{
#ifdef PIPC_RSEQ
	if ((int32_t)ref_cpu_hint() >= 0)
		return ref_cpu_hint();
#endif
#ifdef HAVE_SCHED_GETCPU
	ref__cpu_seen = (uint32_t)sched_getcpu();
#endif
	return ref__cpu_seen;
}

static bool spin(bool (*ready)(const void *object), const void *object)
{
	struct timespec start;
	int i;

	clock_gettime(CLOCK_MONOTONIC, &start);
	do {
		for (i = 0; i < 16; i++) {
			if (ready(object))
				return true;
			ref_pause();
		}
	} while (ns_since(&start) < SPIN_NS);
	return ready(object);
}

bool ref_linger(bool (*ready)(const void *object), const void *object,
		uint32_t other)
{
	int i;

	/* On this processor the other side runs only if we do not. */
	if (processors() > 1 && other != ref_cpu())
		return spin(ready, object);
	for (i = 0; i < YIELDS; i++) {
		sched_yield();
		if (ready(object))
			return true;
	}
	return false;
}
