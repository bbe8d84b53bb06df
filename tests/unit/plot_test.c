/* SPDX-License-Identifier: MIT */
/* plot_test.c - where the lines and bars of the plots stand. */

#include "status/plot.h"

#include <string.h>

#include "check.h"

/* The picture of a single minute, which has ended. */
static bool
draws(void (*plot)(struct output *, const struct snapshot *),
    const struct snapshot_period *minute, const char *wanted)
{
	static struct snapshot snapshot;
	struct output output = output_of(1 << 16);
	bool is_found;

	snapshot = (struct snapshot){ .now = 1000060, .minute_count = 1 };
	snapshot.minutes[0] = *minute;
	plot(&output, &snapshot);
	output_bytes(&output, span_of("", 1));
	is_found = !output.failed && strstr(output.bytes, wanted) != NULL;
	output_clear(&output);
	return is_found;
}

/* From 1 ms at the bottom to 100 s at the top, 30.8 units for each decade. */
static void
a_wait_stands_at_its_logarithm(void)
{
	static const struct row {
		uint32_t oldest_ms;
		const char *wanted;
	} rows[] = {
		{ 1000, "<path class=oldest d=\"M405.9 73.6H412.0\"/>" },
		{ 3162, "<path class=oldest d=\"M405.9 58.2H412.0\"/>" },
		{ 10000, "<path class=oldest d=\"M405.9 42.8H412.0\"/>" },
		{ 60000, "<path class=oldest d=\"M405.9 18.8H412.0\"/>" },
		{ 100000, "<path class=oldest d=\"M405.9 12.0H412.0\"/>" },
		{ UINT32_MAX, "<path class=oldest d=\"M405.9 12.0H412.0\"/>" },
		{ 999, "<path class=oldest d=\"\"/>" },
	};

	for (unsigned i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		const struct snapshot_period minute = { .begin = 1000000,
			.oldest_ms = rows[i].oldest_ms };

		CHECK_ROW(draws(plot_answers, &minute, rows[i].wanted),
		    rows[i].wanted);
	}
}

/* 600 in a minute are 10 a second, which is the top of the scale. */
static void
a_bar_is_as_high_as_its_rate(void)
{
	const struct snapshot_period busy = {
		.begin = 1000000, .accepted = 600, .failed = 300
	};
	const struct snapshot_period idle = { .begin = 1000000 };
	const struct snapshot_period none = { .begin = 0, .accepted = 9 };

	CHECK(draws(plot_connections, &busy, ">10</text>"));
	CHECK(draws(plot_connections, &busy,
	    "<path class=accepted d=\"M406.4 166V12.0H411.5V166\"/>"));
	CHECK(draws(plot_connections, &busy,
	    "<path class=failed d=\"M406.4 166V89.0H411.5V166\"/>"));
	CHECK(draws(
	    plot_connections, &busy, "10.0 connections a second, 5.0 failed"));
	CHECK(draws(plot_connections, &idle, "<path class=accepted d=\"\"/>"));
	CHECK(draws(plot_connections, &none, "<path class=accepted d=\"\"/>"));
}

int
main(void)
{
	RUN(a_wait_stands_at_its_logarithm);
	RUN(a_bar_is_as_high_as_its_rate);
	return check_report();
}
