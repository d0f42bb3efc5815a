/* SPDX-License-Identifier: BSD-3-Clause */
/* The histogram against sorted samples. */
#include "check_st.h"

#include "hist.h"

#define SAMPLES 20000

static struct st_hist *new_hist(void)
{
	return calloc(1, sizeof(struct st_hist));
}

/* Spread over all magnitudes, as latencies are. */
static uint64_t sample(uint64_t *state)
{
	uint64_t bits = st_next(state) % ST_HIST_BITS;

	return st_next(state) & (((uint64_t)2 << bits) - 1) &
	       (((uint64_t)1 << ST_HIST_BITS) - 1);
}

static int ascending(const void *a, const void *b)
{
	uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;

	return (x > y) - (x < y);
}

START_TEST(buckets_follow_one_another)
{
	uint32_t i;

	for (i = 0; i < ST_HIST_BUCKETS; i++) {
		ck_assert_uint_eq(st_hist_bucket(st_hist_top(i)), i);
		if (i + 1 < ST_HIST_BUCKETS)
			ck_assert_uint_eq(st_hist_bucket(st_hist_top(i) + 1),
					  i + 1);
	}
	ck_assert_uint_eq(st_hist_bucket(UINT64_MAX), ST_HIST_BUCKETS - 1);
}
END_TEST

START_TEST(three_digits)
{
	uint64_t state = 1, v, top;
	int i;

	for (i = 0; i < SAMPLES; i++) {
		v = sample(&state);
		top = st_hist_top(st_hist_bucket(v));
		ck_assert_uint_ge(top, v);
		ck_assert_uint_le(top - v, v / 1000);
	}
}
END_TEST

START_TEST(quantiles_are_those_of_sorted_samples)
{
	static const double shares[] = {0,    .001,  .5,     .9, .99,
					.999, .9999, .99999, 1};
	struct st_hist *h = new_hist();
	uint64_t *v = calloc(SAMPLES, sizeof(*v)), state = 2, want, came;
	size_t i, rank;

	for (i = 0; i < SAMPLES; i++) {
		v[i] = sample(&state);
		st_hist_add(h, v[i], 1);
	}
	qsort(v, SAMPLES, sizeof(*v), ascending);
	for (i = 0; i < sizeof(shares) / sizeof(shares[0]); i++) {
		rank = (size_t)(shares[i] * SAMPLES + .9999);
		want = v[rank ? rank - 1 : 0];
		came = st_hist_quantile(h, shares[i]);
		ck_assert_uint_ge(came, want);
		ck_assert_uint_le(came - want, want / 1000);
	}
	ck_assert_uint_eq(h->max, v[SAMPLES - 1]);
	ck_assert_uint_eq(h->count, SAMPLES);
	free(v);
	free(h);
}
END_TEST

START_TEST(merging_is_adding)
{
	struct st_hist *a = new_hist(), *b = new_hist(), *both = new_hist();
	uint64_t state = 3, v;
	int i;

	for (i = 0; i < SAMPLES; i++) {
		v = sample(&state);
		st_hist_add(i % 3 ? a : b, v, 1 + (uint64_t)i % 2);
		st_hist_add(both, v, 1 + (uint64_t)i % 2);
	}
	st_hist_merge(a, b);
	ck_assert_int_eq(memcmp(a, both, sizeof(*a)), 0);
	st_hist_clear(b);
	st_hist_merge(a, b);
	ck_assert_int_eq(memcmp(a, both, sizeof(*a)), 0);
	free(a);
	free(b);
	free(both);
}
END_TEST

START_TEST(above_and_clear)
{
	struct st_hist *h = new_hist(), *empty = new_hist();

	ck_assert_uint_eq(st_hist_quantile(h, .5), 0);
	st_hist_add(h, 10, 3);
	st_hist_add(h, 2000000, 2);
	ck_assert_uint_eq(st_hist_above(h, 9), 5);
	ck_assert_uint_eq(st_hist_above(h, 10), 2);
	ck_assert_uint_eq(st_hist_above(h, 1000000), 2);
	ck_assert_uint_eq(st_hist_above(h, 3000000), 0);
	st_hist_clear(h);
	ck_assert_int_eq(memcmp(h, empty, sizeof(*h)), 0);
	free(h);
	free(empty);
}
END_TEST

int main(void)
{
	TCase *tc = tcase_create("hist");

	tcase_add_test(tc, buckets_follow_one_another);
	tcase_add_test(tc, three_digits);
	tcase_add_test(tc, quantiles_are_those_of_sorted_samples);
	tcase_add_test(tc, merging_is_adding);
	tcase_add_test(tc, above_and_clear);
	return st_run_suite("hist", tc);
}
