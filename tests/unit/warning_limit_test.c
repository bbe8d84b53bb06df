/* SPDX-License-Identifier: MIT */
/* warning_limit_test.c - how many warnings of a kind are logged. */

#include "worker/warning_limit.h"

#include <stddef.h>

#include "base/log.h"
#include "check.h"
#include "event/deadlines.h"

static unsigned logged;

static void
count_line(enum log_level level, const char *words)
{
	(void)level, (void)words;
	logged++;
}

static unsigned
take(struct warning_limit *limit, unsigned lines, int64_t now_ms)
{
	unsigned taken = 0;
	unsigned left_out;

	for (unsigned i = 0; i < lines; i++)
		taken += warning_limit_take(limit, "words", now_ms, &left_out);
	return taken;
}

static void
a_burst_then_one_a_second(void)
{
	struct warning_limit limit;
	unsigned left_out;

	warning_limit_init(&limit, 1000);
	CHECK(take(&limit, 15, 1000) == WARNING_BURST);
	CHECK(limit.left_out == 5);
	CHECK(!warning_limit_take(&limit, "words", 1999, &left_out));
	CHECK(warning_limit_take(&limit, "words", 2000, &left_out));
	CHECK(left_out == 6);
	CHECK(limit.left_out == 0);
	CHECK(take(&limit, 15, 3500) == 1);
	CHECK(take(&limit, 100, 3600 * 1000) == WARNING_BURST);
}

static void
lines_that_were_left_out_are_logged_as_a_number(void)
{
	struct warning_limit limit;

	log_open(count_line, LOG_LEVEL_DEBUG);
	warning_limit_init(&limit, 1000);
	CHECK(warning_limit_due_ms(&limit) == DEADLINE_NEVER);
	take(&limit, WARNING_BURST + 3, 1000);
	CHECK(warning_limit_due_ms(&limit) == 2000);
	warning_limit_flush(&limit, 1999);
	CHECK(logged == 0);
	warning_limit_flush(&limit, 2000);
	CHECK(logged == 1);
	CHECK(warning_limit_due_ms(&limit) == DEADLINE_NEVER);
	warning_limit_flush(&limit, 9000);
	CHECK(logged == 1);
}

int
main(void)
{
	RUN(a_burst_then_one_a_second);
	RUN(lines_that_were_left_out_are_logged_as_a_number);
	return check_report();
}
