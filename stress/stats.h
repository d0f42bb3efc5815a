/* SPDX-License-Identifier: BSD-3-Clause */
/* What is said about a few rounds: median, interval, fairness. */
#ifndef ST_STATS_H
#define ST_STATS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* A reproducible stream of numbers (splitmix64), from any state. */
uint64_t st_mix(uint64_t x);
uint64_t st_next(uint64_t *state);

double st_median(const double *values, size_t n);

struct st_interval {
	double median, low, high; /* 95 per cent, by bootstrap */
};
struct st_interval st_bootstrap(const double *values, size_t n, uint64_t seed);

/* The same for the ratio of two independent medians, a over b. */
struct st_interval st_bootstrap_ratio(const double *a, size_t na,
				      const double *b, size_t nb,
				      uint64_t seed);

/*
 * The A/A control: the ratio of the same measurement under two names, over
 * rounds that are paired, and its interval.  Quiet: the whole interval is near
 * 1, and there are rounds enough to speak of one.
 */
#define ST_NEAR .03
#define ST_FEWEST 3
struct st_interval st_paired_ratio(const double *a, const double *b, size_t n);
bool st_quiet(const struct st_interval *control, size_t rounds);

/* Jain's index, 1/n (one has all) to 1 (all alike), and the shares' ends. */
struct st_fairness {
	double jain, min, max;
};
struct st_fairness st_fairness(const uint64_t *ops, size_t n);

#endif
