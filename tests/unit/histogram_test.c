/* SPDX-License-Identifier: MIT */
/* histogram_test.c - buckets, sums, differences and percentiles. */

#include "ipc/histogram.h"

#include "check.h"

static void
a_duration_is_in_the_first_bucket_whose_bound_it_does_not_exceed(void)
{
	static const struct {
		const char *name;
		int64_t duration_ms;
		unsigned bucket;
	} rows[] = {
		{ "the clock went back", -1, 0 },
		{ "at once", 0, 0 },
		{ "the first bound", 1, 0 },
		{ "behind it", 2, 1 },
		{ "3 ms", 3, 2 },
		{ "a second", 1000, 9 },
		{ "behind a second", 1001, 10 },
		{ "a minute", 60 * 1000, 15 },
		{ "behind the last", 60 * 1000 + 1, HISTOGRAM_BUCKETS },
		{ "for ever", INT64_MAX, HISTOGRAM_BUCKETS },
	};

	for (unsigned i = 0; i < sizeof rows / sizeof rows[0]; i++)
		CHECK_ROW(
		    histogram_bucket(rows[i].duration_ms) == rows[i].bucket,
		    rows[i].name);
	for (unsigned i = 1; i < HISTOGRAM_BUCKETS; i++)
		CHECK(histogram_bounds_ms[i - 1] < histogram_bounds_ms[i]);
}

static struct histogram
histogram_of(uint64_t first, uint64_t second, uint64_t beyond)
{
	return (struct histogram){
		.buckets = { first, second },
		.count = first + second + beyond,
		.sum_ms = first + 2 * second + 70000 * beyond,
	};
}

static bool
are_equal(const struct histogram *a, const struct histogram *b)
{
	bool equal = a->count == b->count && a->sum_ms == b->sum_ms;

	for (unsigned i = 0; i < HISTOGRAM_BUCKETS; i++)
		equal &= a->buckets[i] == b->buckets[i];
	return equal;
}

static void
what_is_added_is_what_came_since(void)
{
	struct histogram before = histogram_of(3, 4, 1);
	struct histogram more = histogram_of(1, 5, 2), now = before, since;
	struct histogram none = { .count = 0 };

	histogram_add(&now, &more);
	since = histogram_since(&now, &before);
	CHECK(are_equal(&since, &more));
	since = histogram_since(&before, &now);
	CHECK(are_equal(&since, &none));
}

static void
a_percentile_lies_within_its_bucket(void)
{
	static const struct {
		const char *name;
		uint64_t buckets[HISTOGRAM_BUCKETS];
		uint64_t beyond;
		unsigned percent;
		int64_t wanted_ms;
	} rows[] = {
		{ "nothing", { 0 }, 0, 50, -1 },
		{ "the middle of 200 to 500", { [8] = 1 }, 0, 50, 350 },
		{ "the same of many", { [8] = 1000 }, 0, 50, 350 },
		{ "near its end", { [8] = 100 }, 0, 99, 497 },
		{ "half and half, the median", { [3] = 10, [6] = 10 }, 0, 50,
		    10 },
		{ "half and half, above", { [3] = 10, [6] = 10 }, 0, 75, 75 },
		{ "beyond the last alone", { 0 }, 3, 50, 60 * 1000 },
		{ "some beyond", { [0] = 90 }, 10, 99, 60 * 1000 },
		{ "many", { [9] = UINT64_MAX / 4 }, 0, 50, 750 },
		{ "the lowest", { [1] = 4, [15] = 1 }, 0, 1, 1 },
	};

	for (unsigned i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		struct histogram histogram = { .count = rows[i].beyond };

		for (unsigned bucket = 0; bucket < HISTOGRAM_BUCKETS;
		     bucket++) {
			histogram.buckets[bucket] = rows[i].buckets[bucket];
			histogram.count += rows[i].buckets[bucket];
		}
		CHECK_ROW(histogram_percentile(&histogram, rows[i].percent) ==
			rows[i].wanted_ms,
		    rows[i].name);
	}
}

/* Its parts are read one after the other while it grows. */
static void
more_in_the_buckets_than_in_all_is_a_percentile_still(void)
{
	struct histogram histogram = { .buckets = { [2] = 5 }, .count = 4 };

	CHECK(histogram_percentile(&histogram, 99) <= 5);
	CHECK(histogram_percentile(&histogram, 99) > 2);
}

int
main(void)
{
	RUN(a_duration_is_in_the_first_bucket_whose_bound_it_does_not_exceed);
	RUN(what_is_added_is_what_came_since);
	RUN(a_percentile_lies_within_its_bucket);
	RUN(more_in_the_buckets_than_in_all_is_a_percentile_still);
	return check_report();
}
