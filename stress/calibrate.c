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
#ifndef SYS_futex /* for some it has another name */
#undef HAVE_LINUX_FUTEX_H
#endif

#define LASTS 20000000u /* of each, in ns */

/* Both sides' words, a cache line each. */
struct court {
	_Alignas(64) _Atomic uint32_t ball;
	_Alignas(64) struct st_calibration result;
};

static double each(uint64_t began, uint64_t times)
{
	return (double)(st_ns() - began) / (double)times;
}

static double clock_cost(void)
{
	uint64_t began = st_ns(), n = 0;

	while (st_ns() - began < LASTS)
		n++;
	return each(began, n);
}

static double syscall_cost(void)
{
	uint64_t began = st_ns(), n = 0;
	unsigned i;

	for (; st_ns() - began < LASTS; n += 64)
		for (i = 0; i < 64; i++)
			getppid();
	return each(began, n);
}

/* To make and look at a message: part of every operation on a queue. */
static double message_cost(size_t size)
{
	static union st_buffer b;
	struct st st = {0};
	uint64_t began = st_ns(), n = 0;

	for (; st_ns() - began < LASTS; n++) {
		st_fill(&b, size, 0, 1, n, 0);
		st_whole(&st, &b, (ssize_t)size, size, 1);
	}
	return each(began, n);
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

static double switch_cost(struct court *c)
{
	pid_t pid;
	uint64_t began;
	long before;

	if (!st_pin(0))
		return -1;
	pid = partner(0, always_yield, c);
	before = switches();
	began = st_ns();
	while (st_ns() - began < LASTS)
		sched_yield();
	kill(pid, SIGKILL);
	/* There and back: each of ours is one of the partner's too. */
	return switches() > before
		   ? each(began, 2 * (uint64_t)(switches() - before))
		   : -1;
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

static double line_cost(struct court *c)
{
	uint64_t began, n = 0;
	pid_t pid;

	if (st_cores() < 2 || !st_pin(0))
		return -1;
	c->ball = 0;
	pid = partner(1, echo, c);
	atomic_fetch_add(&c->ball, 1);
	while (atomic_load(&c->ball) & 1)
		continue; /* it has started */
	for (began = st_ns(); st_ns() - began < LASTS; n++) {
		atomic_fetch_add(&c->ball, 1);
		while (atomic_load(&c->ball) & 1)
			continue;
	}
	kill(pid, SIGKILL);
	return each(began, n);
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

static double futex_cost(struct court *c, unsigned core)
{
	uint64_t began, n = 0;
	pid_t pid;

	if (st_cores() <= core || !st_pin(0))
		return -1;
	c->ball = 0;
	pid = partner(core, wait_and_answer, c);
	began = st_ns();
	for (uint32_t odd = 1; n == 0 || st_ns() - began < LASTS; odd += 2) {
		atomic_store(&c->ball, odd);
		hand_over(c, odd);
		if (n++ == 0)
			began = st_ns(); /* the first waits for the fork */
	}
	kill(pid, SIGKILL);
	return each(began, n - 1);
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

	r->clock = clock_cost();
	r->syscall = syscall_cost();
	r->message_32 = message_cost(32);
	r->message_1024 = message_cost(1024);
	r->message_8192 = message_cost(8192);
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
    {"message_32", offsetof(struct st_calibration, message_32)},
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
