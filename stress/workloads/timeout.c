/* SPDX-License-Identifier: BSD-3-Clause */
/* How late a timed call gives up; never early. */
#include "stress.h"

#ifdef HAVE_LINUX_FUTEX_H
#include <linux/futex.h>
#include <sys/syscall.h>
#endif

enum { WAIT, CLOCK_WAIT, SEND, RECEIVE, FUTEX };
static const struct {
	const char *name;
	unsigned need; /* that the system has this call */
} calls[] = {{"sem_timedwait", CT_NEED_SEM_TIMEDWAIT},
	     {"sem_clockwait", CT_NEED_SEM_CLOCKWAIT},
	     {"mq_timedsend", 0},
	     {"mq_timedreceive", 0},
	     {"futex", 0}};

struct timed {
	int call;
	const char *name;
};

static int64_t now(clockid_t clock)
{
	struct timespec t;

	clock_gettime(clock, &t);
	return (int64_t)t.tv_sec * 1000000000 + t.tv_nsec;
}

struct handles {
	sem_t *sem;
	mqd_t q;
};

/* What lies under all of them, where it does. */
static int wait_on_futex(const struct timespec *deadline)
{
#ifdef HAVE_LINUX_FUTEX_H
	static uint32_t word;
	long call = SYS_futex;

#ifdef SYS_futex_time64
	if (sizeof(deadline->tv_sec) > sizeof(long))
		call = SYS_futex_time64;
#endif
	return (int)syscall(call, &word,
			    FUTEX_WAIT_BITSET | FUTEX_CLOCK_REALTIME, 0,
			    deadline, NULL, FUTEX_BITSET_MATCH_ANY);
#else
	(void)deadline;
	errno = ENOSYS;
	return -1;
#endif
}

static int give_up(struct st *st, int call, const struct handles *h,
		   int64_t deadline)
{
	struct timespec t = {(time_t)(deadline / 1000000000),
			     (long)(deadline % 1000000000)};
	union st_buffer b = {.m = {.seq = 1}};
	unsigned prio;

	switch (call) {
	case WAIT:
		return st->os->sem_timedwait(h->sem, &t);
	case CLOCK_WAIT:
		return st->os->sem_clockwait(h->sem, CLOCK_MONOTONIC, &t);
	case FUTEX:
		return wait_on_futex(&t);
	case SEND:
		return st->os->mq_timedsend(h->q, b.bytes, ST_MESSAGE_MIN, 0,
					    &t);
	default:
		return st->os->mq_timedreceive(h->q, b.bytes, ST_MESSAGE_MIN,
					       &prio, &t) >= 0
			   ? 0
			   : -1;
	}
}

/* Early only if the monotonic clock says so too: somebody may set the other. */
static void timing(struct st *st, struct st_worker *w, void *arg)
{
	struct timed *t = arg;
	clockid_t clock =
	    t->call == CLOCK_WAIT ? CLOCK_MONOTONIC : CLOCK_REALTIME;
	int64_t wait = st_param(st, 1), begin, deadline, late, passed;
	struct handles h = {0};

	if (t->call == WAIT || t->call == CLOCK_WAIT)
		h.sem = st_sem_again(st, t->name);
	else if (t->call != FUTEX)
		h.q = st_mq_again(st, t->name, 0);
	while (st_go(w)) {
		begin = now(CLOCK_MONOTONIC);
		deadline = now(clock) + wait;
		if (give_up(st, t->call, &h, deadline) == 0)
			st_broken(st, "%s: expected ETIMEDOUT, got success",
				  calls[t->call].name);
		if (errno != ETIMEDOUT)
			st__failed(st, calls[t->call].name);
		st_did(st, calls[t->call].need);
		late = now(clock) - deadline;
		passed = now(CLOCK_MONOTONIC) - begin;
		ST_HOLDS(st, late >= 0 || passed >= wait,
			 "early: timed out %" PRId64 " ns before its deadline",
			 -late);
		st_sample(w, late > 0 ? (uint64_t)late : 0, 1);
	}
}

static void with_sem(struct st *st, int call)
{
	struct timed t = {.call = call};
	sem_t *sem = st_sem(st, 0, &t.name);

	st_start(st, 0, timing, &t);
	st_measure(st, NULL);
	ST_MUST(st, st->os->sem_close(sem) == 0);
	ST_MUST(st, st->os->sem_unlink(t.name) == 0);
}

static void with_mq(struct st *st, int call)
{
	struct timed t = {.call = call};
	union st_buffer b = {.m = {.seq = 1}};
	long capacity = 1;
	mqd_t q = st_mq(st, &capacity, ST_MESSAGE_MIN, 0, &t.name);

	if (call == SEND)
		ST_MUST(st,
			st->os->mq_send(q, b.bytes, ST_MESSAGE_MIN, 0) == 0);
	st_start(st, 0, timing, &t);
	st_measure(st, NULL);
	ST_MUST(st, st->os->mq_close(q) == 0);
	ST_MUST(st, st->os->mq_unlink(t.name) == 0);
}

/* -, nanoseconds */
static const struct st_variant times[] = {
    {"0", {0, 0}, true},
    {"10us", {0, 10000}},
    {"100us", {0, 100000}, true, ST_AT_FREE},
    {"1ms", {0, 1000000}, false, ST_AT_FREE},
    {"10ms", {0, 10000000}},
    {NULL}};

ST_WORKLOAD(timeout_sem, .id = "timeout/sem", .op = "time-out",
	    .text = "sem_timedwait: never early; the latency is how late",
	    .variants = times)
{
	with_sem(st, WAIT);
}

ST_WORKLOAD(timeout_clock, .id = "timeout/sem-clock", .op = "time-out",
	    .text = "sem_clockwait: never early; the latency is how late",
	    .variants = times)
{
	with_sem(st, CLOCK_WAIT);
}

ST_WORKLOAD(timeout_send, .id = "timeout/mq-send", .op = "time-out",
	    .text = "mq_timedsend: never early; the latency is how late",
	    .variants = times)
{
	with_mq(st, SEND);
}

ST_WORKLOAD(timeout_receive, .id = "timeout/mq-receive", .op = "time-out",
	    .text = "mq_timedreceive: never early; the latency is how late",
	    .variants = times)
{
	with_mq(st, RECEIVE);
}

ST_WORKLOAD(timeout_futex, .id = "futex/timeout", .op = "time-out",
	    .text = "a wait on a futex alone, for scale", .variants = times,
	    .baseline = true)
{
	struct timed t = {.call = FUTEX};

	st_start(st, 0, timing, &t);
	st_measure(st, NULL);
}
