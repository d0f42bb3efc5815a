/* SPDX-License-Identifier: BSD-3-Clause */
/* Median, bootstrap intervals and Jain's index. */
#include "check_st.h"

#define N 2000

/* A sum of uniform numbers: about normal, mean 100, deviation 1. */
static double around_100(uint64_t *state)
{
	double sum = 0;
	int i;

	for (i = 0; i < 12; i++)
		sum += (double)(st_next(state) >> 11) / 9007199254740992.0;
	return 94 + sum;
}

START_TEST(median)
{
	double odd[] = {5, 1, 3}, even[] = {4, 1, 3, 2};

	ck_assert_double_eq(st_median(odd, 3), 3);
	ck_assert_double_eq(st_median(even, 4), 2.5);
	ck_assert_double_eq(st_median(odd, 1), 5);
	ck_assert_double_eq(st_median(odd, 0), 0);
	ck_assert_double_eq(odd[0], 5); /* left alone */
}
END_TEST

/* A 95 per cent interval holds the truth about 95 times in a hundred. */
START_TEST(interval_covers)
{
	struct st_interval i;
	uint64_t state = 7;
	double v[25];
	int run, k, inside = 0;

	for (run = 0; run < 200; run++) {
		for (k = 0; k < 25; k++)
			v[k] = around_100(&state);
		i = st_bootstrap(v, 25, (uint64_t)run);
		ck_assert_double_le(i.low, i.median);
		ck_assert_double_ge(i.high, i.median);
		inside += i.low <= 100 && 100 <= i.high;
	}
	ck_assert_int_ge(inside, 175);
	ck_assert_int_lt(inside, 200);
}
END_TEST

START_TEST(interval_of_one_is_a_point)
{
	double v = 4;
	struct st_interval i = st_bootstrap(&v, 1, 1);

	ck_assert_double_eq(i.low, 4);
	ck_assert_double_eq(i.high, 4);
	ck_assert_double_eq(st_bootstrap(&v, 0, 1).median, 0);
}
END_TEST

START_TEST(ratio)
{
	struct st_interval i;
	double a[N], b[N];
	uint64_t state = 9;
	int k;

	for (k = 0; k < N; k++) {
		a[k] = around_100(&state);
		b[k] = 2 * around_100(&state);
	}
	i = st_bootstrap_ratio(a, N, b, N, 1); /* more than is kept */
	ck_assert_double_gt(i.low, .49);
	ck_assert_double_lt(i.high, .51);
	ck_assert_double_le(i.low, .5);
	ck_assert_double_ge(i.high, .5);
	b[0] = 0;
	ck_assert_double_eq(st_bootstrap_ratio(a, 3, b, 1, 1).median, 0);
}
END_TEST

/* What was once called quiet: the median alone is near 1. */
START_TEST(control)
{
	double a[] = {301e3, 1e6, 993e3, 2.6e6, 800e3};
	double b[] = {970e3, 1.1e6, 1e6, 963e3, 700e3};
	double c[] = {1000, 1010, 990, 1005, 995};
	double d[] = {1001, 1008, 992, 1003, 997};
	/* What both share does not count: the rounds are paired. */
	double e[] = {100, 200, 300, 400}, f[] = {101, 199, 301, 399};
	struct st_interval i = st_paired_ratio(a, b, 5);

	ck_assert_double_eq_tol(i.median, .993, 1e-9);
	ck_assert_double_eq_tol(i.low, .310, 1e-3);
	ck_assert_double_eq_tol(i.high, 2.7, 1e-3);
	ck_assert(!st_quiet(&i, 5));
	i = st_paired_ratio(c, d, 5);
	ck_assert(st_quiet(&i, 5));
	ck_assert(!st_quiet(&i, 2)); /* too few to tell */
	i = st_paired_ratio(e, f, 4);
	ck_assert(st_quiet(&i, 4));
	i = st_paired_ratio(a, b, 1);
	ck_assert(!st_quiet(&i, 1));
	a[0] = 0; /* a round in which nothing was done */
	i = st_paired_ratio(a, b, 1);
	ck_assert_double_eq(i.median, 0);
}
END_TEST

START_TEST(fairness)
{
	uint64_t alike[] = {5, 5, 5, 5}, one[] = {0, 8, 0, 0}, none[] = {0, 0};
	struct st_fairness f = st_fairness(alike, 4);

	ck_assert_double_eq(f.jain, 1);
	ck_assert_double_eq(f.min, .25);
	ck_assert_double_eq(f.max, .25);
	f = st_fairness(one, 4);
	ck_assert_double_eq(f.jain, .25);
	ck_assert_double_eq(f.min, 0);
	ck_assert_double_eq(f.max, 1);
	ck_assert_double_eq(st_fairness(none, 2).jain, 1);
}
END_TEST

START_TEST(numbers_repeat_with_their_seed)
{
	uint64_t a = 1, b = 1, c = 2;
	int i, same = 0;

	for (i = 0; i < 100; i++) {
		ck_assert_uint_eq(st_next(&a), st_next(&b));
		same += st_next(&c) == st_mix((uint64_t)i);
	}
	ck_assert_int_eq(same, 0);
}
END_TEST

int main(void)
{
	TCase *tc = tcase_create("stats");

	tcase_add_test(tc, median);
	tcase_add_test(tc, interval_covers);
	tcase_add_test(tc, interval_of_one_is_a_point);
	tcase_add_test(tc, ratio);
	tcase_add_test(tc, control);
	tcase_add_test(tc, fairness);
	tcase_add_test(tc, numbers_repeat_with_their_seed);
	return st_run_suite("stats", tc);
}
