/* SPDX-License-Identifier: MIT */
/* upstream_options_test.c - which upstreams the options name, which rules, and
 * what cannot work together. */

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "check.h"
#include "config/options.h"

enum { ARGUMENTS_MAX = 16 };

static struct config config;
static char words[LOG_WORDS_SIZE];

/* Pairs of name and value. */
static bool
load(const char *const options[])
{
	struct text error = text_in(words, sizeof words);
	char *argv[ARGUMENTS_MAX + 1] = { "handyproxy" };
	char copies[ARGUMENTS_MAX][512];
	int count = 1;

	for (; options[count - 1] != NULL; count++) {
		snprintf(copies[count], sizeof copies[count], "%s",
		    options[count - 1]);
		argv[count] = copies[count];
	}
	return options_load(&config, count, argv, "/start", &error);
}

static bool
load_proxy(const char *value)
{
	return load((const char *const[]){ "-upstream-proxy", value, NULL });
}

static void
an_upstream_is_a_host_and_perhaps_a_port(void)
{
	static const struct row {
		const char *text, *host;
		uint16_t port;
	} rows[] = {
		{ "proxy.local", "proxy.local", 3128 },
		{ "proxy:80", "proxy", 80 },
		{ "10.0.0.1:8080", "10.0.0.1", 8080 },
		{ "[::1]:3129", "::1", 3129 },
		{ "[2001:db8::1]", "2001:db8::1", 3128 },
		{ "2001:db8::1", "2001:db8::1", 3128 },
		{ "1:2:3:4:5:6:7:8", "1:2:3:4:5:6:7:8", 3128 },
		{ "[fe80::1%wan]:3128", "fe80::1%wan", 3128 },
		{ "[fe80::1%br-lan.2]", "fe80::1%br-lan.2", 3128 },
		{ "a_b-c", "a_b-c", 3128 },
		{ "http://proxy", "proxy", 3128 },
		{ "HTTP://proxy:80/", "proxy", 80 },
		{ "proxy/", "proxy", 3128 },
		{ "http://[::1]:1/", "::1", 1 },
	};

	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		const char *text = rows[i].text;

		CHECK_ROW(load_proxy(text), text);
		CHECK_ROW(config.upstreams.count == 1, text);
		CHECK_ROW(
		    strcmp(config.upstreams.list[0].host, rows[i].host) == 0,
		    text);
		CHECK_ROW(config.upstreams.list[0].port == rows[i].port, text);
	}
}

static void
a_wrong_upstream_is_told_why(void)
{
	static const char *const wrong[] = { "", ":80", "proxy:", "proxy:0",
		"proxy:65536", "proxy:x", "[::1", "[::1]x", "[proxy]:1", "a b",
		"-x:1", "proxy:1:2", "[::1]:", "[]:1", "https://proxy",
		"http://", "http://proxy/path", "proxy//", "/", "a,", ",a",
		"a,,b", "a, b", "[fe80::1%]", "[fe80::1%a b]", "[10.0.0.1]" };
	static const struct row {
		const char *text, *expected;
	} rows[] = {
		{ "fe80::1:3128", "expected brackets around an IPv6 address" },
		{ "2001:db8::5:1", "expected brackets around an IPv6 address" },
		{ "::1:80", "expected brackets around an IPv6 address" },
		{ "alice:secret@proxy", "-upstream-credentials" },
		{ "a,http://alice:sec:ret@proxy:1/", "-upstream-credentials" },
		{ "direct,a", "expected direct at the end" },
		{ "a,A:3128", "expected each upstream once" },
		{ "a,b,c,d,e,f,g,h,i", "expected 8 different upstreams" },
	};

	for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
		CHECK_ROW(!load_proxy(wrong[i]), wrong[i]);
		CHECK_ROW(
		    strstr(words, "expected HOST or HOST:PORT") != NULL, words);
	}
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		CHECK_ROW(!load_proxy(rows[i].text), rows[i].text);
		CHECK_ROW(strncmp(words, "-upstream-proxy ", 16) == 0, words);
		CHECK_ROW(strstr(words, rows[i].expected) != NULL, words);
		CHECK_ROW(strstr(words, "sec") == NULL, words);
		CHECK_ROW(strstr(words, "alice") == NULL, words);
	}
}

static void
a_list_is_in_the_order_of_preference(void)
{
	const struct upstream_list *list = &config.proxies.list;

	CHECK(load_proxy("b:1,a:2,http://c:3/,direct"));
	CHECK(config.upstreams.count == 3 && list->count == 3 && list->direct);
	for (unsigned i = 0; i < list->count; i++)
		CHECK(config.upstreams.list[list->members[i]].port == i + 1);
	CHECK(load_proxy("direct"));
	CHECK(config.upstreams.count == 0 && list->count == 0 && list->direct);
	CHECK(load((const char *const[]){
	    "-upstream-proxy", "a,b", "-upstream-proxy", "c", NULL }));
	CHECK(config.upstreams.count == 1 && list->count == 1);
	CHECK(strcmp(config.upstreams.list[0].host, "c") == 0);
}

static const struct upstream_list *
decide(const char *ip)
{
	struct address destination;

	CHECK_ROW(address_parse(&destination, ip, 443), ip);
	return route_table_decide(
	    &config.route_table, &config.routes, &destination, span_of("", 0));
}

static void
upstreams_of_rules_have_indices_beside_those_of_the_list(void)
{
	const struct upstream_list *via;

	CHECK(load((const char *const[]){ "-upstream-proxy", "a,b", "-route",
	    "10.0.0.0/8 c,b", "-route", "192.168.0.0/16 direct", NULL }));
	CHECK(config.upstreams.count == 3);
	via = decide("10.0.0.1");
	CHECK(via->count == 2 && via->members[0] == 2 && via->members[1] == 1);
	via = decide("192.168.0.1");
	CHECK(via->count == 0 && via->direct);
	via = decide("192.0.2.1");
	CHECK(via->count == 2 && via->members[0] == 0 && via->members[1] == 1);
	CHECK(!via->direct);
}

static void
there_are_8_upstreams_in_all(void)
{
	CHECK(load((const char *const[]){ "-upstream-proxy", "a,b,c,d,direct",
	    "-route", "10.0.0.0/8 e,f,g,h,A,direct", NULL }));
	CHECK(!load((const char *const[]){ "-upstream-proxy", "a,b,c,d",
	    "-route", "10.0.0.0/8 e,f,g,h,i", NULL }));
	CHECK(strstr(words, "i:3128") != NULL);
	CHECK(strstr(words, "expected 8 different upstreams") != NULL);
}

static void
a_rule_by_name_wants_sniffing(void)
{
	CHECK(!load((const char *const[]){
	    "-route", "10.0.0.0/8,example.com direct", NULL }));
	CHECK(strstr(words, "-route") != NULL);
	CHECK(strstr(words, "example.com") != NULL);
	CHECK(strstr(words, "-sniff-timeout") != NULL);
	CHECK(load((const char *const[]){
	    "-route", "example.com direct", "-sniff-timeout", "0", NULL }));
	CHECK(!load((const char *const[]){ "-route", ".com direct",
	    "-sniff-timeout", "0", "-sniff-tls-ports", "none",
	    "-sniff-http-ports", "none", NULL }));
	CHECK(load((const char *const[]){
	    "-route", "example.com direct", "-http-relay-ports", "80", NULL }));
	CHECK(load((const char *const[]){ "-route", "* direct", NULL }));
}

static void
rules_of_the_command_line_take_the_place_of_the_file_s(void)
{
	char path[] = "/tmp/upstream_options_test.XXXXXX";
	FILE *file = fdopen(mkstemp(path), "w");

	fputs("upstream-proxy file-a,file-b\nroute 10.0.0.0/8  direct # home\n"
	      "route 192.0.2.0/24\tfile-c\n",
	    file);
	fclose(file);
	CHECK(load((const char *const[]){ "-config", path, NULL }));
	CHECK(config.routes.count == 2 && config.upstreams.count == 3);
	CHECK(decide("10.0.0.1")->direct);
	CHECK(load((const char *const[]){ "-config", path, "-route", "* direct",
	    "-route", "10.0.0.0/8 a", NULL }));
	CHECK(config.routes.count == 2 && config.upstreams.count == 3);
	CHECK(decide("192.0.2.1")->direct && decide("192.0.2.1")->count == 0);
	remove(path);
}

int
main(void)
{
	RUN(an_upstream_is_a_host_and_perhaps_a_port);
	RUN(a_wrong_upstream_is_told_why);
	RUN(a_list_is_in_the_order_of_preference);
	RUN(upstreams_of_rules_have_indices_beside_those_of_the_list);
	RUN(there_are_8_upstreams_in_all);
	RUN(a_rule_by_name_wants_sniffing);
	RUN(rules_of_the_command_line_take_the_place_of_the_file_s);
	return check_report();
}
