/* SPDX-License-Identifier: BSD-3-Clause */
/* A message to and fro between two processes. */
#include "stress.h"

struct table {
	struct st_road there, back;
};

static void hear(struct st *st, struct st_road *r, union st_buffer *b)
{
	unsigned prio;
	ssize_t n = r->type->receive(r, b->bytes, &prio);

	ST_MUST(st, n >= 0);
	st_whole(st, b, n, r->size, prio);
}

static void ping(struct st *st, struct st_worker *w, void *arg)
{
	static union st_buffer b;
	struct table *t = arg;
	uint64_t seq = 0;

	t->there.type->join(st, &t->there);
	t->back.type->join(st, &t->back);
	while (st_go(w)) {
		st_fill(&b, t->there.size, 0, 1, ++seq, 0);
		ST_MUST(st, t->there.type->send(&t->there, b.bytes, 1) == 0);
		hear(st, &t->back, &b);
		ST_HOLDS(st, b.m.seq == seq,
			 "out of order: answer %" PRIu64 " to call %" PRIu64,
			 b.m.seq, seq);
		st_done(w, 1);
	}
	st_fill(&b, t->there.size, 0, 1, ST_END, 0);
	ST_MUST(st, t->there.type->send(&t->there, b.bytes, 1) == 0);
}

static void pong(struct st *st, struct st_worker *w, void *arg)
{
	static union st_buffer b;
	struct table *t = arg;
	uint64_t seq = 0;

	t->there.type->join(st, &t->there);
	t->back.type->join(st, &t->back);
	for (;;) {
		hear(st, &t->there, &b);
		if (b.m.seq == ST_END)
			break;
		ST_HOLDS(st, b.m.seq == ++seq,
			 "out of order: call %" PRIu64 " after call %" PRIu64,
			 b.m.seq, seq - 1);
		st_go(w);
		ST_MUST(st, t->back.type->send(&t->back, b.bytes, 1) == 0);
	}
}

static void pingpong(struct st *st, const struct st_road_type *type)
{
	struct table t;

	st_road(st, &t.there, type, 1, (size_t)st_param(st, 0), true);
	st_road(st, &t.back, type, 1, (size_t)st_param(st, 0), true);
	st_start(st, 0, ping, &t);
	st_start(st, 1, pong, &t);
	st_measure(st, NULL);
	type->remove(st, &t.there);
	type->remove(st, &t.back);
}

static const struct st_variant sizes[] = {
    {"32", {32}, true}, {"8192", {8192}}, {NULL}};
static const struct st_variant small[] = {{"32", {32}}, {NULL}};

ST_WORKLOAD(mq_pingpong, .id = "mq/pingpong", .op = "round trip",
	    .text = "two processes: each call has its one answer",
	    .variants = sizes)
{
	pingpong(st, &st_road_mq);
}

ST_WORKLOAD(pipe_pingpong, .id = "pipe/pingpong", .op = "round trip",
	    .text = "the same through pipes, for scale", .variants = small,
	    .baseline = true)
{
	pingpong(st, &st_road_pipe);
}

ST_WORKLOAD(dgram_pingpong, .id = "dgram/pingpong", .op = "round trip",
	    .text = "the same through Unix datagram sockets, for scale",
	    .variants = small, .baseline = true)
{
	pingpong(st, &st_road_dgram);
}

ST_WORKLOAD(sysv_pingpong, .id = "sysv/pingpong", .op = "round trip",
	    .text = "the same through System V queues, for scale",
	    .variants = small, .baseline = true)
{
	pingpong(st, &st_road_sysv);
}
