/* SPDX-License-Identifier: BSD-3-Clause */
/* Send and receive at a given depth, against a model of what must come. */
#include "stress.h"

#include <stdlib.h>

enum { CONSTANT, RISING, FALLING, RANDOM, ANY };
enum { EMPTY, HALF, FULL };

/*
 * What the queue must hold: how many of each priority.  It is small, so that
 * it leaves the cache to what is measured.
 */
#define MODEL_PRIORITIES 32768
struct model {
	struct {
		uint32_t count, last; /* number that came */
	} of[MODEL_PRIORITIES];
	uint64_t used[MODEL_PRIORITIES / 64]; /* a bit for each with messages */
	uint64_t groups[MODEL_PRIORITIES / 64 / 64]; /* and for each of those */
};

struct depth {
	struct st_road road;
	long pattern, fill;
	unsigned priorities;
	uint32_t seq;
	struct model *model; /* the leader's, and then the worker's copy */
};

/* What is sent, and what came. */
struct batch {
	union {
		struct st_message m;
		char bytes[sizeof(struct st_message)];
		uint64_t word[2];
	} out[ST_BATCH], in[ST_BATCH];
	unsigned prio[ST_BATCH], got_prio[ST_BATCH];
	ssize_t got[ST_BATCH];
};

static void model_add(struct model *m, unsigned prio)
{
	m->of[prio].count++;
	m->used[prio / 64] |= (uint64_t)1 << prio % 64;
	m->groups[prio / 4096] |= (uint64_t)1 << prio / 64 % 64;
}

static unsigned highest(uint64_t bits)
{
	return 63 - (unsigned)__builtin_clzll(bits);
}

static unsigned model_top(const struct model *m)
{
	unsigned i = MODEL_PRIORITIES / 4096 - 1;

	while (i > 0 && m->groups[i] == 0)
		i--;
	i = i * 64 + highest(m->groups[i]);
	return i * 64 + highest(m->used[i]);
}

static void model_take(struct model *m, unsigned prio)
{
	if (--m->of[prio].count != 0)
		return;
	m->used[prio / 64] &= ~((uint64_t)1 << prio % 64);
	if (m->used[prio / 64] == 0)
		m->groups[prio / 4096] &= ~((uint64_t)1 << prio / 64 % 64);
}

static unsigned priority(const struct depth *d, uint64_t *seed, uint32_t seq)
{
	switch (d->pattern) {
	case CONSTANT:
		return 1;
	case RISING:
		return seq % d->priorities;
	case FALLING:
		return d->priorities - 1 - seq % d->priorities;
	default:
		return (unsigned)(st_next(seed) % d->priorities);
	}
}

static void make(struct depth *d, uint64_t *seed, struct batch *b, unsigned i)
{
	uint32_t seq = ++d->seq;

	b->prio[i] = priority(d, seed, seq);
	st_fill((void *)&b->out[i], sizeof(b->out[i]), 0, b->prio[i], seq, 0);
}

static void put(struct st *st, struct depth *d, const struct batch *b,
		unsigned i)
{
	ST_MUST(st,
		d->road.type->send(&d->road, b->out[i].bytes, b->prio[i]) == 0);
}

static void take(struct depth *d, struct batch *b, unsigned i)
{
	b->got[i] =
	    d->road.type->receive(&d->road, b->in[i].bytes, &b->got_prio[i]);
	if (b->got[i] < 0)
		b->got[i] = -errno;
}

/* The oldest of the highest: numbers go up, and all have come at the end. */
static void look(struct st *st, struct model *m, const struct batch *b,
		 unsigned i)
{
	unsigned top = model_top(m);
	uint32_t seq = b->in[i].m.seq;

	ST_HOLDS(st, b->got[i] >= 0,
		 "lost: a message of priority %u is not there (%s)", top,
		 strerror((int)-b->got[i]));
	st_whole(st, (const void *)&b->in[i], b->got[i], sizeof(b->in[i]),
		 b->got_prio[i]);
	ST_HOLDS(st, b->got_prio[i] == top,
		 "wrong order: priority %u came with priority %u in the queue",
		 b->got_prio[i], top);
	ST_HOLDS(st, seq > m->of[top].last,
		 "wrong order: number %" PRIu32 " after number %" PRIu32
		 ", priority %u",
		 seq, m->of[top].last, top);
	m->of[top].last = seq;
	model_take(m, top);
}

/*
 * Leader: fills it and uses it, before anything is timed.  Of random priorities
 * the high ones go first and the low ones stay: a queue that has been in use
 * for a while differs from one that was just filled.
 */
#define WHILE 16 /* times its depth */

static void use(struct st *st, struct depth *d)
{
	static struct batch b;
	long n;

	for (n = 0; n < (1 + WHILE) * d->fill; n++) {
		if (n % 1024 == 0)
			st_step(st);
		make(d, &st->seed, &b, 0);
		put(st, d, &b, 0);
		model_add(d->model, b.prio[0]);
		if (n < d->fill)
			continue;
		take(d, &b, 0);
		look(st, d->model, &b, 0);
	}
}

/* Only the calls are timed; the model is asked afterwards. */
static void at_depth(struct st *st, struct st_worker *w, void *arg)
{
	static struct batch b;
	struct depth *d = arg;
	unsigned i;
	long n;

	d->road.type->join(st, &d->road);
	while (st_go(w)) {
		for (i = 0; i < ST_BATCH; i++)
			make(d, &w->seed, &b, i);
		st_restart_clock(w);
		for (i = 0; i < ST_BATCH; i++) {
			put(st, d, &b, i);
			take(d, &b, i);
		}
		st_done(w, ST_BATCH);
		for (i = 0; i < ST_BATCH; i++) {
			model_add(d->model, b.prio[i]);
			look(st, d->model, &b, i);
		}
	}
	for (n = 0; n < d->fill; n++) {
		take(d, &b, 0);
		look(st, d->model, &b, 0);
	}
	take(d, &b, 0);
	ST_HOLDS(st, b.got[0] < 0, "duplicated: a message more than was sent");
}

/* As many as the system has, or as the model knows. */
static unsigned all_priorities(struct st *st)
{
	long n = st->os->sysconf(_SC_MQ_PRIO_MAX);

	return n <= 0 ? ST_PRIORITIES
		      : (unsigned)(n < MODEL_PRIORITIES ? n : MODEL_PRIORITIES);
}

/* pattern, depth (a number: that deep or not at all) */
static const struct st_variant patterns[] = {
    {"constant-empty", {CONSTANT, EMPTY}, false, ST_AT_ONE},
    {"random-empty", {RANDOM, EMPTY}},
    {"any-empty", {ANY, EMPTY}, false, ST_AT_ONE},
    {"constant-half", {CONSTANT, HALF}},
    {"random-half", {RANDOM, HALF}},
    {"any-half", {ANY, HALF}},
    {"constant-full", {CONSTANT, FULL}, true, ST_AT_ONE},
    {"rising-full", {RISING, FULL}, true},
    {"falling-full", {FALLING, FULL}, true},
    {"random-full", {RANDOM, FULL}, true},
    {"any-full", {ANY, FULL}, true, ST_AT_ONE},
    {"any-65000", {ANY, 65000}, false, ST_AT_ONE},
    {NULL}};

ST_WORKLOAD(mq_depth, .id = "mq/depth", .op = "send and receive",
	    .text = "at a depth, priorities in a pattern (random: 32 of them, "
		    "any: all), in use for a while: always the oldest of the "
		    "highest comes",
	    .variants = patterns)
{
	struct depth d = {.pattern = st_param(st, 0),
			  .priorities = ST_PRIORITIES};
	long wanted = st_param(st, 1), most;

	if (d.pattern == ANY)
		d.priorities = all_priorities(st);
	st_road(st, &d.road, &st_road_mq, st->brief ? 10 : 65536,
		ST_MESSAGE_MIN, false);
	most = d.road.capacity - 1;
	if (wanted > FULL && wanted > most) {
		d.road.type->remove(st, &d.road);
		st_skip(st,
			"mq_open: expected a queue of %ld messages, got %ld "
			"at most: a limit of the system or the user (tools/"
			"bench raises it)",
			wanted + 1, d.road.capacity);
	}
	d.fill = wanted == EMPTY  ? 0
		 : wanted == HALF ? most / 2
		 : wanted == FULL ? most
				  : wanted;
	d.model = calloc(1, sizeof(*d.model));
	if (d.model == NULL)
		st__own_failed(st, "calloc");
	use(st, &d);
	st_note(st, "capacity", d.road.capacity);
	st_note(st, "depth", d.fill);
	st_note(st, "priorities", d.priorities);
	st_note(st, "batch", ST_BATCH);
	st_start(st, 0, at_depth, &d);
	st_measure(st, NULL);
	d.road.type->remove(st, &d.road);
}
