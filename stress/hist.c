/* SPDX-License-Identifier: BSD-3-Clause */
/* The log-linear histogram. */
#include "hist.h"

#include <string.h>

uint32_t st_hist_bucket(uint64_t value)
{
	uint32_t shift;

	if (value < 2048)
		return (uint32_t)value;
	if (value >> ST_HIST_BITS)
		return ST_HIST_BUCKETS - 1;
	shift = 53 - (uint32_t)__builtin_clzll(value);
	return shift * 1024 + (uint32_t)(value >> shift);
}

uint64_t st_hist_top(uint32_t bucket)
{
	uint32_t shift;

	if (bucket < 2048)
		return bucket;
	shift = bucket / 1024 - 1;
	return ((uint64_t)(bucket - shift * 1024 + 1) << shift) - 1;
}

void st_hist_clear(struct st_hist *h)
{
	if (h->end > h->low)
		memset(h->n + h->low, 0, (h->end - h->low) * sizeof(h->n[0]));
	h->count = h->max = 0;
	h->low = h->end = 0;
}

static void reach(struct st_hist *h, uint32_t low, uint32_t end)
{
	if (h->end == 0 || low < h->low)
		h->low = low;
	if (end > h->end)
		h->end = end;
}

void st_hist_add(struct st_hist *h, uint64_t value, uint64_t times)
{
	uint32_t bucket = st_hist_bucket(value);

	reach(h, bucket, bucket + 1);
	h->n[bucket] += times;
	h->count += times;
	if (value > h->max)
		h->max = value;
}

void st_hist_merge(struct st_hist *into, const struct st_hist *from)
{
	uint32_t i;

	if (from->count == 0)
		return;
	reach(into, from->low, from->end);
	for (i = from->low; i < from->end; i++)
		into->n[i] += from->n[i];
	into->count += from->count;
	if (from->max > into->max)
		into->max = from->max;
}

uint64_t st_hist_quantile(const struct st_hist *h, double share)
{
	double rank = share * (double)h->count;
	uint64_t wanted = (uint64_t)rank, seen = 0, top;
	uint32_t i;

	if ((double)wanted < rank || wanted == 0)
		wanted++;
	for (i = h->low; i < h->end; i++) {
		seen += h->n[i];
		if (seen >= wanted) {
			top = st_hist_top(i);
			return top < h->max ? top : h->max;
		}
	}
	return h->max;
}

uint64_t st_hist_above(const struct st_hist *h, uint64_t value)
{
	uint32_t i = st_hist_bucket(value) + 1;
	uint64_t n = 0;

	for (i = i < h->low ? h->low : i; i < h->end; i++)
		n += h->n[i];
	return n;
}
