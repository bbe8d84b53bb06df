/* SPDX-License-Identifier: MIT */
/* tunnels_json_test.c - the query, the merging of several workers' lists, and
 * what they are written as. */

#include "status/tunnels_json.h"

#include <string.h>

#include "check.h"

static struct span
span(const char *string)
{
	return span_of(string, strlen(string));
}

static void
the_query_has_limit_and_order(void)
{
	static const struct row {
		const char *query;
		unsigned limit; /* 0: it is wrong */
		enum tunnel_order order;
	} rows[] = {
		{ "", 100, TUNNELS_BY_RATE },
		{ "limit=1", 1, TUNNELS_BY_RATE },
		{ "limit=1000&sort=bytes", 1000, TUNNELS_BY_BYTES },
		{ "sort=age&limit=007", 7, TUNNELS_BY_AGE },
		{ "sort=rate", 100, TUNNELS_BY_RATE },
		{ "limit=1001", 1000, TUNNELS_BY_RATE },
		{ "limit=99999999999999999999999", 1000, TUNNELS_BY_RATE },
		{ "x=1&&limit&limits=3&sort=age", 0, TUNNELS_BY_AGE },
		{ "x=1&&y&limits=3&sort=age", 100, TUNNELS_BY_AGE },
		{ "limit=2&limit=3", 3, TUNNELS_BY_RATE },
		{ "limit=0", 0, TUNNELS_BY_RATE },
		{ "limit=", 0, TUNNELS_BY_RATE },
		{ "limit=-1", 0, TUNNELS_BY_RATE },
		{ "limit=5x", 0, TUNNELS_BY_RATE },
		{ "sort=", 0, TUNNELS_BY_RATE },
		{ "sort=Rate", 0, TUNNELS_BY_RATE },
		{ "sort=rates", 0, TUNNELS_BY_RATE },
	};

	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		struct tunnel_request request;
		bool is_right = tunnels_query(span(rows[i].query), &request);

		CHECK_ROW(is_right == (rows[i].limit > 0), rows[i].query);
		if (!is_right)
			continue;
		CHECK_ROW(request.limit == rows[i].limit, rows[i].query);
		CHECK_ROW(request.order == rows[i].order, rows[i].query);
	}
}

static struct tunnels tunnels;

/* Worker w lists 100 tunnels, of all keys that are w modulo 3. */
static void
merge(enum tunnel_order order, unsigned limit)
{
	const struct tunnel_request request = { 1, limit, order };

	CHECK(tunnels_begin(&tunnels, &request));
	for (unsigned worker = 0; worker < 3; worker++) {
		for (unsigned i = 0; i < 100; i++) {
			uint64_t key = i * 3 + worker;

			tunnels_add(&tunnels, worker,
			    &(struct tunnel){
				.age_ms = order == TUNNELS_BY_AGE ? key : 7,
				.sent = order == TUNNELS_BY_BYTES ? key : 7,
				.received = 1,
				.sent_rate = 1,
				.received_rate =
				    order == TUNNELS_BY_RATE ? key : 7,
			    });
		}
	}
	tunnels_sort(&tunnels);
}

static void
the_first_of_all_workers_are_kept(void)
{
	static const unsigned limits[] = { 1, 10, 299, 300, 1000 };

	for (unsigned order = 0; order < TUNNEL_ORDERS; order++) {
		for (size_t l = 0; l < sizeof limits / sizeof limits[0]; l++) {
			unsigned wanted = limits[l] < 300 ? limits[l] : 300;
			uint64_t first = order == TUNNELS_BY_AGE ? 299 : 300;

			merge((enum tunnel_order)order, limits[l]);
			CHECK(tunnels.ranking.count == wanted);
			for (unsigned i = 0; i < wanted; i++) {
				const struct ranked *ranked =
				    &tunnels.ranking.heap[i];

				CHECK(ranked->key == first - i);
				CHECK(tunnels.rows[ranked->slot].worker ==
				    (299 - i) % 3);
			}
		}
	}
	tunnels_clear(&tunnels);
}

static void
sums_do_not_overflow(void)
{
	const struct tunnel tunnel = {
		.sent = UINT64_MAX,
		.received = 2,
		.sent_rate = 2,
		.received_rate = UINT64_MAX - 1,
	};

	CHECK(tunnel_key(&tunnel, TUNNELS_BY_BYTES) == UINT64_MAX);
	CHECK(tunnel_key(&tunnel, TUNNELS_BY_RATE) == UINT64_MAX);
}

static const char json[] =
    "[\n"
    "{\"worker\":2,\"client\":\"[fe80::1%lan]:50000\","
    "\"destination\":\"93.184.216.34:443\",\"host\":\"a.test\","
    "\"upstream\":\"10.1.0.2:3128\",\"mode\":\"relay\","
    "\"state\":\"relaying\",\"age\":61.005,\"idle\":0.250,"
    "\"sent\":18446744073709551615,\"received\":0,\"sent_rate\":12,"
    "\"received_rate\":3},\n"
    "{\"worker\":0,\"client\":null,\"destination\":null,\"host\":null,"
    "\"upstream\":null,\"mode\":\"connect\",\"state\":\"sniffing\","
    "\"age\":0.000,\"idle\":0.000,\"sent\":0,\"received\":0,\"sent_rate\":0,"
    "\"received_rate\":0}\n"
    "]\n";

static void
a_list_is_an_array_of_objects(void)
{
	const struct tunnel_request request = { 1, 3, TUNNELS_BY_BYTES };
	struct output output = output_of(100000);
	struct span written;

	CHECK(tunnels_begin(&tunnels, &request));
	tunnels_add(&tunnels, 0, &(struct tunnel){ .age_ms = 0 });
	tunnels_add(&tunnels, 2,
	    &(struct tunnel){
		.age_ms = 61005,
		.idle_ms = 250,
		.sent = UINT64_MAX,
		.sent_rate = 12,
		.received_rate = 3,
		.mode = TUNNEL_RELAY,
		.state = 7,
		.client = "[fe80::1%lan]:50000",
		.destination = "93.184.216.34:443",
		.upstream = "10.1.0.2:3128",
		.host = "a.test",
	    });
	tunnels_sort(&tunnels);
	tunnels_write(&output, &tunnels, 2);
	written = output_span(&output);
	CHECK(written.length == sizeof json - 1 &&
	    memcmp(written.bytes, json, written.length) == 0);
	output_clear(&output);
	tunnels_write(&output, &tunnels, 1);
	CHECK(output.length > 10 && output.length < sizeof json - 100);
	output_clear(&output);
	tunnels_write(&output, &tunnels, 0);
	written = output_span(&output);
	CHECK(written.length == 4 && memcmp(written.bytes, "[\n]\n", 4) == 0);
	output_clear(&output);
	tunnels_clear(&tunnels);
}

int
main(void)
{
	RUN(the_query_has_limit_and_order);
	RUN(the_first_of_all_workers_are_kept);
	RUN(sums_do_not_overflow);
	RUN(a_list_is_an_array_of_objects);
	return check_report();
}
