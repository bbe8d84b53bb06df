/* SPDX-License-Identifier: MIT */
/* json_value_test.c - values that -top finds in JSON, in what is cut short, and
 * in what is none. */

#include "top/json_value.h"

#include <string.h>

#include "check.h"

static struct span
span_of_text(const char *text)
{
	return span_of(text, strlen(text));
}

static bool
is(struct span span, const char *text)
{
	return span.length == strlen(text) &&
	    memcmp(span.bytes, text, span.length) == 0;
}

static void
members_are_found_by_name(void)
{
	static const struct row {
		const char *object, *value;
	} rows[] = {
		{ "{\"a\":1}", "1" },
		{ " {\n\t\"a\" : 1 }", "1" },
		{ "{\"b\":2,\"a\":1}", "1" },
		{ "{\"b\":{\"a\":2},\"a\":1}", "1" },
		{ "{\"b\":[{\"a\":2}],\"a\":[1,[2]]}", "[1,[2]]" },
		{ "{\"b\":\"\\\"}],\",\"a\":\"x\"}", "\"x\"" },
		{ "{\"a\":{\"c\":\"}\"}}", "{\"c\":\"}\"}" },
		{ "{\"a\":-1.5e3}", "-1.5e3" },
		{ "{\"a\":null", "null" },
		{ "{\"a\":\"cut", "\"cut" },
		{ "{\"a\":[1,2", "[1,2" },
		{ "{\"b\":1}", "" },
		{ "{\"aa\":1}", "" },
		{ "{}", "" },
		{ "[\"a\",1]", "" },
		{ "\"a\"", "" },
		{ "", "" },
		{ "{\"a\"", "" },
		{ "{\"a\":", "" },
		{ "{\"a\":}", "" },
		{ "{\"b\" 1,\"a\":2}", "" },
		{ "{\"b\":1 \"a\":2}", "" },
		{ "{\"b\\", "" },
		{ "}]", "" },
	};

	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
		CHECK_ROW(
		    is(json_value_member(span_of_text(rows[i].object), "a"),
			rows[i].value),
		    rows[i].object);
}

static void
items_come_one_by_one(void)
{
	static const char text[] = " [1, \"a,]\" ,[2,3],{\"b\":[4]} ] ";
	struct span items = json_value_items(span_of_text(text)), item;

	CHECK(json_value_next(&items, &item) && is(item, "1"));
	CHECK(json_value_next(&items, &item) && is(item, "\"a,]\""));
	CHECK(json_value_next(&items, &item) && is(item, "[2,3]"));
	CHECK(json_value_next(&items, &item) && is(item, "{\"b\":[4]}"));
	CHECK(!json_value_next(&items, &item));
	items = json_value_items(span_of_text("{\"a\":1}"));
	CHECK(!json_value_next(&items, &item));
	items = json_value_items(span_of_text("[]"));
	CHECK(!json_value_next(&items, &item));
}

/* Nothing that a terminal obeys comes out of a string. */
static void
strings_are_printable(void)
{
	static const struct row {
		const char *value, *text;
	} rows[] = {
		{ "\"\"", "" },
		{ "\"example.com\"", "example.com" },
		{ "\"a\\\"b\\\\c\\/d\"", "a\"b\\c/d" },
		{ "\"\\u0041\\u007e\\u005b\"", "A~[" },
		{ "\"\\u001b[2J\\u007f\\u009b\"", "?[2J??" },
		{ "\"\\n\\t\\b\"", "???" },
		{ "\"\033[2J\r\n\"", "?[2J??" },
		{ "\"\xc3\xa4\x9b\"", "???" },
		{ "\"\\u20ac\\uzzzz\"", "??" },
		{ "\"\\u00", "" },
		{ "\"\\u00\"", "?00" },
		{ "\"\\\"", "\\" },
		{ "\"", "" },
		{ "1", "" },
		{ "", "" },
		{ "\"0123456789abcdef\"", "0123456789abcde" },
	};
	char text[16];

	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
		CHECK_ROW(strcmp(json_value_text(span_of_text(rows[i].value),
				     text, sizeof text),
			      rows[i].text) == 0,
		    rows[i].value);
}

static void
numbers_are_read_and_all_else_is_0(void)
{
	CHECK(json_value_number(span_of_text("12.5")) == 12.5);
	CHECK(json_value_number(span_of_text("-3e2")) == -300);
	CHECK(json_value_number(span_of_text("18446744073709551615")) > 1e19);
	CHECK(json_value_number(span_of_text("\"1\"")) == 0);
	CHECK(json_value_number(span_of_text("nan")) == 0);
	CHECK(json_value_number(span_of_text("")) == 0);
	CHECK(json_value_number(
		  span_of_text("00000000000000000000000000000001")) == 0);
	CHECK(json_value_is_number(span_of_text("-1")));
	CHECK(!json_value_is_number(span_of_text("null")));
	CHECK(!json_value_is_number(span_of_text("")));
	CHECK(json_value_is_true(span_of_text("true")));
	CHECK(!json_value_is_true(span_of_text("false")));
	CHECK(!json_value_is_true(span_of_text("")));
}

int
main(void)
{
	RUN(members_are_found_by_name);
	RUN(items_come_one_by_one);
	RUN(strings_are_printable);
	RUN(numbers_are_read_and_all_else_is_0);
	return check_report();
}
