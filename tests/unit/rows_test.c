/* SPDX-License-Identifier: MIT */
/* rows_test.c - the rows of -top: read, put together and sorted. */

#include "top/rows.h"

#include <string.h>

#include "check.h"

static const char json[] =
    "["
    "{\"worker\":0,\"client\":\"10.0.0.5:1\",\"destination\":\"1.2.3.4:443\","
    "\"host\":\"a.example\",\"upstream\":\"10.1.0.2:3128\",\"age\":5,"
    "\"sent\":10,\"received\":100,\"sent_rate\":1,\"received_rate\":2},"
    "{\"client\":\"10.0.0.6:2\",\"destination\":\"1.2.3.4:80\","
    "\"age\":9,\"sent\":1,\"received\":1,\"sent_rate\":50},"
    "{\"client\":\"10.0.0.5:3\",\"destination\":\"[2001:db8::1]:443\","
    "\"host\":null,\"age\":7.5,\"sent\":0,\"received\":500},"
    "{\"client\":\"[fd00::5]:4\",\"destination\":\"1.2.3.5:443\","
    "\"host\":\"a.example\",\"age\":1,\"received\":7}"
    "]\n";

static struct row rows[ROWS_MAX];

static unsigned
read_rows(enum row_group group, enum row_order order)
{
	return rows_read(span_of(json, sizeof json - 1), group, order, rows);
}

static void
a_row_has_the_name_with_the_port(void)
{
	CHECK(read_rows(ROWS_ALONE, ROWS_BY_BYTES) == 4);
	CHECK(strcmp(rows[0].destination, "[2001:db8::1]:443") == 0);
	CHECK(strcmp(rows[1].destination, "a.example:443") == 0);
	CHECK(strcmp(rows[1].client, "10.0.0.5:1") == 0);
	CHECK(strcmp(rows[1].upstream, "10.1.0.2:3128") == 0);
	CHECK(rows[1].count == 1 && rows[1].age == 5);
	CHECK(rows[1].sent == 10 && rows[1].received == 100);
	CHECK(rows[1].sent_rate == 1 && rows[1].received_rate == 2);
}

static void
the_first_of_the_order_comes_first(void)
{
	static const struct order {
		enum row_order order;
		double ages[4];
	} orders[] = {
		{ ROWS_BY_RATE, { 9, 5 } },
		{ ROWS_BY_BYTES, { 7.5, 5, 1, 9 } },
		{ ROWS_BY_AGE, { 9, 7.5, 5, 1 } },
	};

	for (size_t i = 0; i < sizeof orders / sizeof orders[0]; i++) {
		const char *name = row_order_name(orders[i].order);

		CHECK(read_rows(ROWS_ALONE, orders[i].order) == 4);
		for (size_t j = 0; j < 4 && orders[i].ages[j] > 0; j++)
			CHECK_ROW(rows[j].age == orders[i].ages[j], name);
	}
}

static void
tunnels_of_a_client_are_one_row(void)
{
	CHECK(read_rows(ROWS_OF_CLIENT, ROWS_BY_BYTES) == 3);
	CHECK(strcmp(rows[0].client, "10.0.0.5") == 0);
	CHECK(rows[0].destination[0] == '\0');
	CHECK(rows[0].count == 2 && rows[0].age == 7.5);
	CHECK(rows[0].sent == 10 && rows[0].received == 600);
	CHECK(strcmp(rows[1].client, "[fd00::5]") == 0);
	CHECK(strcmp(rows[2].client, "10.0.0.6") == 0);
}

static void
tunnels_to_a_name_are_one_row(void)
{
	CHECK(read_rows(ROWS_TO_DESTINATION, ROWS_BY_AGE) == 3);
	CHECK(strcmp(rows[0].destination, "1.2.3.4") == 0);
	CHECK(strcmp(rows[1].destination, "[2001:db8::1]") == 0);
	CHECK(strcmp(rows[2].destination, "a.example") == 0);
	CHECK(rows[2].count == 2 && rows[2].received == 107);
}

static void
what_is_no_list_has_no_rows(void)
{
	static const char *const texts[] = { "", "{}", "[]", "1", "[ ]", "[" };

	for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++)
		CHECK_ROW(rows_read(span_of(texts[i], strlen(texts[i])),
			      ROWS_OF_CLIENT, ROWS_BY_RATE, rows) == 0,
		    texts[i]);
}

int
main(void)
{
	RUN(a_row_has_the_name_with_the_port);
	RUN(the_first_of_the_order_comes_first);
	RUN(tunnels_of_a_client_are_one_row);
	RUN(tunnels_to_a_name_are_one_row);
	RUN(what_is_no_list_has_no_rows);
	return check_report();
}
