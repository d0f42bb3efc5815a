/* SPDX-License-Identifier: BSD-3-Clause */
/* A message to and fro between two processes. */
#include "stress.h"

struct table {
	struct st_road there, back;
};

static ssize_t hear(struct st *st, struct st_road *r, union st_buffer *b,
		    unsigned *prio)
{
	ssize_t n = r->type->receive(r, b->bytes, prio);

	if (n < 0)
		st__failed(st, "mq_receive");
	return n;
}

static void ping(struct st *st, struct st_worker *w, void *arg)
{
	static union st_buffer b;
	struct table *t = arg;
	uint32_t seq = 0;
	unsigned prio;
	ssize_t n;

	t->there.type->join(st, &t->there);
	t->back.type->join(st, &t->back);
	while (st_go(w)) {
		st_fill(&b, t->there.size, 0, 1, ++seq, 0);
		st_restart_clock(w);
		ST_MUST(st, t->there.type->send(&t->there, b.bytes, 1) == 0);
		n = hear(st, &t->back, &b, &prio);
		st_done(w, 1);
		st_whole(st, &b, n, t->back.size, prio);
		ST_HOLDS(st, b.m.seq == seq,
			 "out of order: answer %" PRIu32 " to call %" PRIu32,
			 b.m.seq, seq);
	}
	st_fill(&b, t->there.size, 0, 1, ST_END, 0);
	ST_MUST(st, t->there.type->send(&t->there, b.bytes, 1) == 0);
}

/* The answer goes before the look at the call, which takes no turn's time. */
static void pong(struct st *st, struct st_worker *w, void *arg)
{
	static union st_buffer b;
	struct table *t = arg;
	uint32_t seq = 0;
	unsigned prio;
	ssize_t n;

	t->there.type->join(st, &t->there);
	t->back.type->join(st, &t->back);
	for (;;) {
		n = hear(st, &t->there, &b, &prio);
		if (b.m.seq == ST_END)
			break;
		ST_MUST(st, t->back.type->send(&t->back, b.bytes, 1) == 0);
		st_whole(st, &b, n, t->there.size, prio);
		ST_HOLDS(st, b.m.seq == ++seq,
			 "out of order: call %" PRIu32 " after call %" PRIu32,
			 b.m.seq, seq - 1);
		st_go(w);
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
    {"16", {16}, true, ST_AT_ONE | ST_AT_TWO},
    {"8192", {8192}, false, ST_AT_ONE | ST_AT_TWO},
    {NULL}};
static const struct st_variant small[] = {{"16", {16}}, {NULL}};

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
