/* SPDX-License-Identifier: MIT */
/* duration_test.c - durations as Go reads them. */

#include "base/duration.h"

#include "check.h"

static void
durations_are_read_as_go_does(void)
{
	static const struct row {
		const char *text;
		int64_t ms;
	} rows[] = {
		{ "25s", 25000 },
		{ "1m30s", 90000 },
		{ "500ms", 500 },
		{ "1.5h", 5400000 },
		{ "0", 0 },
		{ "-0", 0 },
		{ "+5s", 5000 },
		{ "-1s", -1000 },
		{ "2h4m", 7440000 },
		{ ".5s", 500 },
		{ "1.s", 1000 },
		{ "0s", 0 },
		{ "1ns", 1 },
		{ "-1ns", -1 },
		{ "1us", 1 },
		{ "1\xc2\xb5s", 1 },
		{ "1\xce\xbcs", 1 },
		{ "1500us", 2 },
		{ "1h1m1s1ms", 3661001 },
		{ "87600h", 315360000000 },
	};
	int64_t ms;

	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		ms = -999;
		CHECK_ROW(duration_parse(rows[i].text, &ms), rows[i].text);
		CHECK_ROW(ms == rows[i].ms, rows[i].text);
	}
}

static void
what_is_no_duration_is_refused(void)
{
	static const char *const rows[] = { "", "s", "5", "5 s", "5s ", " 5s",
		"5x", "1.2.3s", ".s", "--5s", "+-5s", "5s3", "1e3s", "0x5s",
		"87601h", "99999999999999999999999999h", "-87601h", "5S",
		"1h-5m", "nan", "inf" };
	int64_t ms;

	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
		CHECK_ROW(!duration_parse(rows[i], &ms), rows[i]);
}

int
main(void)
{
	RUN(durations_are_read_as_go_does);
	RUN(what_is_no_duration_is_refused);
	return check_report();
}
