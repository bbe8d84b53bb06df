/* SPDX-License-Identifier: MIT */
/* page_text_test.c - the status as plain text of made-up snapshots. With the
 * name of one as its argument the program prints it. */

#include "status/page_text.h"

#include <ctype.h>

#include "check.h"
#include "render.h"
#include "status/text_lines.h"

enum { PAGE_MAX = 1 << 16 };

static char page[PAGE_MAX + 1];

static bool
render(const struct sample *sample)
{
	return render_sample(sample, page_text_write, page, sizeof page);
}

static void
a_text_says_what_its_snapshot_does(void)
{
	static const struct row {
		const char *sample;
		const char *wanted;
	} rows[] = {
		{ "well", "HandyProxy router1, version " },
		{ "well", "\n\nall well\n" },
		{ "well",
		    "connections    1,204 of 19,952 (6.0 %), bounded by "
		    "descriptors\n" },
		{ "well", "  192.168.2.10 " },
		{ "well", "  403   forbidden " },
		{ "well", "-http-relay-ports" },
		{ "well", "  proxy-b:3128: not used yet" },
		{ "well", "last failure 14:06:49: status 403\n" },
		{ "slow",
		    "\nslow: answers take 1.5 s, 0.08 s in the last hour, "
		    "38 wait\n" },
		{ "slow",
		    "  1,204 open, 38 wait for an answer, the oldest for 41 "
		    "s\n" },
		{ "slow", "  longest wait " },
		{ "down", "  proxy-a:3128: DOWN, since 13:53:02 (14 min)\n" },
		{ "down", ": Connection refused\n" },
		{ "new", "\n\nall well\n" },
		{ "hostile", "\n  and 368 more\n  restarts since" },
		{ "hostile", "\\x1b[31m\\x0d\\x0a\\xff%s\\" },
	};

	for (unsigned i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		for (unsigned j = 0; j < SAMPLES; j++) {
			if (strcmp(samples[j].name, rows[i].sample) == 0)
				CHECK(render(&samples[j]));
		}
		CHECK_ROW(strstr(page, rows[i].wanted) != NULL, rows[i].wanted);
	}
}

static void
no_line_is_longer_than_a_terminal(void)
{
	for (unsigned i = 0; i < SAMPLES; i++) {
		size_t column = 0;

		CHECK_ROW(render(&samples[i]), samples[i].name);
		for (const char *byte = page; *byte != '\0'; byte++) {
			column = *byte == '\n' ? 0 : column + 1;
			CHECK_ROW(column <= TEXT_COLUMNS, samples[i].name);
			CHECK_ROW(
			    *byte == '\n' || isprint((unsigned char)*byte),
			    samples[i].name);
		}
	}
}

static bool
wraps_to(const char *words, const char *wanted)
{
	struct output output = output_of(4096);
	bool is_same;

	text_wrap(&output, 90, words);
	is_same = output.length == strlen(wanted) &&
	    memcmp(output_span(&output).bytes, wanted, output.length) == 0;
	output_clear(&output);
	return is_same;
}

#define INDENT                                          \
	"                                             " \
	"                                             "

static void
words_are_wrapped_and_long_ones_broken(void)
{
	CHECK(wraps_to("", ""));
	CHECK(wraps_to("1234567890", INDENT "1234567890\n"));
	CHECK(wraps_to("123456789 abcd", INDENT "123456789\n" INDENT "abcd\n"));
	CHECK(
	    wraps_to("1234567890abcd", INDENT "1234567890\n" INDENT "abcd\n"));
	CHECK(wraps_to("12345  67890", INDENT "12345\n" INDENT "67890\n"));
	CHECK(wraps_to("\n\n", INDENT "\\x0a\\x0a\n"));
}

static void
names_are_cut(void)
{
	CHECK(strcmp(text_cut("1234567890", 10).text, "1234567890") == 0);
	CHECK(strcmp(text_cut("12345678901", 10).text, "1234567...") == 0);
	CHECK(strcmp(text_cut("\x01\x02\x03", 10).text, "\\x01\\x0...") == 0);
}

int
main(int argc, char **argv)
{
	for (unsigned i = 0; i < SAMPLES && argc == 2; i++) {
		if (strcmp(argv[1], samples[i].name) != 0)
			continue;
		if (!render(&samples[i]))
			return 1;
		fputs(page, stdout);
		return 0;
	}
	RUN(a_text_says_what_its_snapshot_does);
	RUN(no_line_is_longer_than_a_terminal);
	RUN(words_are_wrapped_and_long_ones_broken);
	RUN(names_are_cut);
	return check_report();
}
