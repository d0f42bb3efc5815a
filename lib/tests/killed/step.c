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

enum step { STEPPED, SLEEPS, ENDED };

static struct {
	pid_t pid, tid;
	bool under_way; /* resumed, and not stopped since */
	int signal;	/* that came in between */
} victim;

/* What can be seen of the object: all of its file. */
static struct {
	const char *memory;
	char *before;
	size_t size;
} seen;
struct way *way;

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

static void look(void)
{
	struct stat st;
	int fd = open(object_file, O_RDONLY);

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

static uintptr_t place(void)
{
	uintptr_t pc = 0;
#if defined(__x86_64__) || defined(__i386__) || defined(__aarch64__)
	struct user_regs_struct r;
	struct iovec v = {&r, sizeof(r)};

	if (ptrace(PTRACE_GETREGSET, victim.tid, NT_PRSTATUS, &v) != 0)
		return 0;
#if defined(__x86_64__)
	pc = r.rip;
#elif defined(__i386__)
	pc = (uintptr_t)r.eip;
#else
	pc = r.pc;
#endif
#endif
	return pc;
}

/* The first victim's step: where it led, and whether others can see it. */
static void note(long step)
{
	/* A pair of load and store exclusive never succeeds when stepped. */
	HOLDS(step < STEPS_MAX, "stepped, the operation has no end");
	way->pc[step] = victim.under_way ? 0 : place();
	way->changed[step] =
	    seen.size != 0 && memcmp(seen.before, seen.memory, seen.size) != 0;
	if (way->changed[step])
		memcpy(seen.before, seen.memory, seen.size);
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

/* Until it has done one instruction, or meets a breakpoint. */
static enum step resume(int request)
{
	int status;

	if (!victim.under_way && ptrace(request, victim.tid, NULL,
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
			if (resume(PTRACE_SINGLESTEP) == ENDED)
				unable();
}

static void end(void)
{
	kill(victim.pid, SIGKILL);
	if (victim.tid != victim.pid)
		waitpid(victim.tid, NULL, __WALL);
	waitpid(victim.pid, NULL, 0);
}

/* It stops there from now on; false on processors where we know no way. */
static bool set_breakpoint(uintptr_t pc)
{
#if defined(__x86_64__) || defined(__i386__)
	return ptrace(PTRACE_POKEUSER, victim.tid,
		      offsetof(struct user, u_debugreg[0]), pc) == 0 &&
	       ptrace(PTRACE_POKEUSER, victim.tid,
		      offsetof(struct user, u_debugreg[7]), 1) == 0;
#else
	(void)pc;
	return false;
#endif
}

/* How often it comes to that place between so many and so many steps. */
static long passes(long from, long steps)
{
	long i, n = 0;

	for (i = from; i < steps; i++)
		n += way->pc[i] == way->pc[steps - 1];
	return n;
}

static bool over(const struct scene *s, enum step last)
{
	return last == ENDED || (!s->thread && trial->phase == AFTER);
}

/* It sleeps: the first time something may happen that wakes it. */
static void let_happen(const struct scene *s)
{
	static struct timespec late;

	if (late.tv_sec == 0) {
		late = from_now(PATIENCE * 1000L);
		ticking(false);
		if (s->meanwhile != NULL)
			s->meanwhile();
		ticking(true);
	}
	HOLDS(from_now(0).tv_sec <= late.tv_sec, "the victim waits in vain");
}

/* Step by step, noting what it does. */
static void lead(const struct scene *s, long steps, bool noting)
{
	enum step last = STEPPED;
	bool slept = false;

	for (trial->steps = 0; trial->steps < steps;) {
		last = resume(PTRACE_SINGLESTEP);
		trial->ended = over(s, last);
		if (trial->ended)
			return;
		if (last == SLEEPS && slept) {
			let_happen(s);
			continue;
		}
		if (noting)
			note(trial->steps);
		trial->steps++;
		if (last == SLEEPS && noting)
			way->asleep = trial->steps;
		slept = slept || last == SLEEPS;
	}
}

/*
 * The same, but running: until it has slept, if that comes before, from system
 * call to system call, so that it stops as soon as it wakes; then until it has
 * come to the place so often.
 */
static bool run_to_sleep(const struct scene *s, long steps)
{
	enum step last = STEPPED;

	while (last != SLEEPS) {
		last = resume(PTRACE_SYSCALL);
		trial->ended = over(s, last);
		if (trial->ended || (last == SLEEPS && steps == way->asleep))
			return false;
	}
	while (last == SLEEPS) {
		let_happen(s);
		last = resume(PTRACE_SYSCALL);
	}
	trial->ended = over(s, last);
	return !trial->ended;
}

static void run(const struct scene *s, long steps)
{
	long from = 0, left;
	enum step last;

	trial->steps = steps;
	if (way->asleep != 0 && steps >= way->asleep) {
		if (!run_to_sleep(s, steps))
			return;
		from = way->asleep + 1;
	}
	left = passes(from, steps);
	if (left != 0 && !set_breakpoint(way->pc[steps - 1]))
		unable();
	while (left > 0) {
		last = resume(PTRACE_CONT);
		trial->ended = over(s, last);
		if (trial->ended)
			return;
		if (last == SLEEPS)
			let_happen(s);
		else if (victim.signal == 0)
			left--;
	}
}

void strike(const struct scene *s, long steps)
{
	bool known = way->steps != 0;

	sigaction(SIGALRM, &(struct sigaction){.sa_handler = tick}, NULL);
	start(s);
	ticking(true);
	if (!known)
		look();
	if (known && steps <= way->steps && set_breakpoint(0))
		run(s, steps);
	else
		lead(s, steps, !known);
	ticking(false);
	if (!known)
		way->steps = trial->steps;
	trial->pc = victim.under_way ? 0 : place();
	end();
}
