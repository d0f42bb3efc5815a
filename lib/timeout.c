/* SPDX-License-Identifier: BSD-3-Clause */
/* Time-outs: from seconds, and to the deadline that POSIX calls take. */
#include "internal.h"

#include <limits.h>
#include <stdint.h>

#define NSEC_PER_SEC 1000000000L

/* The last second of a signed time_t, whatever its width. */
static time_t time_max(void)
{
	return (time_t)((UINTMAX_C(1) << (sizeof(time_t) * CHAR_BIT - 1)) - 1);
}

struct timespec pipc_seconds(double seconds)
{
	struct timespec ts = {-1, 0};

	if (!(seconds >= 0)) /* negative, or not a number */
		return ts;
	if (seconds >= (double)time_max()) {
		ts.tv_sec = time_max();
		return ts;
	}
	ts.tv_sec = (time_t)seconds;
	ts.tv_nsec = (long)((seconds - (double)ts.tv_sec) * NSEC_PER_SEC);
	/* A time-out too small for a nanosecond must still not be "never". */
	if (ts.tv_sec == 0 && ts.tv_nsec == 0 && seconds > 0)
		ts.tv_nsec = 1;
	return ts;
}

COLD bool pipc__deadline(clockid_t clock, const struct timespec *timeout,
			 struct timespec *end)
{
	if (clock_gettime(clock, end) != 0)
		return false;
	if (timeout->tv_sec >= time_max() - end->tv_sec - 1) {
		end->tv_sec = time_max();
		return true;
	}
	end->tv_sec += timeout->tv_sec;
	end->tv_nsec += timeout->tv_nsec;
	if (end->tv_nsec >= NSEC_PER_SEC) {
		end->tv_nsec -= NSEC_PER_SEC;
		end->tv_sec++;
	}
	return true;
}
