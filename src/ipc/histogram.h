/* SPDX-License-Identifier: MIT */
/* histogram.h - how often something took how long: connects and answers of
 * upstreams. Any process. Pure. */

#ifndef HISTOGRAM_H
#define HISTOGRAM_H

#include <stdint.h>

/* Upper bounds from 1 ms to 60 s, inclusive; what takes longer is in `count`
 * alone. */
enum { HISTOGRAM_BUCKETS = 16 };
extern const uint32_t histogram_bounds_ms[HISTOGRAM_BUCKETS];

struct histogram {
	uint64_t buckets[HISTOGRAM_BUCKETS]; /* each its own, not cumulative */
	uint64_t count; /* of all */
	uint64_t sum_ms;
};

/* The bucket of a duration; HISTOGRAM_BUCKETS beyond the last. */
unsigned histogram_bucket(int64_t duration_ms);

void histogram_add(struct histogram *sum, const struct histogram *other);

/* What came after `before`, an earlier state of the same histogram. */
struct histogram histogram_since(
    const struct histogram *now, const struct histogram *before);

/* In milliseconds, interpolated within a bucket, 60,000 beyond the last; -1
 * where nothing was counted. `percent` is 1 to 99. */
int64_t histogram_percentile(
    const struct histogram *histogram, unsigned percent);

#endif
