/* SPDX-License-Identifier: MIT */
/* log_json_test.c - lines of the log as JSON: which words are pairs, which
 * values are numbers, and what is cut. */

#include "master/log_json.h"

#include <string.h>

#include "base/text.h"
#include "check.h"

enum { LINE_SIZE = 1998 };

#define HEAD "{\"time\":\"T\",\"level\":\"warning\",\"process\":\"worker 1\","

static size_t
format(char *line, size_t size, const char *words)
{
	return log_json_format(line, size,
	    &(struct log_json){ "T", LOG_LEVEL_WARNING, "worker 1" }, words);
}

static const struct row {
	const char *words;
	const char *wanted; /* behind the head */
} rows[] = {
	{ "", "\"message\":\"\"}" },
	{ "stopped", "\"message\":\"stopped\"}" },
	{ "upstream refused the tunnel client=[fe80::1%lan]:50000 status=403"
	  " reason=\"No \\\"x\\\"\"",
	    "\"message\":\"upstream refused the tunnel\","
	    "\"client\":\"[fe80::1%lan]:50000\",\"status\":403,"
	    "\"reason\":\"No \\\"x\\\"\"}" },
	/* Numbers, and what only looks like a number. */
	{ "closed sent=0 received=18446744073709551615 duration=12.345",
	    "\"message\":\"closed\",\"sent\":0,"
	    "\"received\":18446744073709551615,\"duration\":12.345}" },
	{ "slow waiting=38 oldest=41s",
	    "\"message\":\"slow\",\"waiting\":38,"
	    "\"oldest\":41}" },
	{ "w status=007 sent=1. tried=.5 received=1e3 waiting=-1 answer=",
	    "\"message\":\"w\",\"status\":\"007\",\"sent\":\"1.\","
	    "\"tried\":\".5\",\"received\":\"1e3\",\"waiting\":\"-1\","
	    "\"answer\":\"\"}" },
	{ "w status=\"403\" sent=41s oldest=s received=123456789012345678901",
	    "\"message\":\"w\",\"status\":\"403\",\"sent\":\"41s\","
	    "\"oldest\":\"s\",\"received\":\"123456789012345678901\"}" },
	/* The escapes of the text are undone before those of JSON are made. */
	{ "w reason=\"caf\\xc3\\xa9 \\xff\\x1b \\\\xff \\\"\"",
	    "\"message\":\"w\","
	    "\"reason\":\"caf\\u00e9 \\ufffd\\u001b \\\\xff \\\"\"}" },
	{ "w cause=\"\\x4\\xg0\\y\"",
	    "\"message\":\"w\",\"cause\":\"\\\\x4\\\\xg0\\\\y\"}" },
	{ "w reason=\"a status=200 b=\\\" c=d\" tried=2",
	    "\"message\":\"w\",\"reason\":\"a status=200 b=\\\" c=d\","
	    "\"tried\":2}" },
	{ "pid=1", "\"message\":\"\",\"pid\":1}" },
	{ "w a= b=\"\"", "\"message\":\"w\",\"a\":\"\",\"b\":\"\"}" },
	/* A line that was cut in a value. */
	{ "w reason=\"No su", "\"message\":\"w\",\"reason\":\"No su\"}" },
	{ "w reason=\"No\\", "\"message\":\"w\",\"reason\":\"No\\\\\"}" },
	{ "w reason=\"", "\"message\":\"w\",\"reason\":\"\"}" },
	/* Pairs end the line: those in the midst of words are words. */
	{ "the value a=1 is wrong", "\"message\":\"the value a=1 is wrong\"}" },
	{ "a=1 is wrong b=2", "\"message\":\"a=1 is wrong\",\"b\":2}" },
	{ "w x=\"a\"b c=1", "\"message\":\"w x=\\\"a\\\"b\",\"c\":1}" },
	{ "w =1", "\"message\":\"w =1\"}" },
	{ "w A=1", "\"message\":\"w A=1\"}" },
	/* No key twice, and none that each line has. */
	{ "w a=1 a=2", "\"message\":\"w a=1 a=2\"}" },
	{ "w a=1 level=info b=2", "\"message\":\"w a=1 level=info\",\"b\":2}" },
	{ "time=1", "\"message\":\"time=1\"}" },
	{ "w process=\"master\"", "\"message\":\"w process=\\\"master\\\"\"}" },
	{ "message=1", "\"message\":\"message=1\"}" },
	/* Raw bytes, as a child may write them. */
	{ "stderr: a\x1b\"\\x41\xff\n",
	    "\"message\":\"stderr: a\\u001b\\\"\\\\x41\\ufffd\\u000a\"}" },
};

static void
a_line_is_an_object(void)
{
	char line[LINE_SIZE], wanted[LINE_SIZE];

	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		size_t length = format(line, sizeof line, rows[i].words);

		snprintf(wanted, sizeof wanted, HEAD "%s", rows[i].wanted);
		CHECK_ROW(strcmp(line, wanted) == 0, line);
		CHECK_ROW(length == strlen(line), line);
	}
}

/* A peer's answer of control characters is cut, not what follows it. */
static void
a_long_value_is_cut_and_nothing_else(void)
{
	char words[LOG_WORDS_SIZE], line[LINE_SIZE];
	struct text text = text_in(words, sizeof words);
	char reason[400];
	size_t length;

	memset(reason, '\x1b', sizeof reason);
	text_append(&text, "upstream refused the tunnel status=403");
	text_quote(&text, "reason", span_of(reason, sizeof reason));
	text_append(&text, " tried=2");
	length = format(line, sizeof line, words);
	CHECK(length < sizeof line && length > sizeof line / 4 * 3);
	CHECK(
	    strstr(line, "\"status\":403,\"reason\":\"\\u001b\\u001b") != NULL);
	CHECK(strstr(line, "\\u001b...\",\"tried\":2}") != NULL);
}

static void
a_long_message_is_cut(void)
{
	char words[LOG_WORDS_SIZE], line[LINE_SIZE];

	memset(words, '"', sizeof words - 1);
	words[sizeof words - 1] = '\0';
	CHECK(format(line, sizeof line, words) < sizeof line);
	CHECK(strstr(line, "\\\"...\"}") != NULL);
}

static void
too_many_pairs_are_words(void)
{
	char words[LOG_WORDS_SIZE], line[LINE_SIZE];
	struct text text = text_in(words, sizeof words);

	text_append(&text, "w");
	for (unsigned i = 0; i < 60; i++)
		text_format(&text, " a_key_of_24_characters_%u=ab", 10 + i);
	CHECK(format(line, sizeof line, words) < sizeof line);
	CHECK(strstr(line, "\"message\":\"w a_key_of_24_characters_10=ab ") !=
	    NULL);
	CHECK(strstr(line, "_characters_69=ab\"}") != NULL);
}

static void
a_short_line_has_the_least_size(void)
{
	char words[LOG_WORDS_SIZE], line[LOG_JSON_SIZE_MIN];

	memset(words, '\xff', sizeof words - 1);
	words[sizeof words - 1] = '\0';
	CHECK(format(line, sizeof line, words) < sizeof line);
	CHECK(strstr(line, "\\ufffd...\"}") != NULL);
}

int
main(void)
{
	RUN(a_line_is_an_object);
	RUN(a_long_value_is_cut_and_nothing_else);
	RUN(a_long_message_is_cut);
	RUN(too_many_pairs_are_words);
	RUN(a_short_line_has_the_least_size);
	return check_report();
}
