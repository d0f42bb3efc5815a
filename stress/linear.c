/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The search of Wing and Gong with the memory of Lowe: operations are taken in
 * every order that their begins and ends allow, and a set of operations done
 * that led to the same state before is not searched again.
 */
#include "linear.h"

#include <stdlib.h>
#include <string.h>

#define TABLE (1u << 9)	  /* first size of the memory */
#define ENOUGH (1u << 21) /* states until it is left undecided */

/* A semaphore's state is the count alone. */
struct state {
	uint32_t count;
	struct {
		uint32_t message;
		uint16_t prio;
	} queue[ST_LINEAR_CAPACITY];
};

/* A begin or an end in the list of those still to be taken. */
struct event {
	struct event *before, *after;
	uint32_t stamp;
	uint16_t op;
	bool is_end;
	struct event *end; /* of a begin; NULL for a pending operation */
};

struct search {
	const struct st_op *ops;
	unsigned capacity;
	struct event head, events[2 * ST_LINEAR_OPS];
	uint64_t done[ST_LINEAR_OPS / 64];
	struct state state;
	struct {
		struct event *begin;
		struct state state; /* before it */
	} taken[ST_LINEAR_OPS];
	unsigned depth;
	struct key {
		uint64_t a, b;
	} * memory;
	unsigned size, used;
};

static bool send(struct state *s, const struct st_op *op, unsigned capacity)
{
	unsigned at = 0;

	if (op->how_ended == ST_REFUSED)
		return s->count == capacity;
	if (s->count == capacity)
		return false;
	while (at < s->count && s->queue[at].prio >= op->prio)
		at++;
	memmove(&s->queue[at + 1], &s->queue[at],
		(s->count - at) * sizeof(s->queue[0]));
	s->queue[at].prio = op->prio;
	s->queue[at].message = op->message;
	s->count++;
	return true;
}

static bool receive(struct state *s, const struct st_op *op)
{
	if (op->how_ended == ST_REFUSED)
		return s->count == 0;
	if (s->count == 0)
		return false;
	if (op->how_ended == ST_OK && (s->queue[0].message != op->message ||
				       s->queue[0].prio != op->prio))
		return false;
	s->count--;
	memmove(&s->queue[0], &s->queue[1], s->count * sizeof(s->queue[0]));
	memset(&s->queue[s->count], 0, sizeof(s->queue[0]));
	return true;
}

/* Can the operation happen in this state?  Then it does. */
static bool happens(struct state *s, const struct st_op *op, unsigned capacity)
{
	switch (op->kind) {
	case ST_SEND:
		return send(s, op, capacity);
	case ST_RECEIVE:
		return receive(s, op);
	case ST_POST:
		s->count++;
		return true;
	case ST_WAIT:
		if (op->how_ended == ST_REFUSED)
			return s->count == 0;
		return s->count > 0 ? s->count--, true : false;
	default:
		return op->how_ended == ST_PENDING || s->count == op->message;
	}
}

static uint64_t mix(uint64_t h, uint64_t x)
{
	h = (h ^ x) * 0xff51afd7ed558ccdu;
	return h ^ (h >> 32);
}

/* 128 bits of what was done and where it led. */
static struct key key_of(const struct search *s)
{
	struct key k = {1, 2};
	unsigned i;

	for (i = 0; i < ST_LINEAR_OPS / 64; i++) {
		k.a = mix(k.a, s->done[i]);
		k.b = mix(k.b, ~s->done[i] * 0x9e3779b97f4a7c15u);
	}
	k.a = mix(k.a, s->state.count);
	k.b = mix(k.b, s->state.count + 77);
	for (i = 0; i < s->state.count && i < ST_LINEAR_CAPACITY; i++) {
		k.a = mix(k.a, s->state.queue[i].message);
		k.b = mix(k.b, s->state.queue[i].message * 31u + 7);
	}
	k.a |= 1; /* none is 0, which marks an empty place */
	return k;
}

static void put(struct key *table, unsigned size, struct key k)
{
	unsigned at = (unsigned)(k.a >> 1) & (size - 1);

	while (table[at].a != 0)
		at = (at + 1) & (size - 1);
	table[at] = k;
}

static bool grow(struct search *s)
{
	struct key *larger = calloc(s->size * 2, sizeof(*larger));
	unsigned i;

	if (larger == NULL)
		return false;
	for (i = 0; i < s->size; i++)
		if (s->memory[i].a != 0)
			put(larger, s->size * 2, s->memory[i]);
	free(s->memory);
	s->memory = larger;
	s->size *= 2;
	return true;
}

/* True when this is new. */
static bool remember(struct search *s)
{
	struct key k = key_of(s);
	unsigned at = (unsigned)(k.a >> 1) & (s->size - 1);

	for (; s->memory[at].a != 0; at = (at + 1) & (s->size - 1))
		if (s->memory[at].a == k.a && s->memory[at].b == k.b)
			return false;
	s->memory[at] = k;
	s->used++;
	return s->used * 2 < s->size || grow(s);
}

static void cut(struct event *e)
{
	e->before->after = e->after;
	if (e->after != NULL)
		e->after->before = e->before;
}

static void paste(struct event *e)
{
	e->before->after = e;
	if (e->after != NULL)
		e->after->before = e;
}

/* Takes an operation next, if it can happen and that leads to news. */
static bool take(struct search *s, struct event *begin)
{
	struct state before = s->state;
	unsigned op = begin->op;

	if (!happens(&s->state, &s->ops[op], s->capacity)) {
		s->state = before;
		return false;
	}
	s->done[op / 64] |= (uint64_t)1 << op % 64;
	if (!remember(s)) {
		s->done[op / 64] &= ~((uint64_t)1 << op % 64);
		s->state = before;
		return false;
	}
	s->taken[s->depth].begin = begin;
	s->taken[s->depth++].state = before;
	cut(begin);
	if (begin->end != NULL)
		cut(begin->end);
	return true;
}

static struct event *give_back(struct search *s)
{
	struct event *begin = s->taken[--s->depth].begin;
	unsigned op = begin->op;

	if (begin->end != NULL)
		paste(begin->end);
	paste(begin);
	s->done[op / 64] &= ~((uint64_t)1 << op % 64);
	s->state = s->taken[s->depth].state;
	return begin;
}

static enum st_linear search(struct search *s)
{
	struct event *e = s->head.after;

	while (e != NULL) {
		if (s->used > ENOUGH)
			return ST_LINEAR_UNDECIDED;
		if (!e->is_end) {
			e = take(s, e) ? s->head.after : e->after;
			continue;
		}
		/* One has ended that has not been taken: back. */
		if (s->depth == 0)
			return ST_LINEAR_NO;
		e = give_back(s)->after;
	}
	return ST_LINEAR_YES; /* what is left is pending, and need not be */
}

static int by_stamp(const void *a, const void *b)
{
	const struct event *x = a, *y = b;

	return x->stamp < y->stamp ? -1 : x->stamp > y->stamp;
}

static void list_events(struct search *s, unsigned n)
{
	struct event *e = s->events, *begins[ST_LINEAR_OPS] = {NULL};
	unsigned i, count = 0;

	for (i = 0; i < n; i++) {
		e[count++] =
		    (struct event){.stamp = s->ops[i].begin, .op = (uint16_t)i};
		if (s->ops[i].how_ended != ST_PENDING)
			e[count++] = (struct event){.stamp = s->ops[i].end,
						    .op = (uint16_t)i,
						    .is_end = true};
	}
	qsort(e, count, sizeof(*e), by_stamp);
	s->head.after = count > 0 ? &e[0] : NULL;
	for (i = 0; i < count; i++) {
		e[i].before = i > 0 ? &e[i - 1] : &s->head;
		e[i].after = i + 1 < count ? &e[i + 1] : NULL;
		if (e[i].is_end)
			begins[e[i].op]->end = &e[i];
		else
			begins[e[i].op] = &e[i];
	}
}

enum st_linear st_linearizable(const struct st_op *ops, unsigned n,
			       unsigned capacity)
{
	struct search *s = calloc(1, sizeof(*s));
	enum st_linear result = ST_LINEAR_UNDECIDED;

	if (s != NULL && n <= ST_LINEAR_OPS && capacity <= ST_LINEAR_CAPACITY) {
		s->ops = ops;
		s->capacity = capacity;
		s->size = TABLE;
		s->memory = calloc(s->size, sizeof(*s->memory));
		list_events(s, n);
		if (s->memory != NULL)
			result = search(s);
		free(s->memory);
	}
	free(s);
	return result;
}

/* Shrinking: a trial is the history without some operations. */
struct trial {
	struct st_op ops[ST_LINEAR_OPS];
	unsigned n;
};

static bool keep_if_broken(struct st_op *ops, unsigned *n, struct trial *trial,
			   unsigned capacity)
{
	if (trial->n == *n ||
	    st_linearizable(trial->ops, trial->n, capacity) != ST_LINEAR_NO)
		return false;
	memcpy(ops, trial->ops, trial->n * sizeof(*ops));
	*n = trial->n;
	return true;
}

/* What was known at that stamp: later begins gone, later ends pending. */
static void until(struct trial *trial, const struct st_op *ops, unsigned n,
		  uint32_t stamp)
{
	unsigned i;

	trial->n = 0;
	for (i = 0; i < n; i++) {
		if (ops[i].begin > stamp)
			continue;
		trial->ops[trial->n] = ops[i];
		if (ops[i].end > stamp)
			trial->ops[trial->n].how_ended = ST_PENDING;
		trial->n++;
	}
}

/* The shortest beginning that is broken already, by bisection. */
static void shorten(struct st_op *ops, unsigned *n, struct trial *trial,
		    unsigned capacity)
{
	uint32_t low = 0, high = 0, middle;
	unsigned i;

	for (i = 0; i < *n; i++)
		if (ops[i].how_ended != ST_PENDING && ops[i].end > high)
			high = ops[i].end;
	while (low + 1 < high) {
		middle = low + (high - low) / 2;
		until(trial, ops, *n, middle);
		if (st_linearizable(trial->ops, trial->n, capacity) ==
		    ST_LINEAR_NO)
			high = middle;
		else
			low = middle;
	}
	until(trial, ops, *n, high);
	memcpy(ops, trial->ops, trial->n * sizeof(*ops));
	*n = trial->n;
}

/* The history without operation i and, if it sends, without what came of it. */
static void without(struct trial *trial, const struct st_op *ops, unsigned n,
		    unsigned i)
{
	unsigned k;

	trial->n = 0;
	for (k = 0; k < n; k++)
		if (k != i &&
		    !(ops[i].kind == ST_SEND && ops[k].kind == ST_RECEIVE &&
		      ops[k].how_ended == ST_OK &&
		      ops[k].message == ops[i].message))
			trial->ops[trial->n++] = ops[k];
}

/* Refused, or a count: the rest is linearizable without it if with it. */
static bool only_looks(const struct st_op *op)
{
	return op->how_ended == ST_REFUSED || op->kind == ST_MESSAGES ||
	       op->kind == ST_VALUE;
}

/* Is there an answer that depends on how much is in the queue? */
static bool counts(const struct st_op *ops, unsigned n)
{
	unsigned i;

	for (i = 0; i < n; i++)
		if (only_looks(&ops[i]) && ops[i].kind != ST_RECEIVE)
			return true;
	return false;
}

unsigned st_linear_shrink(struct st_op *ops, unsigned n, unsigned capacity)
{
	struct trial *trial = malloc(sizeof(*trial));
	bool less = true;
	unsigned i;

	if (trial == NULL)
		return n;
	shorten(ops, &n, trial, capacity);
	while (less) {
		less = false;
		for (i = n; i-- > 0;) {
			if (i >= n ||
			    (!only_looks(&ops[i]) &&
			     (ops[i].kind != ST_SEND || counts(ops, n))))
				continue;
			without(trial, ops, n, i);
			less = keep_if_broken(ops, &n, trial, capacity) || less;
		}
	}
	free(trial);
	return n;
}
