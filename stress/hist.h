/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * A log-linear histogram of nanoseconds: three decimal digits, any merge order.
 *
 * Values below 2048 have a bucket each; every octave above has 1024, so a
 * value is known to better than one in a thousand.  Zeroed memory is an empty
 * histogram, and one process writes to it at a time.
 */
#ifndef ST_HIST_H
#define ST_HIST_H

#include <stdint.h>

#define ST_HIST_BITS 40 /* up to 18 minutes; more counts as that much */
#define ST_HIST_BUCKETS ((ST_HIST_BITS - 11) * 1024 + 2048)

struct st_hist {
	uint64_t count, max;
	uint32_t low, end; /* used buckets lie in [low, end) */
	uint64_t n[ST_HIST_BUCKETS];
};

void st_hist_clear(struct st_hist *h);
void st_hist_add(struct st_hist *h, uint64_t value, uint64_t times);
void st_hist_merge(struct st_hist *into, const struct st_hist *from);

/* The value that `share` (0 to 1) of all values do not exceed; 0 if empty. */
uint64_t st_hist_quantile(const struct st_hist *h, double share);

/* How many values exceed this one, to the precision of a bucket. */
uint64_t st_hist_above(const struct st_hist *h, uint64_t value);

/* The bucket of a value, and the largest value of a bucket. */
uint32_t st_hist_bucket(uint64_t value);
uint64_t st_hist_top(uint32_t bucket);

#endif
