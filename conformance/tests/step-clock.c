/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * LD_PRELOAD: once a child of this program has looked at a clock so many times,
 * the wall clock is an hour ahead for all of them, as if an administrator had
 * set it, while the kernel's stays.
 */
#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif
#include <stdatomic.h>
#include <stdbool.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#define LOOKS 100

static pid_t process, program;
static int looks;
static _Atomic bool *stepped;

__attribute__((constructor)) static void start(void)
{
	void *shared = mmap(NULL, sizeof(*stepped), PROT_READ | PROT_WRITE,
			    MAP_SHARED | MAP_ANONYMOUS, -1, 0);

	process = program = getpid();
	if (shared != MAP_FAILED)
		stepped = shared;
}

int clock_gettime(clockid_t clock, struct timespec *ts)
{
	int result = (int)syscall(SYS_clock_gettime, clock, ts);

	if (stepped == NULL)
		return result;
	if (process != getpid()) {
		process = getpid();
		looks = 0;
	}
	if (process != program && ++looks == LOOKS)
		*stepped = true;
	if (clock == CLOCK_REALTIME && *stepped)
		ts->tv_sec += 3600;
	return result;
}
