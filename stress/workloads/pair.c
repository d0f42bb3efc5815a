/* SPDX-License-Identifier: BSD-3-Clause */
/* One process sends a message and receives it again. */
#include "stress.h"

static void pairs(struct st *st, struct st_worker *w, void *arg)
{
	static union st_buffer out, in;
	struct st_road *r = arg;
	uint64_t seq = 0;
	unsigned prio;
	ssize_t n;

	r->type->join(st, r);
	while (st_go(w)) {
		st_fill(&out, r->size, 0, 1, ++seq, 0);
		ST_MUST(st, r->type->send(r, out.bytes, 1) == 0);
		n = r->type->receive(r, in.bytes, &prio);
		ST_HOLDS(st, n >= 0,
			 "lost: nothing to receive after a send (%s)",
			 strerror(errno));
		st_whole(st, &in, n, r->size, prio);
		ST_HOLDS(st, in.m.seq == seq,
			 "duplicated: number %" PRIu64
			 " came instead of number %" PRIu64,
			 in.m.seq, seq);
		st_done(w, 1);
	}
	ST_HOLDS(st, r->type->receive(r, in.bytes, &prio) < 0,
		 "duplicated: a message more than was sent");
}

static void pair(struct st *st, const struct st_road_type *type)
{
	struct st_road r;

	st_road(st, &r, type, 4, (size_t)st_param(st, 0), false);
	st_start(st, 0, pairs, &r);
	st_measure(st, NULL);
	r.type->remove(st, &r);
}

static const struct st_variant sizes[] = {
    {"32", {32}, true}, {"1024", {1024}, true}, {"8192", {8192}}, {NULL}};
static const struct st_variant base_sizes[] = {
    {"32", {32}}, {"1024", {1024}}, {NULL}};

ST_WORKLOAD(mq_pair, .id = "mq/pair", .op = "send and receive",
	    .text = "one process: what was sent comes back, whole and once",
	    .variants = sizes)
{
	pair(st, &st_road_mq);
}

ST_WORKLOAD(pipe_pair, .id = "pipe/pair", .op = "write and read",
	    .text = "the same through a pipe, for scale",
	    .variants = base_sizes, .baseline = true)
{
	pair(st, &st_road_pipe);
}

ST_WORKLOAD(dgram_pair, .id = "dgram/pair", .op = "write and read",
	    .text = "the same through a Unix datagram socket, for scale",
	    .variants = base_sizes, .baseline = true)
{
	pair(st, &st_road_dgram);
}

ST_WORKLOAD(sysv_pair, .id = "sysv/pair", .op = "send and receive",
	    .text = "the same through a System V queue, for scale",
	    .variants = base_sizes, .baseline = true)
{
	pair(st, &st_road_sysv);
}

static const struct st_variant control[] = {{"a", {32}}, {"b", {32}}, {NULL}};

ST_WORKLOAD(control_pair, .id = "control/pair", .op = "write and read",
	    .text = "A/A: the same twice must come out the same, or the "
		    "machine is noisy",
	    .variants = control, .baseline = true)
{
	pair(st, &st_road_pipe);
}
