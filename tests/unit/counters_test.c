/* SPDX-License-Identifier: MIT */
/* counters_test.c - a page of counters that two processes share. */

#include "ipc/counters.h"

#include <string.h>

#include "check.h"

static void
counters_carry_into_their_upper_half(void)
{
	struct counters *counters = counters_map();

	CHECK(counters != NULL);
	CHECK(counter_read(&counters->sent) == 0);
	counter_add(&counters->sent, 0xffffffff);
	counter_add(&counters->sent, 1);
	CHECK(counter_read(&counters->sent) == 0x100000000);
	counter_add(&counters->sent, 0x300000007);
	CHECK(counter_read(&counters->sent) == 0x400000007);
	counter_step(&counters->open, 1);
	counter_step(&counters->open, 1);
	counter_step(&counters->open, -1);
	CHECK(counter_now(&counters->open) == 1);
	counters_unmap(&counters);
	CHECK(counters == NULL);
}

static void
durations_are_counted_by_bucket(void)
{
	static const int64_t times_ms[] = { 0, 1, 2, 350, 60000, 60001, -5 };
	struct counters *counters = counters_map();
	struct duration_counters *answers = &counters->upstreams[0].answer;
	struct histogram histogram;

	for (unsigned i = 0; i < sizeof times_ms / sizeof times_ms[0]; i++)
		duration_counters_add(answers, times_ms[i]);
	duration_counters_read(answers, &histogram);
	CHECK(histogram.count == 7);
	CHECK(histogram.sum_ms == 1 + 2 + 350 + 60000 + 60001);
	CHECK(histogram.buckets[0] == 3);
	CHECK(histogram.buckets[1] == 1);
	CHECK(histogram.buckets[8] == 1);
	CHECK(histogram.buckets[HISTOGRAM_BUCKETS - 1] == 1);
	counters_unmap(&counters);
}

static void
the_last_failure_is_kept_in_words(void)
{
	static const struct {
		const char *words, *wanted;
	} rows[] = {
		{ "", "" },
		{ "status 403", "status 403" },
		{ "a\tb\xff", "a?b?" },
		{ "sixty-three characters is what the words of a failure may "
		  "have ...",
		    "sixty-three characters is what the words of a failure may "
		    "have " },
		{ "timed out", "timed out" },
	};
	struct counters *counters = counters_map();
	struct last_failure *failure = &counters->upstreams[8].last_failure;
	char words[FAILURE_WORDS_SIZE];
	uint32_t at_s;

	CHECK(!last_failure_get(failure, &at_s, words));
	for (unsigned i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		last_failure_set(failure, 5000 * (i + 1), rows[i].words);
		CHECK(last_failure_get(failure, &at_s, words));
		CHECK_ROW(strcmp(words, rows[i].wanted) == 0, rows[i].words);
		CHECK(at_s == 5 * (i + 1));
	}
	counter_begin_change(&failure->changes);
	CHECK(!last_failure_get(failure, &at_s, words));
	counters_unmap(&counters);
}

int
main(void)
{
	RUN(durations_are_counted_by_bucket);
	RUN(the_last_failure_is_kept_in_words);
	RUN(counters_carry_into_their_upper_half);
	return check_report();
}
