/* SPDX-License-Identifier: MIT */
/* request_test.c - what the status process makes of a request's head: each is
 * fed whole and byte by byte. */

#include "status/request.h"

#include <string.h>

#include "check.h"

#define HEAD_11 " HTTP/1.1\r\nHost: localhost\r\n"
#define END "\r\n\r\n"

static enum request_verdict
byte_by_byte(struct span head, struct request *request)
{
	enum request_verdict verdict = REQUEST_MORE;

	for (size_t n = 0; n <= head.length && verdict == REQUEST_MORE; n++)
		verdict = request_parse(span_of(head.bytes, n), request);
	return verdict;
}

/* As byte by byte, which is what decides. */
static enum request_verdict
parse(struct span head, struct request *request)
{
	enum request_verdict wanted = byte_by_byte(head, request);
	enum request_verdict verdict = request_parse(head, request);

	return verdict == wanted ? verdict : (enum request_verdict) - 1;
}

static enum request_verdict
parse_text(const char *text, struct request *request)
{
	return parse(span_of(text, strlen(text)), request);
}

static void
check_verdicts(
    const char *const *rows, size_t count, enum request_verdict wanted)
{
	struct request request;

	for (size_t i = 0; i < count; i++)
		CHECK_ROW(parse_text(rows[i], &request) == wanted, rows[i]);
}

#define COUNT(rows) (sizeof(rows) / sizeof(rows)[0])

static void
an_address_or_localhost_is_a_good_host(void)
{
	static const char *const rows[] = {
		"GET / HTTP/1.1\r\nHost: localhost" END,
		"GET / HTTP/1.1\r\nHost: LocalHost:9090" END,
		"GET / HTTP/1.1\r\nHost: 127.0.0.1" END,
		"GET / HTTP/1.1\r\nHost:192.168.1.1:80" END,
		"GET / HTTP/1.1\r\nhost: \t 10.0.0.1:9090 " END,
		"GET / HTTP/1.1\r\nHost: [::1]" END,
		"GET / HTTP/1.1\r\nHost: [2001:db8::1]:9090" END,
		"GET / HTTP/1.1\r\nHost: [::ffff:127.0.0.1]:9090" END,
		"GET / HTTP/1.1\r\nHost: localhost:" END,
		"GET / HTTP/1.1\nHost: localhost\n\n",
		"\r\nGET / HTTP/1.1\r\nHost: localhost" END,
		"GET / HTTP/1.0" END,
		"GET / HTTP/1.0\r\nHost: localhost" END,
		"GET / HTTP/1.9\r\nHost: localhost" END,
		"GET http://127.0.0.1:9090/ HTTP/1.1\r\nHost: localhost" END,
		"GET HTTP://localhost/ HTTP/1.1\r\nHost: localhost" END,
		"GET / HTTP/1.1\r\nHost: localhost\r\nX: \xc3\xa4\t\x80" END,
		"GET / HTTP/1.1\r\nHost: localhost\r\nX:" END,
	};

	check_verdicts(rows, COUNT(rows), REQUEST_GOOD);
}

static void
the_name_of_a_site_is_refused(void)
{
	static const char *const rows[] = {
		"GET / HTTP/1.1\r\nHost: evil.example" END,
		"GET / HTTP/1.1\r\nHost: evil.example:9090" END,
		"GET / HTTP/1.0\r\nHost: evil.example" END,
		"GET / HTTP/1.1\r\nHost: localhost.evil.example" END,
		"GET / HTTP/1.1\r\nHost: evil.localhost" END,
		"GET / HTTP/1.1\r\nHost: 127.0.0.1.evil.example" END,
		"GET / HTTP/1.1\r\nHost: 127.0.0.1:80.evil.example" END,
		"GET / HTTP/1.1\r\nHost: 127.0.0.1@evil.example" END,
		"GET / HTTP/1.1\r\nHost: evil.example@127.0.0.1" END,
		"GET / HTTP/1.1\r\nHost: localhost evil.example" END,
		"GET / HTTP/1.1\r\nHost: localhost, evil.example" END,
		"GET / HTTP/1.1\r\nHost: 127.1" END,
		"GET / HTTP/1.1\r\nHost: 0x7f000001" END,
		"GET / HTTP/1.1\r\nHost: 2130706433" END,
		"GET / HTTP/1.1\r\nHost: 0177.0.0.1" END,
		"GET / HTTP/1.1\r\nHost: [::1]evil.example" END,
		"GET / HTTP/1.1\r\nHost: [::1].evil.example:80" END,
		"GET / HTTP/1.1\r\nHost: [evil.example]" END,
		"GET / HTTP/1.1\r\nHost: [127.0.0.1]" END,
		"GET / HTTP/1.1\r\nHost: ::1" END,
		"GET / HTTP/1.1\r\nHost: [::1" END "x]",
		"GET / HTTP/1.1\r\nHost:" END,
		"GET / HTTP/1.1\r\nHost: :9090" END,
		"GET http://evil.example/ HTTP/1.1\r\nHost: localhost" END,
		"GET http://localhost@evil.example/ HTTP/1.1\r\n"
		"Host: localhost" END,
		"GET http://localhost/ HTTP/1.1\r\nHost: evil.example" END,
	};

	check_verdicts(rows, COUNT(rows), REQUEST_FOREIGN_HOST);
}

static void
what_is_no_request_is_malformed(void)
{
	static const char *const rows[] = {
		"GET / HTTP/1.1" END, /* without Host */
		"GET / HTTP/1.1\r\nHost: localhost\r\nHost: localhost" END,
		"GET / HTTP/1.0\r\nHost: localhost\r\nHost: localhost" END,
		"GET /\r\n",
		"GET  / HTTP/1.1\r\n",
		"GET / HTTP/1.1 \r\n",
		"GET / HTTP/11\r\n",
		"GET / HTTP/x.1\r\n",
		"GET / http/1.1\r\n",
		"GET / ICY/1.1\r\n",
		" GET / HTTP/1.1\r\n",
		"G@T / HTTP/1.1\r\n",
		"\r\n\r\n",
		"GET status HTTP/1.1\r\n",
		"GET * HTTP/1.1\r\n",
		"GET https://localhost/ HTTP/1.1\r\n",
		"GET http://localhost HTTP/1.1\r\n",
		"GET /\t HTTP/1.1\r\n",
		"GET /\xc3\xa4 HTTP/1.1\r\n",
		"GET /" HEAD_11 " folded: x\r\n",
		"GET /" HEAD_11 "no colon\r\n",
		"GET /" HEAD_11 ": no name\r\n",
		"GET /" HEAD_11 "Blank : x\r\n",
		"GET /" HEAD_11 "Bare: a\rb\r\n",
		"GET /" HEAD_11 "Bell: \a",
		"\x16\x03\x01",
		"\x7f",
	};

	check_verdicts(rows, COUNT(rows), REQUEST_MALFORMED);
}

static void
other_methods_and_versions_have_answers_of_their_own(void)
{
	static const char *const methods[] = {
		"POST /" HEAD_11,
		"OPTIONS *" HEAD_11,
		"CONNECT evil.example:443" HEAD_11,
		"get /" HEAD_11,
		"GETS /" HEAD_11,
		"GE /" HEAD_11,
		"DELETE /tunnels.json" HEAD_11,
	};
	static const char *const versions[] = {
		"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
		"GET / HTTP/0.9\r\n",
		"GET / HTTP/3.0\r\n",
	};

	check_verdicts(methods, COUNT(methods), REQUEST_OTHER_METHOD);
	check_verdicts(versions, COUNT(versions), REQUEST_OTHER_VERSION);
}

static bool
is(struct span span, const char *text)
{
	return span.length == strlen(text) &&
	    memcmp(span.bytes, text, span.length) == 0;
}

static void
path_and_query_are_split(void)
{
	static const struct row {
		const char *target, *path, *query;
		bool is_head;
	} rows[] = {
		{ "GET /", "/", "", false },
		{ "HEAD /metrics", "/metrics", "", true },
		{ "GET /tunnels.json?limit=5&sort=age", "/tunnels.json",
		    "limit=5&sort=age", false },
		{ "GET /?", "/", "", false },
		{ "GET /a?b?c", "/a", "b?c", false },
		{ "GET //a/../b%2f", "//a/../b%2f", "", false },
		{ "HEAD http://127.0.0.1:9090/x?y", "/x", "y", true },
		{ "GET http:///x", "", "", false },
	};
	struct request request;
	char head[256];

	for (size_t i = 0; i < COUNT(rows); i++) {
		bool is_good = rows[i].path[0] != '\0';

		snprintf(
		    head, sizeof head, "%s" HEAD_11 "\r\n", rows[i].target);
		CHECK_ROW(
		    (parse_text(head, &request) == REQUEST_GOOD) == is_good,
		    rows[i].target);
		if (!is_good)
			continue;
		CHECK_ROW(is(request.path, rows[i].path), rows[i].target);
		CHECK_ROW(is(request.query, rows[i].query), rows[i].target);
		CHECK_ROW(request.is_head == rows[i].is_head, rows[i].target);
	}
}

static void
a_browser_accepts_html(void)
{
	static const struct row {
		const char *fields;
		bool wanted;
	} rows[] = {
		{ "", false },
		{ "Accept: */*\r\n", false },
		{ "Accept: text/html\r\n", true },
		{ "accept: text/plain, Text/HTML;q=0.9\r\n", true },
		{ "Accept: text/htmlx\r\n", false },
		{ "Accept: application/xhtml+xml,text/html\r\n", true },
		{ "Accept: */*\r\nAccept: text/html\r\n", true },
		{ "Accept: x;y=text/html\r\n", false },
		{ "X-Accept: text/html\r\n", false },
		{ "Accept:\r\n", false },
	};
	struct request request;
	char head[256];

	for (size_t i = 0; i < COUNT(rows); i++) {
		snprintf(head, sizeof head, "GET /" HEAD_11 "%s\r\n",
		    rows[i].fields);
		CHECK_ROW(
		    parse_text(head, &request) == REQUEST_GOOD, rows[i].fields);
		CHECK_ROW(
		    request.accepts_html == rows[i].wanted, rows[i].fields);
	}
}

/* The longest head is REQUEST_HEAD_MAX bytes; one byte more is too long. */
static void
a_head_has_4_kib(void)
{
	static const char start[] = "GET /" HEAD_11 "X: ";
	char head[REQUEST_HEAD_MAX + 1];
	struct request request;
	size_t behind = sizeof start - 1;

	memcpy(head, start, behind);
	memset(head + behind, 'a', sizeof head - behind);
	CHECK(parse(span_of(head, REQUEST_HEAD_MAX - 1), &request) ==
	    REQUEST_MORE);
	CHECK(parse(span_of(head, REQUEST_HEAD_MAX), &request) ==
	    REQUEST_TOO_LONG);
	memcpy(head + REQUEST_HEAD_MAX - 4, "\r\n\r\n", 4);
	CHECK(parse(span_of(head, REQUEST_HEAD_MAX), &request) == REQUEST_GOOD);
}

/* A second request behind the first is not looked at. */
static void
what_follows_the_head_does_not_count(void)
{
	struct request request;

	CHECK(parse_text("GET /a" HEAD_11 "\r\nGET http://evil.example/ \x01",
		  &request) == REQUEST_GOOD);
	CHECK(is(request.path, "/a"));
}

int
main(void)
{
	RUN(an_address_or_localhost_is_a_good_host);
	RUN(the_name_of_a_site_is_refused);
	RUN(what_is_no_request_is_malformed);
	RUN(other_methods_and_versions_have_answers_of_their_own);
	RUN(path_and_query_are_split);
	RUN(a_browser_accepts_html);
	RUN(a_head_has_4_kib);
	RUN(what_follows_the_head_does_not_count);
	return check_report();
}
