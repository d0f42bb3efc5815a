/* SPDX-License-Identifier: BSD-3-Clause */
/* What the machine's own steps cost, so that ratios travel between machines. */
#include "run.h"

#include <sched.h>
#include <stdlib.h>
#include <sys/resource.h>
#ifdef HAVE_LINUX_FUTEX_H
#include <linux/futex.h>
#include <sys/syscall.h>
#endif

#define WINDOWS 41

/* Both sides' words, a cache line each. */
struct court {
	_Alignas(64) _Atomic uint32_t ball;
	_Alignas(64) struct st_calibration result;
	size_t size; /* of a message */
};

/* Something done n times. */
typedef void step(struct court *c, unsigned n);

/* The median of many short windows: a neighbour spoils only some of them. */
static double cost(step *what, struct court *c, unsigned n)
{
	double window[WINDOWS];
	uint64_t began;
	unsigned i;

	for (i = 0; i < WINDOWS; i++) {
		began = st_ns();
		what(c, n);
		window[i] = (double)(st_ns() - began) / n;
	}
	return st_median(window, WINDOWS);
}

static void read_clock(struct court *c, unsigned n)
{
	(void)c;
	while (n-- > 0)
		st_ns();
}

static void call_system(struct court *c, unsigned n)
{
	(void)c;
	while (n-- > 0)
		getppid();
}

/* To make and look at a message: part of every operation on a queue. */
static void make_and_look(struct court *c, unsigned n)
{
	static union st_buffer b;
	struct st st = {0};

	while (n-- > 0) {
		st_fill(&b, c->size, 0, 1, n, 0);
		st_whole(&st, &b, (ssize_t)c->size, c->size, 1);
	}
}

static double message_cost(struct court *c, size_t size)
{
	c->size = size;
	return cost(make_and_look, c, 400000 / (unsigned)(size + 100));
}

static long switches(void)
{
	struct rusage u;

	getrusage(RUSAGE_SELF, &u);
	return u.ru_nvcsw + u.ru_nivcsw;
}

/* The partner of each game is forked; the group is killed at the end. */
static pid_t partner(unsigned core, void (*play)(struct court *c),
		     struct court *c)
{
	pid_t pid = fork();

	if (pid != 0)
		return pid;
	if (st_pin(core))
		play(c);
	_exit(0);
}

static void always_yield(struct court *c)
{
	(void)c;
	for (;;)
		sched_yield();
}

/* There and back: each of ours is one of the partner's too. */
static double switch_cost(struct court *c)
{
	double window[WINDOWS];
	uint64_t began;
	unsigned i, k, n = 0;
	long before;
	pid_t pid;

	if (!st_pin(0))
		return -1;
	pid = partner(0, always_yield, c);
	for (i = 0; i < WINDOWS; i++) {
		before = switches();
		began = st_ns();
		for (k = 0; k < 200; k++)
			sched_yield();
		if (switches() > before)
			window[n++] = (double)(st_ns() - began) / 2 /
				      (double)(switches() - before);
	}
	kill(pid, SIGKILL);
	return n > 0 ? st_median(window, n) : -1;
}

static void echo(struct court *c)
{
	uint32_t ball;

	for (;;) {
		ball = atomic_load(&c->ball);
		if (ball & 1)
			atomic_store(&c->ball, ball + 1);
	}
}

static void throw_ball(struct court *c, unsigned n)
{
	while (n-- > 0) {
		atomic_fetch_add(&c->ball, 1);
		while (atomic_load(&c->ball) & 1)
			continue;
	}
}

static double line_cost(struct court *c)
{
	double each;
	pid_t pid;

	if (st_cores() < 2 || !st_pin(0))
		return -1;
	c->ball = 0;
	pid = partner(1, echo, c);
	throw_ball(c, 1); /* it has started */
	each = cost(throw_ball, c, 1000);
	kill(pid, SIGKILL);
	return each;
}

#ifdef HAVE_LINUX_FUTEX_H
static void hand_over(struct court *c, uint32_t mine)
{
	syscall(SYS_futex, &c->ball, FUTEX_WAKE, 1, NULL, NULL, 0);
	while (atomic_load(&c->ball) == mine)
		syscall(SYS_futex, &c->ball, FUTEX_WAIT, mine, NULL, NULL, 0);
}

static void wait_and_answer(struct court *c)
{
	uint32_t even = 0;

	for (;; even += 2) {
		while (atomic_load(&c->ball) == even)
			syscall(SYS_futex, &c->ball, FUTEX_WAIT, even, NULL,
				NULL, 0);
		atomic_store(&c->ball, even + 2);
		syscall(SYS_futex, &c->ball, FUTEX_WAKE, 1, NULL, NULL, 0);
	}
}

static void pass_futex(struct court *c, unsigned n)
{
	uint32_t odd;

	while (n-- > 0) {
		odd = atomic_load(&c->ball) + 1;
		atomic_store(&c->ball, odd);
		hand_over(c, odd);
	}
}

static double futex_cost(struct court *c, unsigned core)
{
	double each;
	pid_t pid;

	if (st_cores() <= core || !st_pin(0))
		return -1;
	c->ball = 0;
	pid = partner(core, wait_and_answer, c);
	pass_futex(c, 1); /* the first waits for the fork */
	each = cost(pass_futex, c, core == 0 ? 200 : 20);
	kill(pid, SIGKILL);
	return each;
}
#else
static double futex_cost(struct court *c, unsigned core)
{
	(void)c;
	(void)core;
	return -1;
}
#endif

static void measure(struct st_run *run, void *arg)
{
	struct court *c = arg;
	struct st_calibration *r = &c->result;

	r->clock = cost(read_clock, c, 10000);
	r->syscall = cost(call_system, c, 2000);
	r->message_16 = message_cost(c, 16);
	r->message_1024 = message_cost(c, 1024);
	r->message_8192 = message_cost(c, 8192);
	r->context_switch = switch_cost(c);
	r->cache_line = line_cost(c);
	r->futex_one = futex_cost(c, 0);
	r->futex_two = futex_cost(c, 1);
	r->done = true;
	run->ended = true;
}

struct st_calibration st_calibrate(void)
{
	struct st_calibration r = {0};
	size_t size = sizeof(struct st_run) + sizeof(struct court);
	char *p = mmap(NULL, size, PROT_READ | PROT_WRITE,
		       MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	struct court *c;

	if (p == MAP_FAILED)
		return r;
	c = (void *)p;
	st_guarded((void *)(c + 1), 10, measure, c);
	r = c->result;
	munmap(p, size);
	return r;
}

const struct st_cost st_costs[] = {
    {"clock", offsetof(struct st_calibration, clock)},
    {"syscall", offsetof(struct st_calibration, syscall)},
    {"context_switch", offsetof(struct st_calibration, context_switch)},
    {"cache_line", offsetof(struct st_calibration, cache_line)},
    {"futex_one_core", offsetof(struct st_calibration, futex_one)},
    {"futex_two_cores", offsetof(struct st_calibration, futex_two)},
    {"message_16", offsetof(struct st_calibration, message_16)},
    {"message_1024", offsetof(struct st_calibration, message_1024)},
    {"message_8192", offsetof(struct st_calibration, message_8192)},
    {NULL, 0},
};

double st_cost(const struct st_calibration *c, const struct st_cost *which)
{
	double value;

	memcpy(&value, (const char *)c + which->offset, sizeof(value));
	return value;
}
