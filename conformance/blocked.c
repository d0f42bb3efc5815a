/* SPDX-License-Identifier: BSD-3-Clause */
/* Asks the system whether a process or thread is blocked. */
#include "run.h"

#include <poll.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#ifdef HAVE_SYS_SYSCALL_H
#include <sys/syscall.h>
#endif

/*
 * A /proc of another namespace of processes tells of others under the numbers
 * of ours: what it says of processes is not used.
 */
static bool tells_of_others(const char *path)
{
	static int others = -1;
	char text[32];
	long self;
	ssize_t n;

	if (strncmp(path, "/proc/", 6) != 0 || path[6] < '0' || path[6] > '9')
		return false;
	if (others < 0) {
		n = readlink("/proc/self", text, sizeof(text) - 1);
		text[n > 0 ? n : 0] = '\0';
		self = strtol(text, NULL, 10);
		others = self > 0 ? self != getpid() : n < 0 && errno == ENOENT;
	}
	return others != 0;
}

bool ct__read_file(const char *path, char *text, size_t size)
{
	ssize_t n;
	int fd;

	if (tells_of_others(path) || (fd = open(path, O_RDONLY)) < 0)
		return false;
	n = read(fd, text, size - 1);
	close(fd);
	if (n <= 0)
		return false;
	text[n] = '\0';
	return true;
}

/* The letter of a state; 0 where the system does not tell. */
static char state_in(const char *path)
{
	char text[256], *p;

	if (!ct__read_file(path, text, sizeof(text)))
		return 0;
	p = strrchr(text, ')');
	return p != NULL && p[1] == ' ' ? p[2] : 0;
}

char ct__process_state(pid_t pid)
{
	char path[64];

	snprintf(path, sizeof(path), "/proc/%ld/stat", (long)pid);
	return state_in(path);
}

char ct__thread_state(pid_t pid, long thread)
{
	char path[64];

	snprintf(path, sizeof(path), "/proc/%ld/task/%ld/stat", (long)pid,
		 thread);
	return state_in(path);
}

long ct__thread_number(void)
{
#ifdef SYS_gettid
	return syscall(SYS_gettid);
#else
	return 0;
#endif
}

long ct__switches(pid_t pid, long thread)
{
	char path[64], text[4096], state = ct__thread_state(pid, thread);
	const char *p;

	if (state == 'R' || state == 'D')
		return -1;
	snprintf(path, sizeof(path), "/proc/%ld/task/%ld/status", (long)pid,
		 thread);
	if (!ct__read_file(path, text, sizeof(text)) ||
	    (p = strstr(text, "\nvoluntary_ctxt_switches:")) == NULL)
		return 0; /* it has ended, or nobody tells */
	return strtol(p + 25, NULL, 10);
}

/* Asleep, seen that many times in a row; false when it has ended. */
static bool await_sleep(pid_t pid, long thread, int times)
{
	struct pollfd nothing = {-1, 0, 0};
	int asleep = 0;
	char state;

	while (asleep < times) {
		state = thread != 0 ? ct__thread_state(pid, thread)
				    : ct__process_state(pid);
		if (state == 'Z' || state == 'X' ||
		    (state == 0 && ct__process_state(getpid()) != 0))
			return false;
		if (state == 0) /* no way to ask: a settle time */
			return poll(&nothing, 0, 100) == 0;
		asleep = state == 'S' ? asleep + 1 : 0;
		sched_yield();
	}
	return true;
}

/* The other side has said that its next call is the one to block in. */
bool ct__await_blocked(struct ct *t, pid_t pid, long thread)
{
	if (await_sleep(pid, thread, 20))
		return true;
	ct_fail(t, "the call that must block did not: its caller has ended");
	return false;
}

bool ct__waits_poll;

/*
 * A wait that polls wakes all the time: that it does so does not tell that the
 * call has returned.  What is left is that its caller sleeps, and has not
 * ended.
 */
bool ct__still_blocked(struct ct *t, pid_t pid, long thread)
{
	long before;

	/* Only that thread: an emulator has threads of its own, which wake. */
	if (thread == 0)
		thread = pid;
	before = ct__switches(pid, thread);
	ct_settle(t);
	return await_sleep(pid, thread, 3) &&
	       (ct__waits_poll || before == ct__switches(pid, thread));
}
