/* SPDX-License-Identifier: BSD-3-Clause */
/* Bugs in waiting with a deadline. */
#include "mutant.h"

#include <errno.h>

#define TIMED(name) static int name(sem_t *sem, const struct timespec *end)
#define CLOCKED(name)                                                          \
	static int name(sem_t *sem, clockid_t clock, const struct timespec *end)

static int fails(int error)
{
	errno = error;
	return -1;
}

static struct timespec shifted(const struct timespec *end, long ms)
{
	struct timespec ts = *end;

	ts.tv_nsec += ms * 1000000;
	while (ts.tv_nsec >= 1000000000) {
		ts.tv_sec++;
		ts.tv_nsec -= 1000000000;
	}
	while (ts.tv_nsec < 0) {
		ts.tv_sec--;
		ts.tv_nsec += 1000000000;
	}
	return ts;
}

static bool bad(const struct timespec *end)
{
	return end->tv_nsec < 0 || end->tv_nsec >= 1000000000;
}

TIMED(early)
{
	struct timespec ts = bad(end) ? *end : shifted(end, -2);

	return ct_base->sem_timedwait(sem, &ts);
}
CT_MUTANT(sem_timedwait_early, .breaks = "SEM-048",
	  .text = "a wait ends 2 ms early", .os.sem_timedwait = early);

TIMED(by_ticks)
{
	struct timespec ts = *end;

	if (!bad(end))
		ts.tv_nsec -= ts.tv_nsec % 10000000;
	return ct_base->sem_timedwait(sem, &ts);
}
CT_MUTANT(sem_timedwait_by_ticks, .breaks = "SEM-048",
	  .text = "a deadline is rounded down to 10 ms",
	  .os.sem_timedwait = by_ticks);

TIMED(whole_seconds)
{
	struct timespec ts = {end->tv_sec, 0};

	return ct_base->sem_timedwait(sem, bad(end) ? end : &ts);
}
/* The library's time-outs end by this call where there is one. */
static int clock_whole_seconds(sem_t *sem, clockid_t clock,
			       const struct timespec *end)
{
	struct timespec ts = {end->tv_sec, 0};

	return ct_base->sem_clockwait(sem, clock, bad(end) ? end : &ts);
}
CT_MUTANT(sem_timedwait_whole_seconds, .breaks = "SEM-048 SEM-056",
	  .text = "the nanoseconds are not looked at",
	  .os.sem_timedwait = whole_seconds,
	  .os.sem_clockwait = clock_whole_seconds);

TIMED(rounds_up)
{
	struct timespec ts = {end->tv_sec + (end->tv_nsec > 0), 0};

	return ct_base->sem_timedwait(sem, bad(end) ? end : &ts);
}
static int clock_rounds_up(sem_t *sem, clockid_t clock,
			   const struct timespec *end)
{
	struct timespec ts = {end->tv_sec + (end->tv_nsec > 0), 0};

	return ct_base->sem_clockwait(sem, clock, bad(end) ? end : &ts);
}
CT_MUTANT(sem_timedwait_rounds_up, .breaks = "SEM-049 SEM-056",
	  .text = "deadlines are rounded up to seconds",
	  .os.sem_timedwait = rounds_up, .os.sem_clockwait = clock_rounds_up);

TIMED(late)
{
	struct timespec ts = bad(end) ? *end : shifted(end, 300);

	return ct_base->sem_timedwait(sem, &ts);
}
CT_MUTANT(sem_timedwait_late, .breaks = "SEM-049",
	  .text = "a wait ends 300 ms late", .os.sem_timedwait = late);

TIMED(checks_time_first)
{
	struct timespec now;

	clock_gettime(CLOCK_REALTIME, &now);
	if (!bad(end) && now.tv_sec > end->tv_sec)
		return fails(ETIMEDOUT);
	return ct_base->sem_timedwait(sem, end);
}
CT_MUTANT(sem_timedwait_checks_time_first, .breaks = "SEM-045",
	  .text = "a passed deadline is ETIMEDOUT whatever the value",
	  .os.sem_timedwait = checks_time_first);

TIMED(passed_succeeds)
{
	int result = ct_base->sem_timedwait(sem, end);

	return result != 0 && errno == ETIMEDOUT ? 0 : result;
}
CT_MUTANT(sem_timedwait_succeeds, .breaks = "SEM-047 SEM-048 SEM-110",
	  .text = "a wait that timed out says success",
	  .os.sem_timedwait = passed_succeeds);

TIMED(passed_eagain)
{
	int result = ct_base->sem_timedwait(sem, end);

	return result != 0 && errno == ETIMEDOUT ? fails(EAGAIN) : result;
}
CT_MUTANT(sem_timedwait_eagain, .breaks = "SEM-047 SEM-048 SEM-055",
	  .text = "a wait that timed out is EAGAIN",
	  .os.sem_timedwait = passed_eagain);

TIMED(unchecked_negative)
{
	struct timespec ts = {end->tv_sec, 0};

	return ct_base->sem_timedwait(sem, end->tv_nsec < 0 ? &ts : end);
}
CT_MUTANT(sem_timedwait_nsec_negative, .breaks = "SEM-051",
	  .text = "negative nanoseconds are taken for 0",
	  .os.sem_timedwait = unchecked_negative);

TIMED(unchecked_large)
{
	struct timespec ts = {end->tv_sec, 999999999};

	return ct_base->sem_timedwait(sem,
				      end->tv_nsec > 999999999 ? &ts : end);
}
CT_MUTANT(sem_timedwait_nsec_large, .breaks = "SEM-052",
	  .text = "too many nanoseconds are cut",
	  .os.sem_timedwait = unchecked_large);

TIMED(off_by_one)
{
	struct timespec ts = {end->tv_sec, 999999999};

	return ct_base->sem_timedwait(sem,
				      end->tv_nsec == 1000000000 ? &ts : end);
}
CT_MUTANT(sem_timedwait_nsec_off_by_one, .breaks = "SEM-052",
	  .text = "1000 million nanoseconds pass",
	  .os.sem_timedwait = off_by_one);

TIMED(bad_edom)
{
	if (end->tv_nsec < 0 || end->tv_nsec > 999999999)
		return fails(EDOM);
	return ct_base->sem_timedwait(sem, end);
}
CT_MUTANT(sem_timedwait_edom, .breaks = "SEM-046 SEM-051 SEM-052",
	  .text = "bad nanoseconds are EDOM", .os.sem_timedwait = bad_edom);

TIMED(bad_takes)
{
	if (bad(end))
		ct_base->sem_trywait(sem);
	return ct_base->sem_timedwait(sem, end);
}
CT_MUTANT(sem_timedwait_bad_takes, .breaks = "SEM-046",
	  .text = "a refused wait has taken one",
	  .os.sem_timedwait = bad_takes);

TIMED(negative_forever)
{
	return end->tv_sec < 0 ? ct_base->sem_wait(sem)
			       : ct_base->sem_timedwait(sem, end);
}
CT_MUTANT(sem_timedwait_negative_forever, .breaks = "SEM-053",
	  .text = "negative seconds wait without limit",
	  .os.sem_timedwait = negative_forever);

/* Who gives up leaves a waiter behind, which the next post goes to. */
static int *ghosts;

static void share_ghosts(void)
{
	ghosts = ct_mutant_shared(sizeof(*ghosts));
}

TIMED(leaves_ghost)
{
	int result = ct_base->sem_timedwait(sem, end);

	if (result != 0)
		__atomic_store_n(ghosts, 1, __ATOMIC_SEQ_CST);
	return result;
}

static int post_to_ghost(sem_t *sem)
{
	if (__atomic_exchange_n(ghosts, 0, __ATOMIC_SEQ_CST) != 0)
		return 0;
	return ct_base->sem_post(sem);
}
CT_MUTANT(sem_timedwait_ghost,
	  .breaks = "SEM-047 SEM-051 SEM-052 SEM-053 SEM-054 SEM-110",
	  .text = "who gave up still counts as a waiter", .init = share_ghosts,
	  .os.sem_timedwait = leaves_ghost, .os.sem_post = post_to_ghost);

TIMED(monotonic)
{
	return bad(end) ? fails(EINVAL)
			: ct_base->sem_clockwait(sem, CLOCK_MONOTONIC, end);
}
CT_MUTANT(sem_timedwait_monotonic, .breaks = "SEM-055",
	  .text = "deadlines are of CLOCK_MONOTONIC",
	  .os.sem_timedwait = monotonic);

TIMED(polls)
{
	return bad(end) || ct_base->sem_trywait(sem) == 0
		   ? ct_base->sem_timedwait(sem, end)
		   : fails(ETIMEDOUT);
}
CT_MUTANT(sem_timedwait_polls, .breaks = "SEM-048 SEM-050",
	  .text = "sem_timedwait does not wait", .os.sem_timedwait = polls);

TIMED(takes_twice)
{
	int result = ct_base->sem_timedwait(sem, end);

	if (result == 0)
		ct_base->sem_trywait(sem);
	return result;
}
CT_MUTANT(sem_timedwait_takes_two, .breaks = "SEM-045",
	  .text = "sem_timedwait takes two where it can",
	  .os.sem_timedwait = takes_twice);

TIMED(post_unseen)
{
	static sem_t nobodys;
	int result = ct_base->sem_trywait(sem);

	if (result == 0)
		return 0;
	ct_base->sem_init(&nobodys, 0, 0);
	return ct_base->sem_timedwait(&nobodys, end);
}
CT_MUTANT(sem_timedwait_post_unseen, .breaks = "SEM-050",
	  .text = "a post does not end sem_timedwait",
	  .os.sem_timedwait = post_unseen);

CLOCKED(one_clock)
{
	(void)clock;
	return ct_base->sem_clockwait(sem, CLOCK_REALTIME, end);
}
CT_MUTANT(sem_clockwait_realtime, .breaks = "SEM-082 SEM-124 SEM-125",
	  .text = "sem_clockwait knows one clock",
	  .os.sem_clockwait = one_clock);

CLOCKED(clock_early)
{
	struct timespec ts = bad(end) ? *end : shifted(end, -2);

	return ct_base->sem_clockwait(sem, clock, &ts);
}
CT_MUTANT(sem_clockwait_early, .breaks = "SEM-082 SEM-124",
	  .text = "sem_clockwait ends 2 ms early",
	  .os.sem_clockwait = clock_early);

CLOCKED(clock_unchecked)
{
	struct timespec ts = {end->tv_sec, 0};

	return ct_base->sem_clockwait(sem, clock, bad(end) ? &ts : end);
}
CT_MUTANT(sem_clockwait_unchecked, .breaks = "SEM-125",
	  .text = "sem_clockwait does not look at bad nanoseconds",
	  .os.sem_clockwait = clock_unchecked);
