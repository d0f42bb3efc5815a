/* SPDX-License-Identifier: BSD-3-Clause */
/* Making messages, and looking at what arrived. */
#include "stress.h"

static uint64_t check_of(const struct st_message *m)
{
	return st_mix(m->stamp ^ st_mix(m->seq) ^
		      ((uint64_t)m->from << 32 | m->prio));
}

void st_fill(union st_buffer *b, size_t size, uint32_t from, uint32_t prio,
	     uint64_t seq, uint64_t stamp)
{
	size_t i;

	b->m = (struct st_message){stamp, seq, from, prio, 0};
	b->m.check = check_of(&b->m);
	for (i = sizeof(b->m) / 8; i < size / 8; i++)
		b->word[i] = b->m.check;
}

void st_whole(struct st *st, const union st_buffer *b, ssize_t got, size_t size,
	      unsigned prio)
{
	uint64_t differs = 0;
	size_t i;

	ST_HOLDS(st, got == (ssize_t)size,
		 "torn message: %zd bytes came instead of %zu", got, size);
	for (i = sizeof(b->m) / 8; i < size / 8; i++)
		differs |= b->word[i] ^ b->m.check;
	ST_HOLDS(st, differs == 0 && b->m.check == check_of(&b->m),
		 "torn message: number %" PRIu64 " of sender %" PRIu32
		 " has a payload that is not its own",
		 b->m.seq, b->m.from);
	ST_HOLDS(st, b->m.prio == prio,
		 "wrong priority: sent with %" PRIu32 ", received with %u",
		 b->m.prio, prio);
}

void st_tally(struct st_tally *t, const struct st_message *m)
{
	t->count++;
	t->hash += st_mix(m->seq ^ st_mix((uint64_t)m->from << 32 | m->prio));
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
	uint64_t *last;

	ST_HOLDS(st, m->from < ST_WORKERS && m->prio < ST_PRIORITIES,
		 "a message from nobody: sender %" PRIu32, m->from);
	last = &o->last[m->from][m->prio];
	ST_HOLDS(st, m->seq != *last,
		 "duplicated: number %" PRIu64 " of sender %" PRIu32
		 " arrived twice",
		 m->seq, m->from);
	ST_HOLDS(st, m->seq > *last,
		 "out of order: number %" PRIu64 " of sender %" PRIu32
		 " after its number %" PRIu64 ", priority %" PRIu32,
		 m->seq, m->from, *last, m->prio);
	ST_HOLDS(st, !alone || m->seq == *last + 1,
		 "lost: number %" PRIu64 " of sender %" PRIu32
		 " came after its number %" PRIu64,
		 m->seq, m->from, *last);
	*last = m->seq;
}
