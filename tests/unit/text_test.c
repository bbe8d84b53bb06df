/* SPDX-License-Identifier: MIT */
/* text_test.c - lines of bounded length, and the words of others in them. */

#include "base/text.h"

#include <string.h>

#include "check.h"

static void
words_of_others_are_quoted_and_escaped(void)
{
	static const struct row {
		const char *bytes;
		size_t length;
		const char *wanted;
	} rows[] = {
		{ "Forbidden", 9, " reason=\"Forbidden\"" },
		{ "", 0, " reason=\"\"" },
		{ "a b", 3, " reason=\"a b\"" },
		{ "say \"x\"\\", 8, " reason=\"say \\\"x\\\"\\\\\"" },
		{ "a\r\nb\0c", 6, " reason=\"a\\x0d\\x0ab\\x00c\"" },
		{ "\x1b[31m\xff\x7f", 7, " reason=\"\\x1b[31m\\xff\\x7f\"" },
	};
	char bytes[128];

	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		struct text text = text_in(bytes, sizeof bytes);

		text_quote(
		    &text, "reason", span_of(rows[i].bytes, rows[i].length));
		CHECK_ROW(strcmp(bytes, rows[i].wanted) == 0, rows[i].wanted);
		CHECK_ROW(text.length == strlen(bytes), rows[i].wanted);
	}
}

static void
what_does_not_fit_is_cut_and_never_written(void)
{
	for (size_t size = 1; size < 32; size++) {
		char bytes[33];
		struct text text;

		memset(bytes, '#', sizeof bytes);
		text = text_in(bytes, size);
		text_format(&text, "%d", 123456789);
		text_append(&text, "abcdefgh");
		text_quote(&text, "k", span_of("\n\n\n\n", 4));
		CHECK(strlen(bytes) < size && text.length == strlen(bytes));
		CHECK(bytes[size] == '#');
	}
}

static void
an_escape_is_whole_or_not_there(void)
{
	char bytes[6];
	struct text text = text_in(bytes, sizeof bytes);

	text_printable(&text, span_of("ab\n", 3));
	CHECK(strcmp(bytes, "ab") == 0);
}

int
main(void)
{
	RUN(words_of_others_are_quoted_and_escaped);
	RUN(what_does_not_fit_is_cut_and_never_written);
	RUN(an_escape_is_whole_or_not_there);
	return check_report();
}
