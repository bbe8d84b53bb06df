/* SPDX-License-Identifier: MIT */
/* dial_test.c - the order in which addresses are tried, and for how long. */

#include "worker/dial.h"

#include <stddef.h>
#include <string.h>

#include "check.h"
#include "event/deadlines.h"
#include "worker/upstream.h"

enum { INTERVAL_MS = 10000, NOW_MS = 50000 };

/* An address is a letter: `a` is the first. A capital does not answer, any
 * other refuses. `silent` are those that others have found silent, `expired`
 * those of them whose interval is over. What is tried until all have failed,
 * or for a while. */
static const struct row {
	unsigned count, preferred;
	const char *silent, *expired;
	const char *answers;
	const char *tried;
} rows[] = {
	/* All refuse: each once, from the one that answered last. */
	{ 1, 0, "", "", "a", "a" },
	{ 3, 0, "", "", "abc", "abc" },
	{ 3, 1, "", "", "abc", "bca" },
	{ 3, 2, "", "", "abc", "cab" },
	{ 8, 5, "", "", "abcdefgh", "fghabcde" },

	/* As long as one does not answer, rounds go on. */
	{ 1, 0, "", "", "A", "aaaaaaaa" },
	{ 2, 0, "", "", "AB", "abababab" },
	{ 2, 1, "", "", "AB", "babababa" },
	{ 3, 0, "", "", "aBc", "abcabcab" },
	{ 2, 0, "", "", "aB", "abababab" },

	/* Others have found an address silent: it is passed over. */
	{ 2, 0, "a", "", "ab", "b" },
	{ 3, 0, "b", "", "abc", "ac" },
	{ 3, 1, "b", "", "abc", "ca" },
	{ 2, 0, "a", "", "aB", "baababab" },

	/* After the interval, one connection tries it, last. */
	{ 2, 0, "a", "a", "ab", "ba" },
	{ 3, 0, "ab", "a", "abc", "ca" },
	{ 3, 0, "ab", "ab", "abc", "cab" },

	/* All are silent for others: there is nothing better. */
	{ 1, 0, "a", "", "a", "a" },
	{ 2, 0, "ab", "", "ab", "ab" },
	{ 2, 0, "ab", "", "AB", "abababab" },
};

static struct upstream upstream;
static struct dial dial;

static void
set_up(const struct row *row)
{
	memset(&upstream, 0, sizeof upstream);
	upstream.addresses.count = row->count;
	upstream.preferred = row->preferred;
	for (unsigned i = 0; i < row->count; i++) {
		int letter = (int)('a' + i);

		if (strchr(row->silent, letter) != NULL)
			upstream.silent_until_ms[i] =
			    strchr(row->expired, letter) != NULL ? NOW_MS
								 : NOW_MS + 1;
	}
	memset(&dial, 0, sizeof dial);
	dial_begin(&dial, 0, NOW_MS);
}

static void
each_address_has_its_turn(void)
{
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		const struct row *row = &rows[i];
		char tried[9] = "";

		set_up(row);
		for (size_t n = 0; n < sizeof tried - 1; n++) {
			int index =
			    dial_next(&dial, &upstream, NOW_MS, INTERVAL_MS);

			if (index == -1)
				break;
			tried[n] = (char)('a' + index);
			if (strchr(row->answers, 'A' + index) == NULL)
				continue;
			dial_was_silent(&dial, (unsigned)index);
			upstream.silent_until_ms[index] = NOW_MS + INTERVAL_MS;
		}
		CHECK_ROW(strcmp(tried, row->tried) == 0, row->tried);
	}
}

static void
one_connection_alone_tries_a_silent_address_again(void)
{
	static const struct row row = { 2, 1, "a", "a", "", "" };
	struct dial other = { .round = 0 };

	set_up(&row);
	dial_begin(&other, 0, NOW_MS);
	CHECK(dial_next(&dial, &upstream, NOW_MS, INTERVAL_MS) == 1);
	CHECK(dial_next(&dial, &upstream, NOW_MS, INTERVAL_MS) == 0);
	CHECK(dial_next(&other, &upstream, NOW_MS, INTERVAL_MS) == 1);
	CHECK(dial_next(&other, &upstream, NOW_MS, INTERVAL_MS) == -1);
	dial_begin(&other, 0, NOW_MS);
	CHECK(dial_next(&other, &upstream, NOW_MS, INTERVAL_MS) == 1);
	CHECK(dial_next(&other, &upstream, NOW_MS + INTERVAL_MS, INTERVAL_MS) ==
	    0);
}

static void
patience_doubles_with_each_round(void)
{
	static const struct row two = { 2, 0, "", "", "", "" };
	static const struct row one = { 1, 0, "", "", "", "" };
	static const int64_t patience_ms[] = { 3000, 6000, 12000, 24000 };

	set_up(&two);
	for (unsigned round = 0; round < 4; round++) {
		for (unsigned i = 0; i < 2; i++) {
			CHECK(dial_next(&dial, &upstream, NOW_MS,
				  INTERVAL_MS) == (int)i);
			CHECK(dial_patience_ms(&dial, &upstream) ==
			    patience_ms[round]);
			dial_was_silent(&dial, i);
		}
	}
	set_up(&one);
	CHECK(dial_next(&dial, &upstream, NOW_MS, INTERVAL_MS) == 0);
	CHECK(dial_patience_ms(&dial, &upstream) == DEADLINE_NEVER);
}

static void
others_news_of_silence_leads_to_an_address_that_may_answer(void)
{
	static const struct row row = { 2, 0, "", "", "", "" };

	set_up(&row);
	CHECK(dial_next(&dial, &upstream, NOW_MS, INTERVAL_MS) == 0);
	CHECK(!dial_has_better(&dial, &upstream, 0, NOW_MS));
	upstream.silent_until_ms[0] = NOW_MS + INTERVAL_MS;
	CHECK(dial_has_better(&dial, &upstream, 0, NOW_MS));
	upstream.silent_until_ms[1] = NOW_MS + INTERVAL_MS;
	CHECK(!dial_has_better(&dial, &upstream, 0, NOW_MS));
}

static void
new_addresses_are_all_untried_but_the_one_that_is_being_tried(void)
{
	static const struct row row = { 3, 0, "", "", "", "" };

	set_up(&row);
	CHECK(dial_next(&dial, &upstream, NOW_MS, INTERVAL_MS) == 0);
	CHECK(dial_next(&dial, &upstream, NOW_MS, INTERVAL_MS) == 1);
	dial_renumber(&dial, 1, 2);
	CHECK(dial.generation == 1);
	CHECK(dial_next(&dial, &upstream, NOW_MS, INTERVAL_MS) == 0);
	CHECK(dial_next(&dial, &upstream, NOW_MS, INTERVAL_MS) == 1);
	CHECK(dial_next(&dial, &upstream, NOW_MS, INTERVAL_MS) == -1);
}

static void
the_time_for_dials_does_not_run_while_an_upstream_is_asked(void)
{
	dial = (struct dial){ .until_ms = 1000 };
	CHECK(dial_has_time(&dial, 999) && !dial_has_time(&dial, 1000));
	dial.paused_ms = 400;
	CHECK(dial_has_time(&dial, 100000));
	dial.paused_ms = 1000;
	CHECK(!dial_has_time(&dial, 100000));
}

int
main(void)
{
	RUN(each_address_has_its_turn);
	RUN(one_connection_alone_tries_a_silent_address_again);
	RUN(patience_doubles_with_each_round);
	RUN(others_news_of_silence_leads_to_an_address_that_may_answer);
	RUN(new_addresses_are_all_untried_but_the_one_that_is_being_tried);
	RUN(the_time_for_dials_does_not_run_while_an_upstream_is_asked);
	return check_report();
}
