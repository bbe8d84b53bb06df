/* SPDX-License-Identifier: MIT */
/* timer_test.c - the timer that ends a worker's wait. */

#include "event/timer.h"

#include <poll.h>

#include "base/clock.h"
#include "check.h"
#include "event/deadlines.h"

static bool
is_ringing(const struct timer *timer, int timeout_ms)
{
	struct pollfd slot = { timer->watch.fd, POLLIN, 0 };

	return poll(&slot, 1, timeout_ms) == 1;
}

static void
what_is_due_bounds_the_wait(void)
{
	static const struct row {
		const char *words;
		int64_t due_ms;
		int timeout_ms;
		int64_t at_ms;
	} rows[] = {
		{ "nothing is due", DEADLINE_NEVER, -1, DEADLINE_NEVER },
		{ "due already", 999, 0, DEADLINE_NEVER },
		{ "due now", 1000, 0, DEADLINE_NEVER },
		{ "due later", 61000, -1, 61000 },
		{ "due later still: it rings early", 62000, -1, 61000 },
		{ "due earlier", 31500, -1, 31500 },
		{ "due in the past, but set for later", 900, 0, 31500 },
		{ "nothing is due any more", DEADLINE_NEVER, -1, 31500 },
	};
	struct timer timer;

	CHECK(timer_open(&timer, 0) == 0);
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		const struct row *row = &rows[i];

		CHECK_ROW(timer_timeout_ms(&timer, row->due_ms, 1000) ==
			row->timeout_ms,
		    row->words);
		CHECK_ROW(timer.at_ms == row->at_ms, row->words);
	}
	CHECK(!is_ringing(&timer, 0));
	timer_close(&timer);
	CHECK(timer.watch.fd == -1);
}

/* As the system counts, no wait is as long as that. */
static void
a_wait_of_years_is_cut(void)
{
	struct timer timer;
	int64_t years_ms = INT64_C(100) * 365 * 24 * 3600 * 1000;

	CHECK(timer_open(&timer, 0) == 0);
	CHECK(timer_timeout_ms(&timer, years_ms, 0) == -1);
	CHECK(timer.at_ms > 0 && timer.at_ms < years_ms);
	timer_close(&timer);
}

static void
it_rings_when_something_is_due_and_not_before(void)
{
	struct timer timer;
	int64_t now_ms = clock_now_ms();

	CHECK(timer_open(&timer, 0) == 0);
	CHECK(timer_timeout_ms(&timer, now_ms + 20, now_ms) == -1);
	CHECK(is_ringing(&timer, -1));
	CHECK(clock_now_ms() >= now_ms + 20);
	timer_expired(&timer);
	CHECK(!is_ringing(&timer, 0));
	CHECK(timer.at_ms == DEADLINE_NEVER);
	timer_close(&timer);
}

/* Where the timer cannot be set, poll(2) bounds the wait. */
static void
without_a_timer_poll_is_told(void)
{
	struct timer timer = { .watch = { .fd = -1 }, .at_ms = DEADLINE_NEVER };

	CHECK(timer_timeout_ms(&timer, 1500, 1000) == 500);
	CHECK(timer.at_ms == DEADLINE_NEVER);
}

int
main(void)
{
	RUN(what_is_due_bounds_the_wait);
	RUN(a_wait_of_years_is_cut);
	RUN(it_rings_when_something_is_due_and_not_before);
	RUN(without_a_timer_poll_is_told);
	return check_report();
}
