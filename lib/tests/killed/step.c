/* SPDX-License-Identifier: BSD-3-Clause */
/* Executes a process instruction by instruction, and kills it. */
#include "killed.h"

#include <elf.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ptrace.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <sys/uio.h>
#include <sys/user.h>
#include <sys/wait.h>

/*
 * Longer is no operation.  On processors without atomic instructions a stepped
 * pair of load and store exclusive never succeeds.
 */
#define STEPS_MAX 100000

enum step { STEPPED, SLEEPS, ENDED };

static struct {
	pid_t pid, tid;
	bool under_way; /* a step that has not come to its end */
	int signal;	/* that came in between */
} victim;

/* What can be seen of the object: all of its file. */
static struct {
	const char *memory;
	char *before;
	size_t size;
} seen;

static bool asleep(pid_t pid)
{
	char path[40], text[200] = "", *p;
	FILE *f;

	snprintf(path, sizeof(path), "/proc/%d/stat", (int)pid);
	f = fopen(path, "r");
	if (f == NULL)
		return false;
	p = fgets(text, sizeof(text), f);
	fclose(f);
	p = p != NULL ? strrchr(text, ')') : NULL;
	return p != NULL && p[1] == ' ' && p[2] == 'S';
}

static bool peer_sleeps(int i)
{
	return trial->peer[i].began && asleep(trial->peer[i].pid);
}

void peer_is_asleep(int i)
{
	struct timespec end = from_now(PATIENCE * 1000L), now;

	do {
		if (peer_sleeps(i))
			return;
		sched_yield();
		now = from_now(0);
	} while (now.tv_sec <= end.tv_sec);
	broken("peer %d does not wait", i);
}

static void look(const char *file)
{
	struct stat st;
	int fd = open(file, O_RDONLY);

	seen.size = 0;
	if (fd < 0)
		return;
	if (fstat(fd, &st) == 0) {
		seen.size = (size_t)st.st_size;
		seen.memory =
		    mmap(NULL, seen.size, PROT_READ, MAP_SHARED, fd, 0);
		seen.before = malloc(seen.size);
		HOLDS(seen.memory != MAP_FAILED && seen.before, "no memory");
		memcpy(seen.before, seen.memory, seen.size);
	}
	close(fd);
}

static void note_change(void)
{
	if (seen.size == 0 ||
	    memcmp(seen.before, seen.memory, seen.size) == 0)
		return;
	memcpy(seen.before, seen.memory, seen.size);
	if (trial->points < POINTS)
		trial->point[trial->points++] = trial->steps;
}

static void note_place(void)
{
#if defined(__x86_64__) || defined(__i386__) || defined(__aarch64__)
	struct user_regs_struct r;
	struct iovec v = {&r, sizeof(r)};

	if (ptrace(PTRACE_GETREGSET, victim.tid, NT_PRSTATUS, &v) != 0)
		return;
#if defined(__x86_64__)
	trial->pc = r.rip;
#elif defined(__i386__)
	trial->pc = (uintptr_t)r.eip;
#else
	trial->pc = r.pc;
#endif
#endif
}

static _Noreturn void be_victim(const struct scene *s)
{
	if (ptrace(PTRACE_TRACEME, 0, NULL, NULL) != 0)
		_exit(3);
	syscall(SYS_kill, getpid(), SIGSTOP);
	atomic_store(&trial->phase, DURING);
	trial->result = s->act();
	trial->error = errno;
	atomic_store(&trial->phase, AFTER);
	for (;;)
		pause();
}

static void unable(void)
{
	trial->unable = true;
	broken("a process cannot be stepped: %s", strerror(errno));
}

/* While it is on, waitpid() is interrupted now and then. */
static void ticking(bool on)
{
	const struct itimerval tick = {{0, on ? 2000 : 0}, {0, on ? 2000 : 0}};

	setitimer(ITIMER_REAL, &tick, NULL);
}

static void tick(int number)
{
	(void)number;
}

/* Has it done one more instruction?  It may sleep in it for a long time. */
static enum step step(void)
{
	int status;

	if (!victim.under_way &&
	    ptrace(PTRACE_SINGLESTEP, victim.tid, NULL,
		   (void *)(intptr_t)victim.signal) != 0)
		unable();
	victim.under_way = true;
	while (waitpid(victim.tid, &status, __WALL) < 0)
		if (asleep(victim.tid))
			return SLEEPS;
	victim.under_way = false;
	if (!WIFSTOPPED(status))
		return ENDED;
	victim.signal = WSTOPSIG(status) == SIGTRAP ? 0 : WSTOPSIG(status);
	return STEPPED;
}

/* Goes on with the thread that the operation starts; the other one is free. */
static void follow_thread(void)
{
	unsigned long tid;
	int status;

	if (ptrace(PTRACE_SETOPTIONS, victim.pid, NULL,
		   (void *)PTRACE_O_TRACECLONE) != 0)
		unable();
	do {
		if (ptrace(PTRACE_CONT, victim.pid, NULL, NULL) != 0 ||
		    waitpid(victim.pid, &status, 0) != victim.pid ||
		    !WIFSTOPPED(status))
			unable();
	} while (status >> 8 != (SIGTRAP | PTRACE_EVENT_CLONE << 8));
	ptrace(PTRACE_GETEVENTMSG, victim.pid, NULL, &tid);
	victim.tid = (pid_t)tid;
	waitpid(victim.tid, &status, __WALL);
	ptrace(PTRACE_DETACH, victim.pid, NULL, NULL);
}

static void start(const struct scene *s)
{
	int status;

	victim.signal = 0;
	victim.under_way = false;
	atomic_store(&trial->phase, BEFORE);
	victim.pid = victim.tid = fork();
	if (victim.pid == 0)
		be_victim(s);
	if (waitpid(victim.pid, &status, 0) != victim.pid ||
	    !WIFSTOPPED(status))
		unable();
	if (s->thread)
		follow_thread();
	else
		while (trial->phase == BEFORE)
			if (step() == ENDED)
				unable();
}

static void end(void)
{
	kill(victim.pid, SIGKILL);
	if (victim.tid != victim.pid)
		waitpid(victim.tid, NULL, __WALL);
	waitpid(victim.pid, NULL, 0);
}

static bool over(const struct scene *s, enum step last)
{
	return last == ENDED || (!s->thread && trial->phase == AFTER);
}

void strike(const struct scene *s, long steps, const char *file)
{
	struct timespec late = from_now(PATIENCE * 1000L);
	enum step last = STEPPED;
	bool slept = false;

	sigaction(SIGALRM, &(struct sigaction){.sa_handler = tick}, NULL);
	start(s);
	ticking(true);
	look(file != NULL ? file : "");
	for (trial->steps = 0; trial->steps < steps; trial->steps++) {
		last = step();
		if (over(s, last))
			break;
		note_change();
		HOLDS(trial->steps < STEPS_MAX, "the operation has no end");
		if (last != SLEEPS)
			continue;
		HOLDS(from_now(0).tv_sec <= late.tv_sec,
		      "the victim waits in vain");
		if (slept || s->meanwhile == NULL) {
			trial->steps--; /* just the time passes */
			continue;
		}
		slept = true;
		if (trial->steps + 1 < steps) {
			ticking(false);
			s->meanwhile();
			ticking(true);
		}
	}
	ticking(false);
	trial->ended = over(s, last);
	note_place();
	end();
}
