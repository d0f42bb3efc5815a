/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The messages of a queue, in shared memory.
 *
 * A slot with a seq has a message.  Everything else is an index over slots: a
 * list for each priority (that of the highest stands in the line that all
 * calls touch anyway), bits for the priorities that have one, a list of free
 * slots.  Each step costs the same at any depth; a rebuild makes it all anew.
 */
#include "ref.h"

#include <limits.h>
#include <string.h>

#define BITS 64
#define WORDS (REF_PRIORITIES / BITS)
#define FIFOS_SIZE (REF_PRIORITIES * sizeof(struct ref_fifo))
#define FIFO_PAGE (FIFOS_SIZE / BITS)
#define CHUNK 16384 /* of slots that are made ready at a time */
#define SEQ_MAX (UINT64_MAX >> 1)
#define MOST_WAITERS 256
#define WAITERS_MEMORY (16u << 20)

static size_t aligned(size_t n, size_t to)
{
	return (n + to - 1) / to * to;
}

bool ref_queue_layout(struct ref_mapping *m, long maxmsg, long msgsize)
{
	size_t waiters, memory = SIZE_MAX / 4;

	errno = EINVAL;
	if (maxmsg <= 0 || msgsize <= 0 || maxmsg > (1 << 24) ||
	    msgsize > (1 << 30))
		return false;
	m->maxmsg = maxmsg;
	m->msgsize = msgsize;
	m->stride = aligned(sizeof(struct ref_slot) + (size_t)msgsize, 64);
	/* Those who wait to send have a message, too. */
	waiters = WAITERS_MEMORY / m->stride;
	waiters = waiters < 16		   ? 16
		  : waiters > MOST_WAITERS ? MOST_WAITERS
					   : waiters;
	m->waits.most = (uint32_t)waiters;
	m->slot_count = (uint32_t)maxmsg + m->waits.most;
	m->size = aligned(sizeof(struct ref_queue) +
			      waiters * sizeof(struct ref_waiter),
			  4096) +
		  WORDS * sizeof(uint64_t) + FIFOS_SIZE;
	errno = ENOSPC;
	if (m->stride > (memory - m->size) / m->slot_count)
		return false;
	m->size += m->stride * m->slot_count;
	return true;
}

void ref_queue_attach(struct ref_mapping *m, void *memory)
{
	size_t slots = m->stride * m->slot_count;
	char *end = (char *)memory + m->size;

	m->queue = memory;
	m->waits.gate = &m->queue->gate;
	m->waits.waiters = (struct ref_waiter *)(void *)(m->queue + 1);
	m->slots = end - slots;
	m->fifos = (struct ref_fifo *)(void *)(m->slots - FIFOS_SIZE);
	m->bits =
	    (uint64_t *)(void *)((char *)m->fifos - WORDS * sizeof(uint64_t));
}

void ref_queue_init(struct ref_mapping *m, mode_t mode)
{
	struct ref_queue *q = m->queue;

	ref_head_fill(&q->head, REF_MQ, mode);
	q->maxmsg = m->maxmsg;
	q->msgsize = m->msgsize;
	q->seq = 1;
	ref_gate_init(&q->gate);
	ref_notify_init(q);
}

bool ref_queue_valid(const struct ref_queue *q)
{
	if (!ref_head_valid(&q->head, REF_MQ))
		return false;
	errno = EINVAL;
	return q->maxmsg <= LONG_MAX && q->msgsize <= LONG_MAX;
}

static inline struct ref_slot *at(const struct ref_mapping *m, uint32_t slot)
{
	return slot - 1 < m->slot_count
		   ? (struct ref_slot *)(void *)(m->slots +
						 (slot - 1) * m->stride)
		   : NULL;
}

/* What is checked is what is used, whoever writes in between. */
static inline uint32_t once(const uint32_t *word)
{
	return __atomic_load_n(word, __ATOMIC_RELAXED);
}

static bool broken(const struct ref_mapping *m, const struct ref_slot *s)
{
	return s->len > (uint64_t)m->msgsize || s->prio >= REF_PRIORITIES ||
	       s->seq > SEQ_MAX;
}

/* The pages of slots never used are not there yet. */
static bool fill_slots(struct ref_mapping *m)
{
	struct ref_queue *q = m->queue;
	uint32_t n = (uint32_t)(CHUNK / m->stride);

	n = n == 0 ? 1 : n;
	if (n > m->slot_count - q->fresh)
		n = m->slot_count - q->fresh;
	if (!ref_fill(at(m, q->fresh + 1), n * m->stride))
		return false;
	q->filled = q->fresh + n;
	return true;
}

static bool fill_fifo(struct ref_mapping *m, unsigned prio)
{
	size_t page = prio * sizeof(struct ref_fifo) / FIFO_PAGE;

	if (m->queue->fifos_filled & UINT64_C(1) << page)
		return true;
	if (!ref_fill(&m->bits[prio / BITS], sizeof(uint64_t)) ||
	    !ref_fill((char *)m->fifos + page * FIFO_PAGE, FIFO_PAGE))
		return false;
	m->queue->fifos_filled |= UINT64_C(1) << page;
	return true;
}

static inline uint32_t slot_new(struct ref_mapping *m)
{
	struct ref_queue *q = m->queue;
	uint32_t slot = q->free;
	struct ref_slot *s = at(m, slot);

	if (s != NULL && s->seq == 0) {
		q->free = s->next;
		atomic_store_explicit(&m->recent, slot - 1,
				      memory_order_relaxed);
		return slot;
	}
	if (slot != 0) {
		errno = EBADMSG;
		return 0;
	}
	if (q->fresh >= m->slot_count) {
		errno = EAGAIN;
		return 0;
	}
	if (q->fresh >= q->filled && !fill_slots(m))
		return 0;
	return ++q->fresh;
}

bool ref_queue_has(const struct ref_mapping *m, uint32_t slot)
{
	const struct ref_slot *s = at(m, slot);

	return s != NULL && s->seq != 0;
}

void ref_queue_free(struct ref_mapping *m, uint32_t slot)
{
	struct ref_slot *s = at(m, slot);

	if (s == NULL)
		return;
	atomic_store_explicit(&s->seq, 0, memory_order_release);
	s->next = m->queue->free;
	m->queue->free = slot;
}

uint32_t ref_queue_reserve(struct ref_mapping *m, unsigned prio)
{
	/* What its place in the order needs must not fail later. */
	return fill_fifo(m, prio) ? slot_new(m) : 0;
}

void ref_queue_fill(struct ref_mapping *m, uint32_t slot, const char *msg,
		    size_t len, unsigned prio)
{
	struct ref_slot *s = at(m, slot);

	if (s == NULL)
		return;
	memcpy(s->bytes, msg, len);
	s->len = (uint32_t)len;
	s->prio = prio;
}

void ref_queue_commit(struct ref_mapping *m, uint32_t slot)
{
	struct ref_slot *s = at(m, slot);

	if (s != NULL)
		atomic_store_explicit(&s->seq, m->queue->seq++,
				      memory_order_release);
}

static void fifo_add(struct ref_mapping *m, unsigned prio, uint32_t first,
		     uint32_t last)
{
	struct ref_fifo *f = &m->fifos[prio];
	struct ref_slot *s = at(m, f->last);
	unsigned word = prio / BITS;

	if (s != NULL) {
		s->next = first;
	} else {
		f->first = first;
		m->bits[word] |= UINT64_C(1) << prio % BITS;
		m->queue->summary[word / BITS] |= UINT64_C(1) << word % BITS;
	}
	f->last = last;
}

void ref_queue_add(struct ref_mapping *m, uint32_t slot)
{
	struct ref_queue *q = m->queue;
	struct ref_slot *s = at(m, slot), *last;
	uint32_t top = once(&q->top), prio;

	if (s == NULL)
		return;
	prio = s->prio % REF_PRIORITIES;
	s->next = 0;
	if (top == prio + 1 && (last = at(m, q->last)) != NULL) {
		last->next = slot;
		q->last = slot;
	} else if (top < prio + 1) {
		if (top != 0)
			fifo_add(m, top - 1, q->first, q->last);
		q->top = prio + 1;
		q->first = q->last = slot;
	} else {
		fifo_add(m, prio, slot, slot);
	}
	atomic_store_explicit(&q->count, q->count + 1, memory_order_relaxed);
}

static int highest(uint64_t bits)
{
	return BITS - 1 - __builtin_clzll(bits);
}

/* The messages of the next lower priority become those of the highest. */
static COLD void lower_top(struct ref_mapping *m)
{
	struct ref_queue *q = m->queue;
	struct ref_fifo *f;
	uint64_t summary, bits;
	int i, word, bit;

	for (i = WORDS / BITS - 1; i >= 0 && q->summary[i] == 0; i--)
		continue;
	q->top = 0;
	q->first = q->last = 0;
	if (i < 0 || (summary = q->summary[i]) == 0)
		return;
	word = i * BITS + highest(summary);
	bits = m->bits[word];
	if (bits == 0) {
		q->summary[i] &= ~(UINT64_C(1) << word % BITS);
		return;
	}
	bit = highest(bits);
	f = &m->fifos[word * BITS + bit];
	q->top = (uint32_t)(word * BITS + bit) + 1;
	q->first = f->first;
	q->last = f->last;
	f->first = f->last = 0;
	m->bits[word] &= ~(UINT64_C(1) << bit);
	if (m->bits[word] == 0)
		q->summary[i] &= ~(UINT64_C(1) << word % BITS);
}

uint32_t ref_queue_take(struct ref_mapping *m)
{
	struct ref_queue *q = m->queue;
	uint32_t slot = q->first;
	struct ref_slot *s = at(m, slot);

	if (s == NULL || s->seq == 0 || s->prio + 1 != q->top) {
		errno = EBADMSG;
		return 0;
	}
	if (slot == q->last)
		lower_top(m);
	else
		q->first = s->next;
	atomic_store_explicit(&q->count, q->count - 1, memory_order_relaxed);
	atomic_store_explicit(&m->recent, slot - 1, memory_order_relaxed);
	return slot;
}

size_t ref_queue_length(const struct ref_mapping *m, uint32_t slot)
{
	const struct ref_slot *s = at(m, slot);

	return s == NULL ? 0 : once(&s->len);
}

ssize_t ref_queue_read(struct ref_mapping *m, uint32_t slot, char *buf,
		       unsigned *prio)
{
	struct ref_slot *s = at(m, slot);
	uint32_t len = s == NULL ? UINT32_MAX : once(&s->len);
	uint32_t its_prio = s == NULL ? 0 : once(&s->prio);

	if (len > (uint64_t)m->msgsize || its_prio >= REF_PRIORITIES) {
		errno = EBADMSG;
		return -1;
	}
	memcpy(buf, s->bytes, len);
	if (prio != NULL)
		*prio = its_prio;
	return (ssize_t)len;
}

/* Merges two lists that are ordered by seq. */
static uint32_t merge(struct ref_mapping *m, uint32_t a, uint32_t b)
{
	uint32_t first = 0, *end = &first, n = m->slot_count;
	struct ref_slot *x, *y;

	while (n-- > 0 && (x = at(m, a)) != NULL && (y = at(m, b)) != NULL) {
		uint32_t *least = x->seq < y->seq ? &a : &b;

		*end = *least;
		end = least == &a ? &x->next : &y->next;
		*least = once(end);
	}
	*end = a != 0 ? a : b;
	return first;
}

/* Sorts a list by seq, without memory of our own that could be refused. */
static uint32_t sort(struct ref_mapping *m, uint32_t list)
{
	uint32_t runs[32] = {0}, next, i, n;
	struct ref_slot *s;

	for (n = 0; n < m->slot_count && (s = at(m, list)) != NULL; n++) {
		next = once(&s->next);
		s->next = 0;
		for (i = 0; i < 31 && runs[i] != 0; i++) {
			list = merge(m, runs[i], list);
			runs[i] = 0;
		}
		runs[i] = runs[i] != 0 ? merge(m, runs[i], list) : list;
		list = next;
	}
	for (list = 0, i = 0; i < 32; i++)
		list = merge(m, runs[i], list);
	return list;
}

static void forget_index(struct ref_mapping *m)
{
	struct ref_queue *q = m->queue;
	unsigned page;

	atomic_store(&q->count, 0);
	q->free = q->top = q->first = q->last = 0;
	memset(q->summary, 0, sizeof(q->summary));
	for (page = 0; page < BITS; page++)
		if (q->fifos_filled & UINT64_C(1) << page) {
			memset((char *)m->fifos + page * FIFO_PAGE, 0,
			       FIFO_PAGE);
			memset(&m->bits[page * (WORDS / BITS)], 0,
			       WORDS / BITS * sizeof(uint64_t));
		}
}

/* A waiter's slot is his own: not to be read, not to be free. */
static void mark_owned(struct ref_mapping *m)
{
	struct ref_gate *gate = &m->queue->gate;
	struct ref_waiter *w;
	struct ref_slot *s;
	uint32_t i;

	for (i = 0; i < gate->used && i < m->waits.most; i++) {
		w = &m->waits.waiters[i];
		s = at(m, w->slot);
		if (s != NULL)
			s->owned = 1;
	}
}

void ref_queue_rebuild(struct ref_mapping *m)
{
	struct ref_queue *q = m->queue;
	uint32_t i, list = 0, fresh = once(&q->fresh);
	struct ref_slot *s;

	if (fresh > m->slot_count)
		q->fresh = fresh = m->slot_count;
	forget_index(m);
	q->seq = 1;
	for (i = 1; i <= fresh; i++)
		at(m, i)->owned = 0;
	mark_owned(m);
	for (i = fresh; i > 0; i--) {
		s = at(m, i);
		if (s->seq >= q->seq && s->seq <= SEQ_MAX)
			q->seq = s->seq + 1;
		if (s->owned)
			continue;
		if (s->seq == 0 || broken(m, s) ||
		    !fill_fifo(m, s->prio % REF_PRIORITIES)) {
			ref_queue_free(m, i);
			continue;
		}
		s->next = list;
		list = i;
	}
	list = sort(m, list);
	for (i = 0; i < fresh && (s = at(m, list)) != NULL; i++) {
		uint32_t next = once(&s->next);

		ref_queue_add(m, list);
		list = next;
	}
}
