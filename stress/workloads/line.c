/* SPDX-License-Identifier: BSD-3-Clause */
/* What no hand-over between processes can beat: a cache line, and a futex. */
#include "stress.h"

#ifdef HAVE_LINUX_FUTEX_H
#include <linux/futex.h>
#include <sys/syscall.h>
#endif

/* Odd: the second one's turn.  Nobody's: the end. */
#define NOBODY UINT32_MAX
struct court {
	_Alignas(64) _Atomic uint32_t ball;
	char rest[60];
};

static uint32_t spin(struct court *c, uint32_t mine)
{
	uint32_t ball;

	while ((ball = atomic_load(&c->ball)) % 2 != mine % 2 && ball != NOBODY)
		continue;
	return ball;
}

static void line_ping(struct st *st, struct st_worker *w, void *arg)
{
	struct court *c = arg;
	unsigned i;

	(void)st;
	while (st_go(w)) {
		for (i = 0; i < ST_BATCH; i++) {
			atomic_fetch_add(&c->ball, 1);
			spin(c, 0);
		}
		st_done(w, ST_BATCH);
	}
	atomic_store(&c->ball, NOBODY);
}

static void line_pong(struct st *st, struct st_worker *w, void *arg)
{
	struct court *c = arg;
	uint32_t ball;

	(void)st;
	while ((ball = spin(c, 1)) != NOBODY) {
		st_go(w);
		atomic_store(&c->ball, ball + 1);
	}
}

ST_WORKLOAD(line_pingpong, .id = "line/pingpong", .op = "round trip",
	    .text = "a word of memory to and fro, nobody sleeps, for scale",
	    .baseline = true, .bench = ST_AT_TWO)
{
	struct court *c = st_memory(st, sizeof(*c));

	if (st->cores < 2)
		st_skip(st, "one core");
	st_start(st, 0, line_ping, c);
	st_start(st, 1, line_pong, c);
	st_measure(st, NULL);
}

#ifdef HAVE_LINUX_FUTEX_H
static uint32_t sleep_until(struct court *c, uint32_t mine)
{
	uint32_t ball;

	while ((ball = atomic_load(&c->ball)) % 2 != mine % 2 && ball != NOBODY)
		syscall(SYS_futex, &c->ball, FUTEX_WAIT, ball, NULL, NULL, 0);
	return ball;
}

static void throw(struct court * c, uint32_t ball)
{
	atomic_store(&c->ball, ball);
	syscall(SYS_futex, &c->ball, FUTEX_WAKE, 1, NULL, NULL, 0);
}
#else
static uint32_t sleep_until(struct court *c, uint32_t mine)
{
	(void)c;
	(void)mine;
	return NOBODY;
}

static void throw(struct court * c, uint32_t ball)
{
	(void)c;
	(void)ball;
}
#endif

static void futex_ping(struct st *st, struct st_worker *w, void *arg)
{
	struct court *c = arg;
	uint32_t ball = 0;

	(void)st;
	while (st_go(w)) {
		throw(c, ball + 1);
		ball = sleep_until(c, 0);
		st_done(w, 1);
	}
	throw(c, NOBODY);
}

static void futex_pong(struct st *st, struct st_worker *w, void *arg)
{
	struct court *c = arg;
	uint32_t ball;

	(void)st;
	while ((ball = sleep_until(c, 1)) != NOBODY) {
		st_go(w);
		throw(c, ball + 1);
	}
}

ST_WORKLOAD(futex_pingpong, .id = "futex/pingpong", .op = "round trip",
	    .text = "two processes wake each other by a futex, for scale",
	    .baseline = true, .bench = ST_AT_ONE | ST_AT_TWO)
{
	struct court *c = st_memory(st, sizeof(*c));

#ifndef HAVE_LINUX_FUTEX_H
	errno = ENOSYS;
	st__failed(st, "futex");
#endif
	st_start(st, 0, futex_ping, c);
	st_start(st, 1, futex_pong, c);
	st_measure(st, NULL);
}
