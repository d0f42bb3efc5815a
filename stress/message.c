/* SPDX-License-Identifier: BSD-3-Clause */
/* Making messages, and looking at what arrived. */
#include "stress.h"

/* What the check and the rest of the message follow from. */
static uint64_t mixed(const union st_buffer *b)
{
	uint64_t x = b->word[0] ^ b->m.stamp * 0x9e3779b97f4a7c15u;

	x = (x ^ (x >> 32)) * 0xbf58476d1ce4e5b9u;
	return x ^ (x >> 29);
}

/* The same word again and again, by copying ever larger pieces. */
static void fill_rest(union st_buffer *b, size_t size)
{
	char *rest = b->bytes + sizeof(b->m);
	size_t n = size - sizeof(b->m), done = sizeof(b->word[0]), more;

	b->word[2] = mixed(b);
	for (; done < n; done += more) {
		more = done < n - done ? done : n - done;
		memcpy(rest + done, rest, more);
	}
}

/* Each word is the one before it. */
static bool rest_is_whole(const union st_buffer *b, size_t size)
{
	const char *rest = b->bytes + sizeof(b->m);
	size_t n = size - sizeof(b->m) - sizeof(b->word[0]);

	return b->word[2] == mixed(b) &&
	       memcmp(rest, rest + sizeof(b->word[0]), n) == 0;
}

void st_fill(union st_buffer *b, size_t size, unsigned from, unsigned prio,
	     uint32_t seq, uint64_t stamp)
{
	b->m = (struct st_message){.seq = seq,
				   .prio = (uint16_t)prio,
				   .from = (uint8_t)from,
				   .stamp_high = (uint8_t)(stamp >> 32),
				   .stamp = (uint32_t)stamp};
	b->m.check = (uint32_t)mixed(b);
	if (size > sizeof(b->m))
		fill_rest(b, size);
}

uint64_t st_age(const struct st_message *m)
{
	uint64_t stamp = (uint64_t)m->stamp_high << 32 | m->stamp;

	return (st_ns() - stamp) & (((uint64_t)1 << 40) - 1);
}

void st_whole(struct st *st, const union st_buffer *b, ssize_t got, size_t size,
	      unsigned prio)
{
	ST_HOLDS(st, got == (ssize_t)size,
		 "torn message: %zd bytes came instead of %zu", got, size);
	ST_HOLDS(st,
		 b->m.check == (uint32_t)mixed(b) &&
		     (size == sizeof(b->m) || rest_is_whole(b, size)),
		 "torn message: number %" PRIu32 " of sender %u has a payload "
		 "that is not its own",
		 b->m.seq, b->m.from);
	ST_HOLDS(st, b->m.prio == prio,
		 "wrong priority: sent with %u, received with %u", b->m.prio,
		 prio);
}

void st_same_tally(struct st *st, const struct st_tally *sent,
		   const struct st_tally *received)
{
	ST_HOLDS(st, received->count >= sent->count,
		 "lost: %" PRIu64 " of %" PRIu64 " messages did not arrive",
		 sent->count - received->count, sent->count);
	ST_HOLDS(st, received->count <= sent->count,
		 "duplicated: %" PRIu64 " messages were sent and %" PRIu64
		 " arrived",
		 sent->count, received->count);
	ST_HOLDS(st, received->hash == sent->hash,
		 "of %" PRIu64 " messages one was lost and another duplicated",
		 sent->count);
}

void st_in_order(struct st *st, struct st_order *o, const struct st_message *m,
		 bool alone)
{
	uint32_t *last;

	ST_HOLDS(st, m->from < ST_WORKERS && m->prio < ST_PRIORITIES,
		 "a message from nobody: sender %u", m->from);
	last = &o->last[m->from][m->prio];
	ST_HOLDS(st, m->seq != *last,
		 "duplicated: number %" PRIu32 " of sender %u arrived twice",
		 m->seq, m->from);
	ST_HOLDS(st, m->seq > *last,
		 "out of order: number %" PRIu32
		 " of sender %u after its number %" PRIu32 ", priority %u",
		 m->seq, m->from, *last, m->prio);
	ST_HOLDS(st, !alone || m->seq == *last + 1,
		 "lost: number %" PRIu32
		 " of sender %u came after its number %" PRIu32,
		 m->seq, m->from, *last);
	*last = m->seq;
}
