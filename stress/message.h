/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Messages that show whether one was lost, duplicated, torn or overtaken.
 */
#ifndef ST_MESSAGE_H
#define ST_MESSAGE_H

/*
 * The head of each message, 16 bytes; the rest is filled with words that follow
 * from it.  The stamp is st_ns(), cut to 40 bits: st_age() knows.
 */
struct st_message {
	uint32_t seq; /* 1, 2, ... for each sender and priority */
	uint16_t prio;
	uint8_t from, stamp_high;
	uint32_t stamp; /* when it was sent, or should have been; or 0 */
	uint32_t check;
};
#define ST_MESSAGE_MIN ((long)sizeof(struct st_message))
#define ST_MESSAGE_MAX 8192
#define ST_END UINT32_MAX /* as seq: nothing more comes from this sender */

union st_buffer {
	struct st_message m;
	uint64_t word[ST_MESSAGE_MAX / 8];
	char bytes[ST_MESSAGE_MAX];
};

void st_fill(union st_buffer *b, size_t size, unsigned from, unsigned prio,
	     uint32_t seq, uint64_t stamp);

/* Nanoseconds from the stamp of a message until now. */
uint64_t st_age(const struct st_message *m);

/* Broken unless the message is whole and has this size and priority. */
void st_whole(struct st *st, const union st_buffer *b, ssize_t got, size_t size,
	      unsigned prio);

/* What has been seen of a multiset of messages: two are equal or differ. */
struct st_tally {
	uint64_t count, hash;
};
static inline void st_tally(struct st_tally *t, const struct st_message *m)
{
	t->count++;
	t->hash += (uint64_t)m->check << 32 | m->seq;
}
void st_same_tally(struct st *st, const struct st_tally *sent,
		   const struct st_tally *received);

/*
 * Order within sender and priority.  With `alone` (one receiver) there may be
 * no gap either.
 */
struct st_order {
	uint32_t last[ST_WORKERS][ST_PRIORITIES];
};
void st_in_order(struct st *st, struct st_order *o, const struct st_message *m,
		 bool alone);

#endif
