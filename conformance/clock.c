/* SPDX-License-Identifier: BSD-3-Clause */
/* Deadlines and settle times. */
#include "run.h"

#include <poll.h>
#include <stdlib.h>

struct timespec ct__past = {1, 0};

/* Moves a time. */
void ct__later(struct timespec *ts, long ms)
{
	ts->tv_sec += ms / 1000;
	ts->tv_nsec += ms % 1000 * 1000000L;
	if (ts->tv_nsec >= 1000000000L) {
		ts->tv_sec++;
		ts->tv_nsec -= 1000000000L;
	} else if (ts->tv_nsec < 0) {
		ts->tv_sec--;
		ts->tv_nsec += 1000000000L;
	}
}

struct timespec ct_in_ms(clockid_t clock, long ms)
{
	struct timespec ts;

	clock_gettime(clock, &ts);
	ct__later(&ts, ms);
	return ts;
}

struct timespec ct_before_tick(clockid_t clock)
{
	enum { TICK = 10000000, AT = 9000000 };
	struct timespec ts;
	long phase;

	clock_gettime(clock, &ts);
	phase = ts.tv_nsec % TICK;
	ts.tv_nsec += AT - phase;
	if (phase >= AT)
		ts.tv_nsec += TICK;
	if (ts.tv_nsec >= 1000000000L) {
		ts.tv_sec++;
		ts.tv_nsec -= 1000000000L;
	}
	return ts;
}

bool ct_reached(clockid_t clock, const struct timespec *deadline)
{
	struct timespec now;

	clock_gettime(clock, &now);
	return now.tv_sec != deadline->tv_sec
		   ? now.tv_sec > deadline->tv_sec
		   : now.tv_nsec >= deadline->tv_nsec;
}

long ct_ms_since(clockid_t clock, const struct timespec *start)
{
	struct timespec now;

	clock_gettime(clock, &now);
	return (long)(now.tv_sec - start->tv_sec) * 1000 +
	       (now.tv_nsec - start->tv_nsec) / 1000000;
}

/* Slow machines, emulators: every upper bound is multiplied by one factor. */
long ct_patience(long ms)
{
	const char *text = getenv("PIPC_TIMEOUT_MULTIPLIER");
	long factor = text != NULL ? strtol(text, NULL, 10) : 1;

	return factor > 1 ? ms * factor : ms;
}

#define LOOK_MS 200 /* from one look to the next, unless we were stopped */

struct ct__wait ct__wait(long ms)
{
	struct ct__wait w;

	w.end = ct_in_ms(CLOCK_MONOTONIC, ct_patience(ms));
	clock_gettime(CLOCK_MONOTONIC, &w.seen);
	return w;
}

/*
 * Is the time over?  Asked every few milliseconds: when it was not asked for
 * long, then this process was stopped, and perhaps all of them.
 */
bool ct__wait_is_over(struct ct__wait *w)
{
	long ms = ct_ms_since(CLOCK_MONOTONIC, &w->seen);

	clock_gettime(CLOCK_MONOTONIC, &w->seen);
	if (ms > LOOK_MS)
		ct__later(&w->end, ms - LOOK_MS);
	return ct_reached(CLOCK_MONOTONIC, &w->end);
}

void ct_settle(struct ct *t)
{
	struct timespec end = ct_in_ms(CLOCK_MONOTONIC, 20);
	struct pollfd nothing = {-1, 0, 0};

	(void)t;
	while (!ct_reached(CLOCK_MONOTONIC, &end))
		poll(&nothing, 0, 5);
}
