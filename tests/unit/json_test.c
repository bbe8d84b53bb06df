/* SPDX-License-Identifier: MIT */
/* json_test.c - whatever the bytes, a string of JSON. */

#include "base/json.h"

#include <string.h>

#include "check.h"

enum { NO_MAX = 1000 };

static const struct row {
	const char *bytes;
	size_t length;
	const char *wanted;
} rows[] = {
	{ "", 0, "\"\"" },
	{ "Forbidden", 9, "\"Forbidden\"" },
	{ "a\"b\\c/", 6, "\"a\\\"b\\\\c/\"" },
	{ "\0\t\r\n\x1b\x7f", 6,
	    "\"\\u0000\\u0009\\u000d\\u000a\\u001b\\u007f\"" },
	/* Characters of two, three and four bytes, the least and the last. */
	{ "\xc2\x80", 2, "\"\\u0080\"" },
	{ "caf\xc3\xa9", 5, "\"caf\\u00e9\"" },
	{ "\xdf\xbf\xe0\xa0\x80", 5, "\"\\u07ff\\u0800\"" },
	{ "\xe2\x80\xae", 3, "\"\\u202e\"" },
	{ "\xed\x9f\xbf\xee\x80\x80", 6, "\"\\ud7ff\\ue000\"" },
	{ "\xf0\x90\x80\x80", 4, "\"\\ud800\\udc00\"" },
	{ "\xf0\x9f\x98\x80", 4, "\"\\ud83d\\ude00\"" },
	{ "\xf4\x8f\xbf\xbf", 4, "\"\\udbff\\udfff\"" },
	/* What is no UTF-8: lone bytes, longer forms, surrogates, too large. */
	{ "\xff", 1, "\"\\ufffd\"" },
	{ "a\x80z", 3, "\"a\\ufffdz\"" },
	{ "\xc3", 1, "\"\\ufffd\"" },
	{ "\xc3(", 2, "\"\\ufffd(\"" },
	{ "\xc0\xaf", 2, "\"\\ufffd\\ufffd\"" },
	{ "\xe0\x9f\xbf", 3, "\"\\ufffd\\ufffd\\ufffd\"" },
	{ "\xed\xa0\x80", 3, "\"\\ufffd\\ufffd\\ufffd\"" },
	{ "\xf4\x90\x80\x80", 4, "\"\\ufffd\\ufffd\\ufffd\\ufffd\"" },
	{ "\xf0\x9f\x98", 3, "\"\\ufffd\\ufffd\\ufffd\"" },
	{ "\xfe\xfe\xff\xff", 4, "\"\\ufffd\\ufffd\\ufffd\\ufffd\"" },
};

static void
any_bytes_are_a_string(void)
{
	char bytes[128];

	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		struct text text = text_in(bytes, sizeof bytes);

		json_string(
		    &text, span_of(rows[i].bytes, rows[i].length), NO_MAX);
		CHECK_ROW(strcmp(bytes, rows[i].wanted) == 0, rows[i].wanted);
		CHECK_ROW(text.length == strlen(bytes), rows[i].wanted);
	}
}

/* Never within an escape, and only where it is too long. */
static void
a_long_string_is_cut_between_characters(void)
{
	static const struct cut {
		const char *bytes;
		size_t max;
		const char *wanted;
	} cuts[] = {
		{ "abc", 3, "\"abc\"" },
		{ "abcd", 3, "\"...\"" },
		{ "abcdef", 5, "\"ab...\"" },
		{ "abcdef", 6, "\"abcdef\"" },
		{ "\"\"\"", 6, "\"\\\"\\\"\\\"\"" },
		{ "\"\"\"", 5, "\"\\\"...\"" },
		{ "a\xc3\xa9", 7, "\"a\\u00e9\"" },
		{ "a\xc3\xa9", 6, "\"a...\"" },
		{ "\xf0\x9f\x98\x80z", 13, "\"\\ud83d\\ude00z\"" },
		{ "\xf0\x9f\x98\x80zz", 13, "\"...\"" },
		{ "\xf0\x9f\x98\x80zzzz", 15, "\"\\ud83d\\ude00...\"" },
	};
	char bytes[128];

	for (size_t i = 0; i < sizeof cuts / sizeof cuts[0]; i++) {
		struct text text = text_in(bytes, sizeof bytes);

		json_string(&text,
		    span_of(cuts[i].bytes, strlen(cuts[i].bytes)), cuts[i].max);
		CHECK_ROW(strcmp(bytes, cuts[i].wanted) == 0, cuts[i].wanted);
	}
}

int
main(void)
{
	RUN(any_bytes_are_a_string);
	RUN(a_long_string_is_cut_between_characters);
	return check_report();
}
