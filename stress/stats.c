/* SPDX-License-Identifier: BSD-3-Clause */
/* Median, bootstrap intervals and Jain's index. */
#include "stats.h"

#include <stdlib.h>
#include <string.h>

#define RESAMPLES 1000
#define ROUNDS_MAX 1024 /* more are thinned out evenly */

uint64_t st_mix(uint64_t x)
{
	x += 0x9e3779b97f4a7c15u;
	x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9u;
	x = (x ^ (x >> 27)) * 0x94d049bb133111ebu;
	return x ^ (x >> 31);
}

uint64_t st_next(uint64_t *state)
{
	*state += 0x9e3779b97f4a7c15u;
	return st_mix(*state);
}

static int ascending(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

static double middle(double *values, size_t n)
{
	if (n == 0)
		return 0;
	qsort(values, n, sizeof(*values), ascending);
	return (values[(n - 1) / 2] + values[n / 2]) / 2;
}

/* Copies at most ROUNDS_MAX values, evenly spread. */
static size_t thin(double *to, const double *from, size_t n)
{
	size_t m = n < ROUNDS_MAX ? n : ROUNDS_MAX, i;

	for (i = 0; i < m; i++)
		to[i] = from[i * n / m];
	return m;
}

double st_median(const double *values, size_t n)
{
	double copy[ROUNDS_MAX];

	return middle(copy, thin(copy, values, n));
}

static double resample(const double *values, size_t n, uint64_t *state)
{
	double drawn[ROUNDS_MAX];
	size_t i;

	for (i = 0; i < n; i++)
		drawn[i] = values[st_next(state) % n];
	return middle(drawn, n);
}

static struct st_interval interval(double median, double *drawn)
{
	qsort(drawn, RESAMPLES, sizeof(*drawn), ascending);
	return (struct st_interval){median, drawn[RESAMPLES * 25 / 1000],
				    drawn[RESAMPLES * 975 / 1000]};
}

struct st_interval st_bootstrap(const double *values, size_t n, uint64_t seed)
{
	double copy[ROUNDS_MAX], drawn[RESAMPLES];
	size_t m = thin(copy, values, n), i;

	if (m == 0)
		return (struct st_interval){0, 0, 0};
	for (i = 0; i < RESAMPLES; i++)
		drawn[i] = resample(copy, m, &seed);
	return interval(st_median(values, n), drawn);
}

struct st_interval st_bootstrap_ratio(const double *a, size_t na,
				      const double *b, size_t nb, uint64_t seed)
{
	double x[ROUNDS_MAX], y[ROUNDS_MAX], drawn[RESAMPLES], below;
	size_t i;

	na = thin(x, a, na);
	nb = thin(y, b, nb);
	if (na == 0 || nb == 0 || middle(y, nb) <= 0)
		return (struct st_interval){0, 0, 0};
	for (i = 0; i < RESAMPLES; i++) {
		drawn[i] = resample(x, na, &seed);
		below = resample(y, nb, &seed);
		drawn[i] = below > 0 ? drawn[i] / below : 0;
	}
	return interval(middle(x, na) / middle(y, nb), drawn);
}

struct st_interval st_paired_ratio(const double *a, const double *b, size_t n)
{
	double ratio[ROUNDS_MAX];
	size_t i, m = 0;

	for (i = 0; i < n && m < ROUNDS_MAX; i++)
		if (a[i] > 0 && b[i] > 0)
			ratio[m++] = a[i] / b[i];
	return st_bootstrap(ratio, m, 1);
}

bool st_quiet(const struct st_interval *control, size_t rounds)
{
	return rounds >= ST_FEWEST && control->low >= 1 - ST_NEAR &&
	       control->high <= 1 + ST_NEAR;
}

struct st_fairness st_fairness(const uint64_t *ops, size_t n)
{
	struct st_fairness f = {1, 1, 0};
	double sum = 0, squares = 0, share;
	size_t i;

	for (i = 0; i < n; i++) {
		sum += (double)ops[i];
		squares += (double)ops[i] * (double)ops[i];
	}
	if (n == 0 || sum <= 0)
		return (struct st_fairness){1, 1, 1};
	for (i = 0; i < n; i++) {
		share = (double)ops[i] / sum;
		if (share < f.min)
			f.min = share;
		if (share > f.max)
			f.max = share;
	}
	f.jain = sum * sum / ((double)n * squares);
	return f;
}
