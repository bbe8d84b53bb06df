/* SPDX-License-Identifier: MIT */
#include "ipc/histogram.h"

const uint32_t histogram_bounds_ms[HISTOGRAM_BUCKETS] = { 1, 2, 5, 10, 20, 50,
	100, 200, 500, 1000, 2000, 5000, 10 * 1000, 20 * 1000, 30 * 1000,
	60 * 1000 };

unsigned
histogram_bucket(int64_t duration_ms)
{
	unsigned bucket = 0;

	while (bucket < HISTOGRAM_BUCKETS &&
	    duration_ms > (int64_t)histogram_bounds_ms[bucket])
		bucket++;
	return bucket;
}

void
histogram_add(struct histogram *sum, const struct histogram *other)
{
	for (unsigned i = 0; i < HISTOGRAM_BUCKETS; i++)
		sum->buckets[i] += other->buckets[i];
	sum->count += other->count;
	sum->sum_ms += other->sum_ms;
}

static uint64_t
difference(uint64_t now, uint64_t before)
{
	return now > before ? now - before : 0;
}

struct histogram
histogram_since(const struct histogram *now, const struct histogram *before)
{
	struct histogram since = {
		.count = difference(now->count, before->count),
		.sum_ms = difference(now->sum_ms, before->sum_ms),
	};

	for (unsigned i = 0; i < HISTOGRAM_BUCKETS; i++)
		since.buckets[i] =
		    difference(now->buckets[i], before->buckets[i]);
	return since;
}

/* `part` of the way through the bucket. */
static int64_t
interpolate(unsigned bucket, double part)
{
	double upper = histogram_bounds_ms[bucket];
	double lower = bucket > 0 ? histogram_bounds_ms[bucket - 1] : 0;

	return (int64_t)(lower + (upper - lower) * part + 0.5);
}

/* As Prometheus's histogram_quantile(), so that both show the same. */
int64_t
histogram_percentile(const struct histogram *histogram, unsigned percent)
{
	double rank = (double)histogram->count * percent / 100;
	double below = 0;

	if (histogram->count == 0)
		return -1;
	for (unsigned i = 0; i < HISTOGRAM_BUCKETS; i++) {
		double here = (double)histogram->buckets[i];

		if (here > 0 && below + here >= rank)
			return interpolate(i, (rank - below) / here);
		below += here;
	}
	return histogram_bounds_ms[HISTOGRAM_BUCKETS - 1];
}
