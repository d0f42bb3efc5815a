/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * LD_PRELOAD: from the monotonic second $STEP_AT on the wall clock is an hour
 * ahead, as if an administrator had set it, while the kernel's stays.
 */
#define _GNU_SOURCE
#include <stdlib.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

int clock_gettime(clockid_t clock, struct timespec *ts)
{
	const char *at = getenv("STEP_AT");
	struct timespec now;
	int result = (int)syscall(SYS_clock_gettime, clock, ts);

	syscall(SYS_clock_gettime, CLOCK_MONOTONIC, &now);
	if (clock == CLOCK_REALTIME && at != NULL && now.tv_sec >= atol(at))
		ts->tv_sec += 3600;
	return result;
}
