/* SPDX-License-Identifier: BSD-3-Clause */
/* N senders to M receivers, as fast as they can or at a given rate. */
#include "stress.h"

#include <stdlib.h>

#define STAMPED 16 /* one message of so many */

struct stream {
	struct st_road road;
	long senders, receivers, rate; /* messages per second; 0: closed loop */
	struct st_tally *sent, *received; /* one per worker */
	_Atomic long *sending;
	_Atomic long long *interrupted; /* NULL: no signals */
};

/* The call is made again when a signal of the storm interrupted it. */
static void again(struct st *st, struct stream *s, const char *call)
{
	if (s->interrupted == NULL || errno != EINTR)
		st__failed(st, call);
	atomic_fetch_add(s->interrupted, 1);
}

static void put(struct st *st, struct stream *s, union st_buffer *b,
		unsigned prio)
{
	while (s->road.type->send(&s->road, b->bytes, prio) != 0)
		again(st, s, "send");
}

static void join(struct st *st, struct stream *s)
{
	s->road.type->join(st, &s->road);
	if (s->interrupted != NULL)
		st_signal_storm(st);
}

/* The last sender to end tells each receiver, below all other priorities. */
static void end_of_stream(struct st *st, struct stream *s)
{
	static union st_buffer b;
	long i;

	if (atomic_fetch_sub(s->sending, 1) != 1)
		return;
	for (i = 0; i < s->receivers; i++) {
		st_fill(&b, s->road.size, 0, 0, ST_END, 0);
		put(st, s, &b, 0);
	}
}

/* Open loop: sleeps until a message is due; late ones go out at once. */
static uint64_t due(struct stream *s, uint64_t first, uint64_t seq)
{
	uint64_t at = first + seq * 1000000000u / (uint64_t)s->rate, now;
	struct timespec t;

	/* Not every system has clock_nanosleep(). */
	while ((now = st_ns()) < at) {
		t.tv_sec = (time_t)((at - now) / 1000000000u);
		t.tv_nsec = (long)((at - now) % 1000000000u);
		nanosleep(&t, NULL);
	}
	return at;
}

/* Closed loop: the clock costs as much as a message, so only some have one. */
static uint64_t stamp(struct stream *s, uint64_t first, uint64_t n)
{
	if (s->rate)
		return due(s, first, n);
	return n % STAMPED ? 0 : st_ns();
}

static void sender(struct st *st, struct st_worker *w, void *arg)
{
	static union st_buffer b;
	struct stream *s = arg;
	uint64_t n = 0, first = st_ns();
	uint32_t seq[ST_PRIORITIES] = {0};
	unsigned prio;

	join(st, s);
	while (st_go(w)) {
		prio = 1 + (unsigned)(st_next(&w->seed) % 4);
		st_fill(&b, s->road.size, w->index, prio, ++seq[prio],
			stamp(s, first, n++));
		put(st, s, &b, prio);
		st_tally(&s->sent[w->index], &b.m);
		st_count(w, 1);
	}
	end_of_stream(st, s);
}

static void receiver(struct st *st, struct st_worker *w, void *arg)
{
	static union st_buffer b;
	static struct st_order order;
	struct stream *s = arg;
	unsigned prio;
	ssize_t n;

	join(st, s);
	for (;;) {
		while ((n = s->road.type->receive(&s->road, b.bytes, &prio)) <
		       0)
			again(st, s, "receive");
		st_whole(st, &b, n, s->road.size, prio);
		if (b.m.seq == ST_END)
			break;
		st_in_order(st, &order, &b.m, s->receivers == 1);
		st_tally(&s->received[w->index], &b.m);
		st_go(w);
		if (b.m.stamp != 0 || b.m.stamp_high != 0)
			st_sample(w, st_age(&b.m), 1);
		else
			st_count(w, 1);
	}
}

static void add(struct st_tally *to, const struct st_tally *from)
{
	to->count += from->count;
	to->hash += from->hash;
}

/* A size of 0: the smallest. */
static void stream(struct st *st, const struct st_road_type *type, long senders,
		   long receivers, long capacity, long rate, long size,
		   bool storm)
{
	struct st_tally sent = {0}, received = {0};
	struct stream s = {
	    .senders = senders, .receivers = receivers, .rate = rate};
	long i;

	st_road(st, &s.road, type, capacity,
		(size_t)(size ? size : ST_MESSAGE_MIN), true);
	if (s.road.capacity != 0)
		st_note(st, "capacity", s.road.capacity);
	s.sent = st_memory(st, ST_WORKERS * sizeof(*s.sent));
	s.received = st_memory(st, ST_WORKERS * sizeof(*s.received));
	s.sending = st_memory(st, sizeof(*s.sending));
	*s.sending = senders;
	if (storm)
		s.interrupted = st_memory(st, sizeof(*s.interrupted));
	for (i = 0; i < receivers; i++)
		st_start(st, 0, receiver, &s);
	for (i = 0; i < senders; i++)
		st_start(st, 1, sender, &s);
	st_measure(st, NULL);
	for (i = 0; i < ST_WORKERS; i++) {
		add(&sent, &s.sent[i]);
		add(&received, &s.received[i]);
	}
	st_same_tally(st, &sent, &received);
	if (storm)
		st_note(st, "interrupted", *s.interrupted);
	s.road.type->remove(st, &s.road);
}

/* capacity, rate, size */
#define ONE_TWO (ST_AT_ONE | ST_AT_TWO)
static const struct st_variant depths[] = {
    {"1", {1}, true},
    {"10", {10}, true, ONE_TWO},
    {"1024", {1024}, false, ONE_TWO},
    {"max", {65536}},
    {"10-8192", {10, 0, 8192}, false, ONE_TWO},
    {"10-open-1k", {10, 1000}},
    {"10-open-20k", {10, 20000}},
    {NULL}};
static const struct st_variant plain[] = {
    {"closed", {0}}, {"open-1k", {0, 1000}}, {NULL}};

/* senders, receivers, capacity; c: times the cores */
static const struct st_variant crowds[] = {
    {"1x1c", {1, -1, 10}, true},
    {"1cx1", {-1, 1, 10}, true},
    {"1cx1c", {-1, -1, 10}},
    {"1x4c", {1, -4, 10}},
    {"4cx1", {-4, 1, 10}},
    {"2cx2c", {-2, -2, 10}, true},
    {"4cx4c", {-4, -4, 10}, true},
    {"4cx4c-max", {-4, -4, 65536}},
    {"2x2", {2, 2, 10}, false, ST_AT_FREE},
    {"4x4", {4, 4, 10}, false, ST_AT_FREE},
    {"8x1", {8, 1, 10}, false, ST_AT_FREE},
    {"1x8", {1, 8, 10}, false, ST_AT_FREE},
    {"2x2-1024", {2, 2, 1024}, false, ST_AT_FREE},
    {"4x4-1024", {4, 4, 1024}, false, ST_AT_FREE},
    {"8x1-1024", {8, 1, 1024}, false, ST_AT_FREE},
    {"1x8-1024", {1, 8, 1024}, false, ST_AT_FREE},
    {NULL}};

static const struct st_variant unequal[] = {
    {"1x8", {1, 8, 10}, true, ST_AT_FREE},
    {"8x1", {8, 1, 10}, false, ST_AT_FREE},
    {"1x8-1024", {1, 8, 1024}, false, ST_AT_FREE},
    {"8x1-1024", {8, 1, 1024}, false, ST_AT_FREE},
    {NULL}};

ST_WORKLOAD(mq_stream, .id = "mq/stream", .op = "message",
	    .text = "one sender, one receiver, by capacity: none lost, "
		    "duplicated, torn or overtaken",
	    .variants = depths)
{
	stream(st, &st_road_mq, 1, 1, st_param(st, 0), st_param(st, 1),
	       st_param(st, 2), false);
}

ST_WORKLOAD(mq_crowd, .id = "mq/crowd", .op = "message",
	    .text = "N senders, M receivers (c: times the cores), as mq/stream",
	    .variants = crowds)
{
	stream(st, &st_road_mq, st_param(st, 0), st_param(st, 1),
	       st_param(st, 2), 0, 0, false);
}

ST_WORKLOAD(mq_fair, .id = "mq/fair", .op = "message",
	    .text = "mq/crowd with PIPC_FAIR=1, which the reference obeys",
	    .variants = unequal)
{
	setenv("PIPC_FAIR", "1", 1);
	stream(st, &st_road_mq, st_param(st, 0), st_param(st, 1),
	       st_param(st, 2), 0, 0, false);
	unsetenv("PIPC_FAIR");
}

ST_WORKLOAD(pipe_stream, .id = "pipe/stream", .op = "message",
	    .text = "mq/stream through a pipe, for scale", .variants = plain,
	    .baseline = true)
{
	stream(st, &st_road_pipe, 1, 1, 0, st_param(st, 1), 0, false);
}

ST_WORKLOAD(dgram_stream, .id = "dgram/stream", .op = "message",
	    .text = "mq/stream through a Unix datagram socket, for scale",
	    .variants = plain, .baseline = true)
{
	stream(st, &st_road_dgram, 1, 1, 0, st_param(st, 1), 0, false);
}

ST_WORKLOAD(sysv_stream, .id = "sysv/stream", .op = "message",
	    .text = "mq/stream through a System V queue, for scale",
	    .variants = plain, .baseline = true)
{
	stream(st, &st_road_sysv, 1, 1, 0, st_param(st, 1), 0, false);
}

ST_WORKLOAD(mq_eintr, .id = "eintr/mq", .op = "message",
	    .text = "mq/stream in a storm of signals: an interrupted call did "
		    "nothing",
	    .smoke = true)
{
	stream(st, &st_road_mq, 1, 1, 2, 0, 0, true);
}
