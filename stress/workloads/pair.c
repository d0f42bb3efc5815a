/* SPDX-License-Identifier: BSD-3-Clause */
/* One process sends a message and receives it again. */
#include "stress.h"

/* As many messages as are made at a time and, large or small, stay in cache. */
struct batch {
	size_t size;
	unsigned n;
	_Alignas(64) union st_buffer out, in;
	unsigned prio[ST_BATCH];
	ssize_t got[ST_BATCH];
};

static union st_buffer *message(union st_buffer *all, const struct batch *b,
				unsigned i)
{
	return (void *)&all->word[i * b->size / 8];
}

static void look(struct st *st, struct batch *b, uint32_t seq)
{
	const union st_buffer *in;
	unsigned i;

	for (i = 0; i < b->n; i++) {
		in = message(&b->in, b, i);
		st_whole(st, in, b->got[i], b->size, b->prio[i]);
		ST_HOLDS(st, in->m.seq == seq + i,
			 "duplicated: number %" PRIu32
			 " came instead of number %" PRIu32,
			 in->m.seq, seq + i);
	}
}

/* Only the calls are timed; the messages are made before and seen after. */
static void pairs(struct st *st, struct st_worker *w, void *arg)
{
	static struct batch b;
	struct st_road *r = arg;
	uint32_t seq = 1;
	unsigned i;

	r->type->join(st, r);
	b.size = r->size;
	b.n = b.size * ST_BATCH <= 4096 ? ST_BATCH : 4096 / (unsigned)b.size;
	b.n += b.n == 0;
	for (; st_go(w); seq += b.n) {
		for (i = 0; i < b.n; i++)
			st_fill(message(&b.out, &b, i), b.size, 0, 1, seq + i,
				0);
		st_restart_clock(w);
		for (i = 0; i < b.n; i++) {
			ST_MUST(st, r->type->send(r, b.out.bytes + i * b.size,
						  1) == 0);
			b.got[i] = r->type->receive(r, b.in.bytes + i * b.size,
						    &b.prio[i]);
			ST_HOLDS(st, b.got[i] >= 0,
				 "lost: nothing to receive after a send (%s)",
				 strerror(errno));
		}
		st_done(w, b.n);
		look(st, &b, seq);
	}
	ST_HOLDS(st, r->type->receive(r, b.in.bytes, b.prio) < 0,
		 "duplicated: a message more than was sent");
	st_note(st, "batch", b.n);
}

static void pair(struct st *st, const struct st_road_type *type)
{
	struct st_road r;

	st_road(st, &r, type, 4, (size_t)st_param(st, 0), false);
	st_start(st, 0, pairs, &r);
	st_measure(st, NULL);
	r.type->remove(st, &r);
}

static const struct st_variant sizes[] = {{"16", {16}, true, ST_AT_ONE},
					  {"1024", {1024}, true, ST_AT_ONE},
					  {"8192", {8192}, false, ST_AT_ONE},
					  {NULL}};
static const struct st_variant base_sizes[] = {
    {"16", {16}}, {"1024", {1024}}, {NULL}};

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

static const struct st_variant control[] = {
    {"a", {16}, .bench = ST_AT_ONE}, {"b", {16}, .bench = ST_AT_ONE}, {NULL}};

ST_WORKLOAD(control_pair, .id = "control/pair", .op = "write and read",
	    .text = "A/A: the same twice must come out the same, or the "
		    "machine is noisy",
	    .variants = control, .baseline = true)
{
	pair(st, &st_road_pipe);
}
