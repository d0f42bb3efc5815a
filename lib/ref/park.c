/* SPDX-License-Identifier: BSD-3-Clause */
/* What comes before sleeping, and what of it is the same everywhere. */
#include "ref.h"

#include <limits.h>
#include <sched.h>

/*
 * A wait was interrupted, and the system does not say whether the handler asked
 * for it to go on.  It did if all handlers do.
 */
COLD bool ref_all_restart(void)
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

int ref_until_check(const struct ref_until *until)
{
	const struct timespec *end = until->deadline;
	struct timespec now;

	if (end == NULL)
		return 0;
	if (end->tv_nsec < 0 || end->tv_nsec >= 1000000000L)
		return EINVAL;
	/* Past by every clock, also one that cannot be read. */
	if (end->tv_sec == 0 && end->tv_nsec == 0)
		return ETIMEDOUT;
	if (clock_gettime(until->clock, &now) != 0)
		return errno;
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
#define COMING_NS 100000

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

long ref_ns_since(const struct timespec *start)
{
	struct timespec now = *start;

	if (clock_gettime(CLOCK_MONOTONIC, &now) != 0)
		return LONG_MAX; /* whatever ends after a time, ends */
	return (now.tv_sec - start->tv_sec) * 1000000000L + now.tv_nsec -
	       start->tv_nsec;
}

uint32_t ref_ms(void)
{
#if defined(CLOCK_MONOTONIC_COARSE)
	const clockid_t clock = CLOCK_MONOTONIC_COARSE;
#elif defined(CLOCK_MONOTONIC_FAST)
	const clockid_t clock = CLOCK_MONOTONIC_FAST;
#else
	const clockid_t clock = CLOCK_MONOTONIC;
#endif
	struct timespec now = {0, 0};

	clock_gettime(clock, &now);
	return (uint32_t)now.tv_sec * 1000u +
	       (uint32_t)(now.tv_nsec / 1000000L);
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

bool ref_elsewhere(uint32_t other)
{
	return processors() > 1 && other != ref_cpu();
}

bool ref_glance(bool (*ready)(const void *object), const void *object)
{
	int i;

	for (i = 0; i < 16; i++) {
		if (ready(object))
			return true;
		ref_pause();
	}
	return false;
}

/*
 * Longer while the other side comes, whom we woke: to sleep meanwhile would
 * have us woken by it in turn, and so on for ever.
 */
static bool spin(bool (*ready)(const void *object), const void *object,
		 const struct ref_waits *w)
{
	struct timespec start = {0, 0};
	long now = 0, end = SPIN_NS;

	if (ref_glance(ready, object))
		return true;
	clock_gettime(CLOCK_MONOTONIC, &start);
	do {
		if (now < COMING_NS && ref_is_coming(w)) {
			end = now + SPIN_NS;
			sched_yield(); /* it may have come to this processor */
		}
		if (ref_glance(ready, object))
			return true;
		now = ref_ns_since(&start);
	} while (now < end);
	return ready(object);
}

bool ref_linger(bool (*ready)(const void *object), const void *object,
		uint32_t other, const struct ref_waits *w)
{
	int i;

	/* On this processor the other side runs only if we do not. */
	if (ref_elsewhere(other))
		return spin(ready, object, w);
	for (i = 0; i < YIELDS; i++) {
		sched_yield();
		if (ready(object))
			return true;
	}
	return false;
}
