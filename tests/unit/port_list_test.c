/* SPDX-License-Identifier: MIT */
/* port_list_test.c - sets of ports. */

#include "config/port_list.h"

#include "check.h"

static void
a_list_has_what_it_names(void)
{
	static const struct row {
		const char *text;
		uint16_t in, out;
	} rows[] = {
		{ "443", 443, 444 },
		{ "443,8443", 8443, 8444 },
		{ "9000-9100", 9100, 9101 },
		{ "9000-9100", 9000, 8999 },
		{ "1,2,9000-9100,7", 9050, 3 },
		{ "1-1", 1, 2 },
		{ "65535", 65535, 1 },
	};
	struct port_list list;

	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		CHECK_ROW(port_list_parse(&list, rows[i].text), rows[i].text);
		CHECK_ROW(port_list_has(&list, rows[i].in), rows[i].text);
		CHECK_ROW(!port_list_has(&list, rows[i].out), rows[i].text);
	}
}

static void
all_and_none_are_words(void)
{
	struct port_list list;

	CHECK(port_list_parse(&list, "all"));
	CHECK(port_list_has(&list, 1) && port_list_has(&list, 65535));
	CHECK(port_list_parse(&list, "none"));
	CHECK(!port_list_has(&list, 1) && !port_list_has(&list, 65535));
}

static void
what_is_no_list_is_refused(void)
{
	static const char *const rows[] = { "", ",", "1,", ",1", "0", "65536",
		"1-", "-1", "2-1", "1-2-3", "a", "1,all", "ALL", "1 ,2",
		"100000", "1-65536" };
	struct port_list list;

	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
		CHECK_ROW(!port_list_parse(&list, rows[i]), rows[i]);
}

static void
more_parts_than_there_is_room_for_are_refused(void)
{
	char text[PORT_LIST_RANGES * 2 + 8];
	struct port_list list;
	size_t length = 0;

	for (int i = 0; i < PORT_LIST_RANGES; i++) {
		text[length++] = '7';
		text[length++] = ',';
	}
	text[length - 1] = '\0';
	CHECK(port_list_parse(&list, text));
	text[length - 1] = ',';
	text[length++] = '7';
	text[length] = '\0';
	CHECK(!port_list_parse(&list, text));
}

int
main(void)
{
	RUN(a_list_has_what_it_names);
	RUN(all_and_none_are_words);
	RUN(what_is_no_list_is_refused);
	RUN(more_parts_than_there_is_room_for_are_refused);
	return check_report();
}
