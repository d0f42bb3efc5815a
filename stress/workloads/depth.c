/* SPDX-License-Identifier: BSD-3-Clause */
/* Send and receive at a given depth, against a model of what must come. */
#include "stress.h"

#include <stdlib.h>

enum { CONSTANT, RISING, FALLING, RANDOM };
enum { EMPTY, HALF, FULL };

/* What the queue must hold: a list for each priority. */
struct model {
	struct node {
		uint64_t seq;
		long next;
	} * node;
	long free, head[ST_PRIORITIES], tail[ST_PRIORITIES];
	uint32_t used; /* a bit for each priority with messages */
};

struct depth {
	struct st_road road;
	long pattern, fill;
};

static void model_make(struct st *st, struct model *m, long capacity)
{
	long i;

	memset(m, 0, sizeof(*m));
	m->node = calloc((size_t)capacity + 1, sizeof(*m->node));
	ST_MUST(st, m->node != NULL);
	for (i = 0; i < capacity; i++)
		m->node[i].next = i + 1;
}

static void model_add(struct model *m, unsigned prio, uint64_t seq)
{
	long n = m->free;

	m->free = m->node[n].next;
	m->node[n].seq = seq;
	if (m->used & 1u << prio)
		m->node[m->tail[prio]].next = n;
	else
		m->head[prio] = n;
	m->tail[prio] = n;
	m->used |= 1u << prio;
}

static uint64_t model_take(struct model *m, unsigned *prio)
{
	unsigned top = 31 - (unsigned)__builtin_clz(m->used);
	long n = m->head[top];

	if (n == m->tail[top])
		m->used &= ~(1u << top);
	else
		m->head[top] = m->node[n].next;
	m->node[n].next = m->free;
	m->free = n;
	*prio = top;
	return m->node[n].seq;
}

static unsigned priority(struct depth *d, struct st_worker *w, uint64_t seq)
{
	switch (d->pattern) {
	case CONSTANT:
		return 1;
	case RISING:
		return (unsigned)(seq % ST_PRIORITIES);
	case FALLING:
		return ST_PRIORITIES - 1 - (unsigned)(seq % ST_PRIORITIES);
	default:
		return (unsigned)(st_next(&w->seed) % ST_PRIORITIES);
	}
}

static void put(struct st *st, struct st_worker *w, struct depth *d,
		struct model *m, uint64_t seq)
{
	static union st_buffer b;
	unsigned prio = priority(d, w, seq);

	st_fill(&b, d->road.size, 0, prio, seq, 0);
	ST_MUST(st, d->road.type->send(&d->road, b.bytes, prio) == 0);
	model_add(m, prio, seq);
}

static void take(struct st *st, struct depth *d, struct model *m)
{
	static union st_buffer b;
	unsigned prio, top;
	uint64_t seq = model_take(m, &top);
	ssize_t n = d->road.type->receive(&d->road, b.bytes, &prio);

	ST_HOLDS(st, n >= 0, "lost: number %" PRIu64 " is not there (%s)", seq,
		 strerror(errno));
	st_whole(st, &b, n, d->road.size, prio);
	ST_HOLDS(st, b.m.seq == seq,
		 "wrong order: number %" PRIu64 " of priority %u came before "
		 "number %" PRIu64 " of priority %u",
		 b.m.seq, prio, seq, top);
}

static void at_depth(struct st *st, struct st_worker *w, void *arg)
{
	struct depth *d = arg;
	struct model m;
	uint64_t seq = 0;
	long i;

	d->road.type->join(st, &d->road);
	model_make(st, &m, d->road.capacity);
	for (i = 0; i < d->fill; i++)
		put(st, w, d, &m, ++seq);
	st_restart_clock(w);
	while (st_go(w)) {
		put(st, w, d, &m, ++seq);
		take(st, d, &m);
		st_done(w, 1);
	}
	for (i = 0; i < d->fill; i++)
		take(st, d, &m);
}

/* pattern, depth */
static const struct st_variant patterns[] = {
    {"constant-empty", {CONSTANT, EMPTY}},
    {"random-empty", {RANDOM, EMPTY}},
    {"constant-half", {CONSTANT, HALF}},
    {"random-half", {RANDOM, HALF}},
    {"constant-full", {CONSTANT, FULL}, true},
    {"rising-full", {RISING, FULL}, true},
    {"falling-full", {FALLING, FULL}, true},
    {"random-full", {RANDOM, FULL}, true},
    {NULL}};

ST_WORKLOAD(mq_depth, .id = "mq/depth", .op = "send and receive",
	    .text = "at a depth, priorities in a pattern: always the oldest of "
		    "the highest comes",
	    .variants = patterns)
{
	struct depth d = {.pattern = st_param(st, 0)};
	long most;

	st_road(st, &d.road, &st_road_mq, st->brief ? 10 : 65536,
		ST_MESSAGE_MIN, false);
	most = d.road.capacity - 1;
	d.fill = st_param(st, 1) == EMPTY  ? 0
		 : st_param(st, 1) == HALF ? most / 2
					   : most;
	st_note(st, "capacity", d.road.capacity);
	st_note(st, "depth", d.fill);
	st_start(st, 0, at_depth, &d);
	st_measure(st, NULL);
	d.road.type->remove(st, &d.road);
}
