/* SPDX-License-Identifier: BSD-3-Clause */
/* The judge of histories: what it accepts, what it refuses, how it shrinks. */
#include "check_st.h"
#include "linear.h"
#include "stats.h"

#include <string.h>

#define OP(b, e, kind_, ended, p, m)                                           \
	{                                                                      \
		.begin = (b), .end = (e), .kind = (kind_),                     \
		.how_ended = (ended), .prio = (p), .message = (m)              \
	}
#define JUDGE(ops, capacity)                                                   \
	st_linearizable(ops, sizeof(ops) / sizeof(ops[0]), capacity)

START_TEST(order_of_sends_is_kept)
{
	const struct st_op ops[] = {
	    OP(0, 1, ST_SEND, ST_OK, 1, 1),
	    OP(2, 3, ST_SEND, ST_OK, 1, 2),
	    OP(4, 5, ST_RECEIVE, ST_OK, 1, 2),
	    OP(6, 7, ST_RECEIVE, ST_OK, 1, 1),
	};

	ck_assert_int_eq(JUDGE(ops, 4), ST_LINEAR_NO);
}
END_TEST

START_TEST(sends_at_one_time_have_no_order)
{
	const struct st_op ops[] = {
	    OP(0, 3, ST_SEND, ST_OK, 1, 1),
	    OP(1, 2, ST_SEND, ST_OK, 1, 2),
	    OP(4, 5, ST_RECEIVE, ST_OK, 1, 2),
	    OP(6, 7, ST_RECEIVE, ST_OK, 1, 1),
	};

	ck_assert_int_eq(JUDGE(ops, 4), ST_LINEAR_YES);
}
END_TEST

START_TEST(higher_priority_first)
{
	struct st_op ops[] = {
	    OP(0, 1, ST_SEND, ST_OK, 1, 1),
	    OP(2, 3, ST_SEND, ST_OK, 2, 2),
	    OP(4, 5, ST_RECEIVE, ST_OK, 2, 2),
	    OP(6, 7, ST_RECEIVE, ST_OK, 1, 1),
	};

	ck_assert_int_eq(JUDGE(ops, 4), ST_LINEAR_YES);
	ops[2].prio = 1;
	ops[2].message = 1;
	ops[3].prio = 2;
	ops[3].message = 2;
	ck_assert_int_eq(JUDGE(ops, 4), ST_LINEAR_NO);
}
END_TEST

START_TEST(full_and_empty)
{
	const struct st_op full[] = {
	    OP(0, 1, ST_SEND, ST_OK, 0, 1),
	    OP(2, 3, ST_SEND, ST_REFUSED, 0, 2),
	};
	const struct st_op empty[] = {
	    OP(0, 1, ST_SEND, ST_OK, 0, 1),
	    OP(2, 3, ST_RECEIVE, ST_REFUSED, 0, 0),
	};

	ck_assert_int_eq(JUDGE(full, 1), ST_LINEAR_YES);
	ck_assert_int_eq(JUDGE(full, 2), ST_LINEAR_NO);
	ck_assert_int_eq(JUDGE(empty, 1), ST_LINEAR_NO);
}
END_TEST

START_TEST(beyond_capacity)
{
	const struct st_op ops[] = {
	    OP(0, 1, ST_SEND, ST_OK, 0, 1),
	    OP(2, 3, ST_SEND, ST_OK, 0, 2),
	};

	ck_assert_int_eq(JUDGE(ops, 2), ST_LINEAR_YES);
	ck_assert_int_eq(JUDGE(ops, 1), ST_LINEAR_NO);
}
END_TEST

START_TEST(pending_may_have_happened_or_not)
{
	struct st_op ops[] = {
	    OP(0, 0, ST_SEND, ST_PENDING, 0, 1),
	    OP(1, 2, ST_RECEIVE, ST_OK, 0, 1),
	};

	ck_assert_int_eq(JUDGE(ops, 1), ST_LINEAR_YES);
	ops[1].how_ended = ST_REFUSED;
	ck_assert_int_eq(JUDGE(ops, 1), ST_LINEAR_YES);
	ops[1].how_ended = ST_OK;
	ops[1].message = 2;
	ck_assert_int_eq(JUDGE(ops, 1), ST_LINEAR_NO);
}
END_TEST

START_TEST(duplicates_and_strangers)
{
	const struct st_op twice[] = {
	    OP(0, 1, ST_SEND, ST_OK, 0, 1),
	    OP(2, 3, ST_RECEIVE, ST_OK, 0, 1),
	    OP(4, 5, ST_RECEIVE, ST_OK, 0, 1),
	};

	ck_assert_int_eq(JUDGE(twice, 2), ST_LINEAR_NO);
}
END_TEST

START_TEST(semaphores_count)
{
	struct st_op ops[] = {
	    OP(0, 1, ST_POST, ST_OK, 0, 0),
	    OP(2, 5, ST_WAIT, ST_OK, 0, 0),
	    OP(3, 4, ST_WAIT, ST_REFUSED, 0, 0),
	    OP(6, 7, ST_VALUE, ST_OK, 0, 0),
	};

	ck_assert_int_eq(JUDGE(ops, 0), ST_LINEAR_YES);
	ops[3].message = 1;
	ck_assert_int_eq(JUDGE(ops, 0), ST_LINEAR_NO);
	ops[3].message = 0;
	ops[2].how_ended = ST_OK;
	ck_assert_int_eq(JUDGE(ops, 0), ST_LINEAR_NO);
}
END_TEST

/*
 * A history made from a model: each operation takes effect at one stamp and
 * begins and ends up to `spread` around it, so it is linearizable.
 */
static unsigned model(struct st_op *ops, unsigned n, unsigned capacity,
		      uint64_t seed, unsigned spread)
{
	struct {
		uint32_t message;
		uint16_t prio;
	} queue[ST_LINEAR_CAPACITY];
	unsigned count = 0, i, at;

	for (i = 0; i < n; i++) {
		uint32_t instant = (i + 10) * 1000;
		uint64_t r = st_next(&seed);
		struct st_op op = {
		    .kind = r & 1 ? ST_SEND : ST_RECEIVE,
		    .begin = instant - 1 - (uint32_t)(r >> 8) % spread,
		    .end = instant + 1 + (uint32_t)(r >> 32) % spread,
		    .prio = (uint16_t)(r >> 4 & 3),
		    .message = i + 1};

		/* No two stamps are alike: instants end in 000. */
		op.begin = op.begin / 1000 * 1000 + i % 499;
		op.end = op.end / 1000 * 1000 + 999 - i % 499;
		if (op.kind == ST_SEND && count < capacity) {
			for (at = 0; at < count && queue[at].prio >= op.prio;)
				at++;
			memmove(&queue[at + 1], &queue[at],
				(count++ - at) * sizeof(queue[0]));
			queue[at].prio = op.prio;
			queue[at].message = op.message;
		} else if (op.kind == ST_RECEIVE && count > 0) {
			op.prio = queue[0].prio;
			op.message = queue[0].message;
			memmove(&queue[0], &queue[1],
				--count * sizeof(queue[0]));
		} else {
			op.how_ended = ST_REFUSED;
		}
		ops[i] = op;
	}
	return n;
}

START_TEST(what_a_model_did_is_linearizable)
{
	struct st_op ops[200];
	uint64_t seed;

	for (seed = 0; seed < 200; seed++)
		ck_assert_int_eq(
		    st_linearizable(ops,
				    model(ops, 200, 1 + seed % 8, seed,
					  (unsigned)(1 + seed % 3000)),
				    1 + seed % 8),
		    ST_LINEAR_YES);
}
END_TEST

/* With one received message changed for another the end is always no. */
START_TEST(a_changed_message_is_seen_and_shrunk)
{
	struct st_op ops[200];
	unsigned i, n, seen = 0;
	uint64_t seed;

	for (seed = 0; seed < 50; seed++) {
		n = model(ops, 200, 4, seed, 2500);
		for (i = 150;
		     ops[i].kind != ST_RECEIVE || ops[i].how_ended != ST_OK;)
			i--;
		ops[i].message = 100000;
		ck_assert_int_eq(st_linearizable(ops, n, 4), ST_LINEAR_NO);
		n = st_linear_shrink(ops, n, 4);
		ck_assert_int_eq(st_linearizable(ops, n, 4), ST_LINEAR_NO);
		seen += n <= 20;
	}
	ck_assert_uint_ge(seen, 40);
}
END_TEST

/* The same question answered in another way: by trying all orders. */
struct sequence {
	unsigned n, capacity;
	const struct st_op *ops;
	unsigned sent[8], sends; /* which send operations, oldest first */
	unsigned taken;		 /* of them, a bit each */
	unsigned count;
};

static bool allows(struct sequence *s, const struct st_op *op)
{
	unsigned i, best = 8;

	for (i = 0; i < s->sends; i++)
		if (!(s->taken & 1u << i) &&
		    (best == 8 ||
		     s->ops[s->sent[i]].prio > s->ops[s->sent[best]].prio))
			best = i;
	switch (op->kind) {
	case ST_SEND:
		if (op->how_ended == ST_REFUSED || s->count == s->capacity)
			return op->how_ended == ST_REFUSED &&
			       s->count == s->capacity;
		s->sent[s->sends++] = (unsigned)(op - s->ops);
		s->count++;
		return true;
	case ST_RECEIVE:
		if (op->how_ended == ST_REFUSED || best == 8)
			return op->how_ended == ST_REFUSED && best == 8;
		s->taken |= 1u << best;
		s->count--;
		return op->how_ended == ST_PENDING ||
		       (s->ops[s->sent[best]].message == op->message &&
			s->ops[s->sent[best]].prio == op->prio);
	default:
		return op->how_ended == ST_PENDING || s->count == op->message;
	}
}

static bool some_order(struct sequence s, unsigned done)
{
	struct sequence next;
	unsigned i, k, complete = 0;

	for (i = 0; i < s.n; i++)
		if (s.ops[i].how_ended != ST_PENDING)
			complete |= 1u << i;
	if ((done & complete) == complete)
		return true;
	for (i = 0; i < s.n; i++) {
		if (done & 1u << i)
			continue;
		for (k = 0; k < s.n; k++)
			if (!(done & 1u << k) && (complete & 1u << k) &&
			    s.ops[k].end < s.ops[i].begin)
				break;
		next = s;
		if (k == s.n && allows(&next, &s.ops[i]) &&
		    some_order(next, done | 1u << i))
			return true;
	}
	return false;
}

/* Two stamps for each of up to 7 operations; what they gave is random. */
static unsigned random_history(struct st_op *ops, uint64_t *seed)
{
	uint32_t stamp[14], i, k, t, n = 2 + st_next(seed) % 6;
	uint64_t r;

	for (i = 0; i < 2 * n; i++)
		stamp[i] = i;
	for (i = 2 * n - 1; i > 0; i--) {
		k = st_next(seed) % (i + 1);
		t = stamp[i];
		stamp[i] = stamp[k];
		stamp[k] = t;
	}
	for (i = 0; i < n; i++) {
		r = st_next(seed);
		k = stamp[2 * i] < stamp[2 * i + 1];
		ops[i] = (struct st_op){.begin = stamp[2 * i + !k],
					.end = stamp[2 * i + k],
					.kind = r % 8 == 0 ? ST_MESSAGES
						: r % 2	   ? ST_SEND
							   : ST_RECEIVE,
					.how_ended = r >> 8 & 3	   ? ST_OK
						     : r >> 10 & 1 ? ST_REFUSED
								   : ST_PENDING,
					.message = i + 1};
		ops[i].prio = ops[i].message & 1;
		if (ops[i].kind == ST_MESSAGES) {
			ops[i].message = r >> 12 & 1;
			ops[i].how_ended = ST_OK;
		}
	}
	/* Most receives have what somebody sent. */
	for (i = 0; i < n; i++)
		if (ops[i].kind == ST_RECEIVE) {
			k = st_next(seed) % n;
			ops[i].message = k + 1;
			ops[i].prio = (k + 1) & 1;
		}
	return n;
}

START_TEST(as_all_orders_say)
{
	struct st_op ops[7];
	uint64_t seed = 5;
	unsigned i, yes = 0, trials = 10000;

	for (i = 0; i < trials; i++) {
		struct sequence s = {.capacity = 1 + i % 3, .ops = ops};
		bool possible;

		s.n = random_history(ops, &seed);
		possible = some_order(s, 0);
		ck_assert_int_eq(st_linearizable(ops, s.n, s.capacity),
				 possible ? ST_LINEAR_YES : ST_LINEAR_NO);
		yes += possible;
	}
	ck_assert_uint_gt(yes, trials / 20);
	ck_assert_uint_lt(yes, trials / 2);
}
END_TEST

START_TEST(too_large_is_undecided)
{
	struct st_op op = OP(0, 1, ST_POST, ST_OK, 0, 0);

	ck_assert_int_eq(st_linearizable(&op, 1, ST_LINEAR_CAPACITY + 1),
			 ST_LINEAR_UNDECIDED);
	ck_assert_int_eq(st_linearizable(&op, 0, 1), ST_LINEAR_YES);
}
END_TEST

int main(void)
{
	TCase *cases = tcase_create("linear");

	tcase_add_test(cases, order_of_sends_is_kept);
	tcase_add_test(cases, sends_at_one_time_have_no_order);
	tcase_add_test(cases, higher_priority_first);
	tcase_add_test(cases, full_and_empty);
	tcase_add_test(cases, beyond_capacity);
	tcase_add_test(cases, pending_may_have_happened_or_not);
	tcase_add_test(cases, duplicates_and_strangers);
	tcase_add_test(cases, semaphores_count);
	tcase_add_test(cases, what_a_model_did_is_linearizable);
	tcase_add_test(cases, a_changed_message_is_seen_and_shrunk);
	tcase_add_test(cases, as_all_orders_say);
	tcase_add_test(cases, too_large_is_undecided);
	return st_run_suite("linear", cases);
}
