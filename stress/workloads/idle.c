/* SPDX-License-Identifier: BSD-3-Clause */
/* Whoever is blocked sleeps until there is something to wake up for. */
#include "stress.h"

#define WARM_UP 5 /* ms */

struct idle {
	struct st_road road; /* or, without a type: */
	struct st_gate gate;
	struct st_wire blocks;
	struct {
		uint64_t woken;
		_Atomic long sleeper, ms;
		_Atomic bool over;
	} * shared;
};

/* Linux tells what another process does; elsewhere nothing is measured. */
static char state(struct st *st, long pid, long *switches)
{
	char name[40], line[128], now = '?';
	FILE *f;

	snprintf(name, sizeof(name), "/proc/%ld/status", pid);
	f = fopen(name, "r");
	*switches = -1;
	while (f != NULL && fgets(line, sizeof(line), f) != NULL) {
		sscanf(line, "State: %c", &now);
		sscanf(line, "voluntary_ctxt_switches: %ld", switches);
	}
	if (f != NULL)
		fclose(f);
	if (*switches < 0)
		st_skip(st, "%s does not tell the context switches", name);
	return now;
}

static void join(struct st *st, struct idle *i)
{
	if (i->road.type != NULL)
		i->road.type->join(st, &i->road);
	else
		i->gate.type->join(st, &i->gate);
}

static void sleeper(struct st *st, struct st_worker *w, void *arg)
{
	static union st_buffer b;
	struct idle *i = arg;
	unsigned prio;
	bool woken;

	join(st, i);
	i->shared->sleeper = (long)getpid();
	while (st_go(w)) {
		i->shared->ms = w->measuring ? st_param(st, 0) : WARM_UP;
		st_tell(st, &i->blocks);
		if (i->road.type != NULL)
			woken = i->road.type->receive(&i->road, b.bytes,
						      &prio) >= 0;
		else
			woken = i->gate.type->wait(&i->gate) == 0;
		if (!woken)
			st__failed(st, i->road.type != NULL ? "mq_receive"
							    : "sem_wait");
		st_sample(w, st_ns() - i->shared->woken, 1);
	}
	i->shared->over = true;
	st_tell(st, &i->blocks);
}

/* In short pieces, each of which is progress. */
static void pass(struct st *st, uint64_t ns)
{
	const uint64_t most = 100000000;
	uint64_t piece;
	struct timespec t;

	for (; ns > 0; ns -= piece) {
		piece = ns < most ? ns : most;
		t = (struct timespec){0, (long)piece};
		while (nanosleep(&t, &t) != 0 && errno == EINTR)
			continue;
		st_step(st);
	}
}

/*
 * While it is blocked it must not have been on a processor.  A pause of the
 * machine (a freezer, a stop) wakes it once; an implementation that polls wakes
 * it each time.
 */
#define PAUSES 2

static void watch(struct st *st, struct idle *i)
{
	long pid = i->shared->sleeper, ms = i->shared->ms, before, after;
	int tries = 0;

	do {
		while (state(st, pid, &before) != 'S')
			pass(st, 100000);
		pass(st, (uint64_t)ms * 1000000);
		state(st, pid, &after);
	} while (after != before && tries++ < PAUSES);
	ST_HOLDS(st, after == before,
		 "idle wake-ups: expected none, got %ld in %ld ms with nothing "
		 "to wake up for",
		 after - before, ms);
}

static void waker(struct st *st, struct st_worker *w, void *arg)
{
	static union st_buffer b;
	struct idle *i = arg;
	bool sent;

	join(st, i);
	for (;;) {
		st_await(st, &i->blocks);
		if (i->shared->over)
			break;
		st_go(w);
		watch(st, i);
		i->shared->woken = st_ns();
		if (i->road.type != NULL)
			sent = i->road.type->send(&i->road, b.bytes, 1) == 0;
		else
			sent = i->gate.type->post(&i->gate) == 0;
		if (!sent)
			st__failed(st, i->road.type != NULL ? "mq_send"
							    : "sem_post");
	}
}

static void run(struct st *st, struct idle *i)
{
	i->blocks = st_wire(st);
	i->shared = st_memory(st, sizeof(*i->shared));
	st_note(st, "blocked-ms", st_param(st, 0));
	st_start(st, 0, sleeper, i);
	st_start(st, 1, waker, i);
	st_measure(st, NULL);
}

/* milliseconds */
static const struct st_variant times[] = {
    {"20ms", {20}, true}, {"1s", {1100}, false, ST_AT_FREE}, {NULL}};

ST_WORKLOAD(mq_idle, .id = "mq/idle", .op = "wake",
	    .text = "a blocked receiver is never on a processor; the latency "
		    "is that of its wake-up",
	    .variants = times)
{
	struct idle i = {.road.type = NULL};

	st_road(st, &i.road, &st_road_mq, 1, ST_MESSAGE_MIN, true);
	run(st, &i);
	i.road.type->remove(st, &i.road);
}

ST_WORKLOAD(sem_idle, .id = "sem/idle", .op = "wake",
	    .text = "a blocked waiter is never on a processor; the latency is "
		    "that of its wake-up",
	    .variants = times)
{
	struct idle i = {.road.type = NULL};

	st_gate(st, &i.gate, &st_gate_sem, 0);
	run(st, &i);
	i.gate.type->remove(st, &i.gate);
}
