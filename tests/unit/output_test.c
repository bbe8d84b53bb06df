/* SPDX-License-Identifier: MIT */
/* output_test.c - a text that grows, its escapes, and its end. */

#include "status/output.h"

#include <string.h>

#include "check.h"

static bool
holds(const struct output *output, const char *text)
{
	struct span span = output_span(output);

	return !output->failed && span.length == strlen(text) &&
	    memcmp(span.bytes, text, span.length) == 0;
}

static void
strangers_are_escaped_as_the_format_has_it(void)
{
	static const struct {
		void (*append)(struct output *output, const char *text);
		const char *text, *wanted;
	} rows[] = {
		{ output_plain, "", "" },
		{ output_plain, "<a b=\"\\\">", "<a b=\"\\\">" },
		{ output_plain, "\n\x7f\xff", "\\x0a\\x7f\\xff" },
		{ output_html, "<a b=\"c\" d='e'>&",
		    "&lt;a b=&quot;c&quot; "
		    "d=&#39;e&#39;&gt;&amp;" },
		{ output_html, "\x1b", "\\x1b" },
		{ output_json, "", "\"\"" },
		{ output_json, "a\"b\\c/", "\"a\\\"b\\\\c/\"" },
		{ output_json, "\t\xc3\xa9\xff", "\"\\u0009\\u00e9\\ufffd\"" },
		{ output_label, "a\"b\\c\n", "a\\\"b\\\\c\\\\x0a" },
	};

	for (unsigned i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		struct output output = output_of(1000);

		rows[i].append(&output, rows[i].text);
		CHECK_ROW(holds(&output, rows[i].wanted), rows[i].wanted);
		output_clear(&output);
	}
}

static void
it_grows_to_its_maximum_and_says_when_that_is_passed(void)
{
	static const size_t maxima[] = { 0, 1, 10, 4095, 4096, 4097, 100000 };

	for (unsigned i = 0; i < sizeof maxima / sizeof maxima[0]; i++) {
		struct output output = output_of(maxima[i]);

		for (size_t n = 0; n < maxima[i]; n++)
			output_append(&output, "a");
		CHECK(!output.failed && output.length == maxima[i]);
		output_append(&output, "");
		CHECK(!output.failed);
		output_append(&output, "b");
		CHECK(output.failed && output.length == maxima[i]);
		output_clear(&output);
		CHECK(!output.failed && output.length == 0);
	}
}

static void
nothing_comes_behind_an_error(void)
{
	struct output output = output_of(4);

	output_append(&output, "abc");
	output_append(&output, "de");
	output_append(&output, "f");
	CHECK(output.failed);
	CHECK(output.length == 3);
	output_clear(&output);
}

static void
what_is_formatted_may_be_long(void)
{
	struct output output = output_of(10000);
	char text[600];

	for (int length = 250; length < 260; length++) {
		memset(text, 'x', sizeof text);
		text[length] = '\0';
		output_format(&output, "%s", text);
		CHECK(holds(&output, text));
		output_clear(&output);
	}
	output_format(&output, "%u %.3f", 7, 0.5);
	CHECK(holds(&output, "7 0.500"));
	output_clear(&output);
}

int
main(void)
{
	RUN(strangers_are_escaped_as_the_format_has_it);
	RUN(it_grows_to_its_maximum_and_says_when_that_is_passed);
	RUN(nothing_comes_behind_an_error);
	RUN(what_is_formatted_may_be_long);
	return check_report();
}
