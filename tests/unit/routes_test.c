/* SPDX-License-Identifier: MIT */
/* routes_test.c - the rules of -route, and whom they send where. */

#include "config/routes.h"

#include <stdio.h>
#include <string.h>
#include <time.h>

#include "check.h"
#include "config/route_table.h"

static struct routes routes;
static struct route_table table;
static char words[512];

static bool
add(const char *rule)
{
	struct text expected = text_in(words, sizeof words);

	return routes_add(&routes, span_of(rule, strlen(rule)), &expected);
}

static void
make(void)
{
	static const struct upstream_list everybody = { .count = 0 };
	static const uint8_t map[UPSTREAMS_MAX] = { 0, 1, 2, 3, 4, 5, 6, 7 };

	route_table_make(&table, &routes, &everybody, map);
}

/* The first upstream's port tells the rules apart; 0: by -upstream-proxy. */
static unsigned
decide(const char *ip, const char *host)
{
	const struct upstream_list *list;
	struct address destination;

	CHECK_ROW(address_parse(&destination, ip, 443), ip);
	list = route_table_decide(
	    &table, &routes, &destination, span_of(host, strlen(host)));
	return list->count == 0 ? 0
				: routes.upstreams.list[list->members[0]].port;
}

static void
the_first_rule_that_matches_decides(void)
{
	static const char *const rules[] = {
		"10.1.2.3 a:1",
		"10.0.0.0/8,2001:db8::/32,fd00::1   a:2",
		"10.1.0.0/16,192.168.0.0/16\ta:3",
		"example.com,Partner.Example. a:4",
		"www.example.com,.net,*.org a:5",
		"net,10.2.0.1 a:6",
		"192.168.0.0/15,0.0.0.0/1 a:7",
		"far.below.this.example.edu a:8",
	};
	static const struct row {
		const char *ip, *host;
		unsigned port;
	} rows[] = {
		{ "10.1.2.3", "", 1 },
		{ "10.1.2.4", "", 2 },
		{ "10.0.0.0", "", 2 },
		{ "10.255.255.255", "", 2 },
		{ "11.0.0.0", "", 7 },
		{ "9.255.255.255", "", 7 },
		{ "192.168.1.1", "", 3 },
		{ "192.169.1.1", "", 7 },
		{ "192.170.0.0", "", 0 },
		{ "128.0.0.0", "", 0 },
		{ "2001:db8::", "", 2 },
		{ "2001:db8:ffff:ffff:ffff:ffff:ffff:ffff", "", 2 },
		{ "2001:db9::", "", 0 },
		{ "2001:db7:ffff::", "", 0 },
		{ "fd00::1", "", 2 },
		{ "fd00::2", "", 0 },
		{ "::", "", 0 },
		{ "255.255.255.255", "", 0 },
		{ "192.0.2.1", "example.com", 4 },
		{ "192.0.2.1", "EXAMPLE.com", 4 },
		{ "192.0.2.1", "www.example.com", 4 },
		{ "192.0.2.1", "a.b.c.example.com", 4 },
		{ "192.0.2.1", "notexample.com", 0 },
		{ "192.0.2.1", "example.com.au", 0 },
		{ "192.0.2.1", "com", 0 },
		{ "192.0.2.1", "partner.example", 4 },
		{ "192.0.2.1", "x.partner.example", 4 },
		{ "192.0.2.1", "my-partner.example", 0 },
		{ "192.0.2.1", "x.net", 5 },
		{ "192.0.2.1", "net", 6 },
		{ "192.0.2.1", "x.y.org", 5 },
		{ "192.0.2.1", "org", 0 },
		{ "192.0.2.1", "this.example.edu", 0 },
		{ "192.0.2.1", "far.below.this.example.edu", 8 },
		{ "192.0.2.1", "a.far.below.this.example.edu", 8 },
		{ "10.9.9.9", "example.com", 2 },
		{ "192.168.9.9", "example.com", 3 },
		{ "11.0.0.0", "example.com", 4 },
		{ "10.1.2.3", "net", 1 },
	};

	memset(&routes, 0, sizeof routes);
	make();
	CHECK(decide("10.1.2.3", "example.com") == 0);
	for (size_t i = 0; i < sizeof rules / sizeof rules[0]; i++)
		CHECK_ROW(add(rules[i]), words);
	make();
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		char row[128];

		snprintf(row, sizeof row, "%s %s: %u", rows[i].ip, rows[i].host,
		    decide(rows[i].ip, rows[i].host));
		CHECK_ROW(
		    decide(rows[i].ip, rows[i].host) == rows[i].port, row);
	}
}

static void
a_star_is_everybody_behind_whom_no_rule_counts(void)
{
	memset(&routes, 0, sizeof routes);
	CHECK(add("10.0.0.0/8 a:1") && add("* a:2") && add("* a:3") &&
	    add("example.com,192.0.2.1 a:4"));
	make();
	CHECK(decide("10.0.0.1", "example.com") == 1);
	CHECK(decide("192.0.2.1", "example.com") == 2);
	CHECK(decide("2001:db8::1", "") == 2);
}

static void
whole_families_are_networks_too(void)
{
	memset(&routes, 0, sizeof routes);
	CHECK(add("::/0 a:1") && add("0.0.0.0/0 a:2"));
	make();
	CHECK(decide("::", "") == 1);
	CHECK(decide("ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff", "") == 1);
	CHECK(decide("0.0.0.0", "") == 2);
	CHECK(decide("255.255.255.255", "") == 2);

	/* Where one family has no rule, the other one's are not for it. */
	memset(&routes, 0, sizeof routes);
	CHECK(add("128.0.0.0/1 a:1"));
	make();
	CHECK(decide("255.255.255.255", "") == 1);
	CHECK(decide("::", "") == 0);
	CHECK(decide("127.255.255.255", "") == 0);
	memset(&routes, 0, sizeof routes);
	CHECK(add("::/0 a:1"));
	make();
	CHECK(decide("255.255.255.255", "") == 0);
}

static void
via_is_a_list_or_direct(void)
{
	const struct upstream_list *via;

	memset(&routes, 0, sizeof routes);
	CHECK(add("10.0.0.0/8 direct"));
	CHECK(add("10.0.0.0/8 proxy,[2001:db8::1]:8080,direct"));
	via = &routes.matches[0].via;
	CHECK(via->direct && via->count == 0);
	via = &routes.matches[1].via;
	CHECK(via->direct && via->count == 2);
	CHECK(routes.upstreams.count == 2);
	CHECK(strcmp(routes.upstreams.list[via->members[1]].host,
		  "2001:db8::1") == 0);
	CHECK(routes.upstreams.list[via->members[1]].port == 8080);
}

static void
a_wrong_rule_is_told_why(void)
{
	static const struct row {
		const char *rule, *reason;
	} rows[] = {
		{ "", "MATCH[,MATCH]... VIA" },
		{ "  ", "MATCH[,MATCH]... VIA" },
		{ "direct", "MATCH[,MATCH]... VIA" },
		{ "10.0.0.0/8 ", "MATCH[,MATCH]... VIA" },
		{ "10.0.0.1/8 direct",
		    "without host bits behind its prefix, not 10.0.0.1/8" },
		{ "192.0.2.1,10.0.0.1/8 direct",
		    "without host bits behind its prefix, not 10.0.0.1/8" },
		{ "10.0.0.0/33 direct", "the length of a prefix" },
		{ "::ffff:10.0.0.0/104 direct", "written as IPv4" },
		{ "10.0.0.1:443 direct", "a MATCH without a port" },
		{ "example.com:443 direct", "a MATCH without a port" },
		{ "[2001:db8::1]:443 direct", "a MATCH without a port" },
		{ "[2001:db8::1] direct", "an IP, a CIDR" },
		{ "10.0.0 direct", "an IP, a CIDR" },
		{ "example.1 direct", "an IP, a CIDR" },
		{ "*example.com direct", "an IP, a CIDR" },
		{ "www.*.com direct", "an IP, a CIDR" },
		{ "*. direct", "an IP, a CIDR" },
		{ ". direct", "an IP, a CIDR" },
		{ "a..b direct", "an IP, a CIDR" },
		{ "example.com.. direct", "an IP, a CIDR" },
		{ "b\xc3\xbc.example direct", "an IP, a CIDR" },
		{ "a,,b direct", "an IP, a CIDR" },
		{ "a, direct", "an IP, a CIDR" },
		{ ",a direct", "an IP, a CIDR" },
		{ "a, b direct", "HOST or HOST:PORT" },
		{ "a direct direct", "HOST or HOST:PORT" },
		{ "a direct,proxy", "direct at the end" },
		{ "a direct,direct", "direct at the end" },
		{ "a proxy,Proxy:3128", "each upstream once" },
		{ "a proxy,", "HOST or HOST:PORT" },
		{ "a u:p@proxy", "-upstream-credentials" },
		{ "a a,b,c,d,e,f,g,h,i", "8 different upstreams at most" },
	};

	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		memset(&routes, 0, sizeof routes);
		CHECK_ROW(!add(rows[i].rule), rows[i].rule);
		CHECK_ROW(strstr(words, rows[i].reason) != NULL, words);
	}
}

static void
there_are_256_matches_and_8_upstreams_in_all_rules(void)
{
	char rule[64];

	memset(&routes, 0, sizeof routes);
	for (unsigned i = 0; i < ROUTE_MATCHES_MAX; i += 2) {
		snprintf(rule, sizeof rule, "10.0.%u.0/24,n%u.example a:%u", i,
		    i, 1 + i % 16 / 2);
		CHECK_ROW(add(rule), words);
	}
	make();
	for (unsigned i = 0; i < ROUTE_MATCHES_MAX; i += 2) {
		snprintf(rule, sizeof rule, "10.0.%u.9", i);
		CHECK_ROW(decide(rule, "") == 1 + i % 16 / 2, rule);
		snprintf(rule, sizeof rule, "www.n%u.example", i);
		CHECK_ROW(decide("192.0.2.1", rule) == 1 + i % 16 / 2, rule);
	}
	CHECK(decide("10.0.1.9", "n1.example") == 0);
	CHECK(!add("10.0.0.0/8 a:1") && strstr(words, "256") != NULL);
	routes.count = 1;
	CHECK(!add("10.0.0.0/8 a:9") && strstr(words, "8 different") != NULL);
}

static double
microseconds_each(const char *ip, const char *host)
{
	enum { DECISIONS = 200000 };
	struct span name = span_of(host, strlen(host));
	struct timespec begin, end;
	struct address destination;

	address_parse(&destination, ip, 443);
	clock_gettime(CLOCK_MONOTONIC, &begin);
	for (unsigned i = 0; i < DECISIONS; i++) {
		/* A step towards another address keeps it from being hoisted.
		 */
		destination.v4.sin_addr.s_addr ^= htonl(i);
		if (route_table_decide(&table, &routes, &destination, name) ==
		    NULL)
			return 0;
	}
	clock_gettime(CLOCK_MONOTONIC, &end);
	return ((double)(end.tv_sec - begin.tv_sec) * 1e6 +
		   (double)(end.tv_nsec - begin.tv_nsec) / 1e3) /
	    DECISIONS;
}

/* Both measured here and now; a walk through the rules would take a hundred
 * times as long with 256. */
static void
a_decision_takes_as_long_with_256_matches_as_with_one(void)
{
	static const char host[] = "a-name.of.usual.length.example.com";
	double one, many;
	char rule[64];

	memset(&routes, 0, sizeof routes);
	CHECK(add("192.0.2.0/24 direct") && add("example.net direct"));
	make();
	one = microseconds_each("10.0.0.1", host);
	for (unsigned i = 2; i < ROUTE_MATCHES_MAX; i += 2) {
		snprintf(rule, sizeof rule, "10.%u.0.0/16,n%u.example.com a:1",
		    i, i);
		CHECK_ROW(add(rule), words);
	}
	make();
	many = microseconds_each("10.0.0.1", host);
	printf("# microseconds a decision: %.3f with 2 matches, %.3f with "
	       "256\n",
	    one, many);
	CHECK(many < 10 * one);
}

int
main(void)
{
	RUN(the_first_rule_that_matches_decides);
	RUN(a_star_is_everybody_behind_whom_no_rule_counts);
	RUN(whole_families_are_networks_too);
	RUN(via_is_a_list_or_direct);
	RUN(a_wrong_rule_is_told_why);
	RUN(there_are_256_matches_and_8_upstreams_in_all_rules);
	RUN(a_decision_takes_as_long_with_256_matches_as_with_one);
	return check_report();
}
