/* SPDX-License-Identifier: MIT */
#include "protocol/relay_head.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cuts.h"
#include "protocol/relay_head_write.h"

#define ADDRESS "192.0.2.7"
#define CLOSE "Connection: close\r\n\r\n"

struct row {
	const char *title;
	struct span taken; /* up to the byte that decides, and with it */
	struct span behind; /* what may follow without changing anything */
	enum relay_verdict verdict;
	const char *written; /* with RELAY_REQUEST */
};

#define ROW(title, taken, behind, verdict, written)                \
	{                                                          \
		title, TEXT(taken), TEXT(behind), verdict, written \
	}
#define RELAY(taken, behind, written) \
	ROW(#taken, taken, behind, RELAY_REQUEST, written)
#define TUNNEL(taken, behind) ROW(#taken, taken, behind, RELAY_TUNNEL, NULL)
#define MORE(taken) ROW(#taken, taken, "", RELAY_MORE, NULL)

static unsigned port = 80;
static const char *credentials = "";

/* In blocks of the sizes that are promised, so that a sanitizer catches a look
 * beyond them. */
static size_t
write_head(char **out, const struct relay_head *head, struct span whole)
{
	struct host_name name;
	struct relay_target target = {
		.host = span_of(ADDRESS, strlen(ADDRESS)),
		.port = port,
		.credentials = span_of(credentials, strlen(credentials)),
	};
	uint64_t *named = malloc(head->fields.named * sizeof *named + 1);
	size_t size, length;

	if (relay_head_name(head, whole, &name))
		target.host = span_of(name.text, name.length);
	size = relay_head_room(head, &target);
	*out = malloc(size);
	if (*out == NULL || named == NULL)
		abort();
	length = relay_head_write(*out, size, head, whole, &target, named);
	free(named);
	return length;
}

static bool
is_written(const struct relay_head *head, struct span whole, const char *wanted)
{
	char *out;
	size_t length = write_head(&out, head, whole);
	bool is_right =
	    length == strlen(wanted) && memcmp(out, wanted, length) == 0;

	if (!is_right)
		printf("# written: %.*s\n", (int)length, out);
	free(out);
	return is_right;
}

/* All bytes up to `given`, in a block of their own. */
static enum relay_verdict
scan_block(struct relay_head *head, struct span bytes, const char *wanted,
    bool *is_right)
{
	unsigned char *block = malloc(bytes.length + 1);
	enum relay_verdict verdict;

	if (block == NULL)
		abort();
	memcpy(block + 1, bytes.bytes, bytes.length);
	verdict = relay_head_scan(head, span_of(block + 1, bytes.length));
	*is_right = verdict != RELAY_REQUEST || wanted == NULL ||
	    is_written(head, span_of(block + 1, bytes.length), wanted);
	free(block);
	return verdict;
}

/* Given `first` bytes, then `step` more each time. */
static bool
cut_is_right(const void *context, struct span bytes, size_t first, size_t step)
{
	const struct row *row = context;
	struct relay_head head;
	enum relay_verdict verdict;
	size_t given = first;
	bool is_right;

	memset(&head, 0xa5, sizeof head);
	relay_head_init(&head);
	for (;;) {
		verdict = scan_block(&head, span_of(bytes.bytes, given),
		    row->written, &is_right);
		if (given >= row->taken.length)
			break;
		if (verdict != RELAY_MORE)
			return false;
		given +=
		    step < bytes.length - given ? step : bytes.length - given;
	}
	return is_right && verdict == row->verdict &&
	    head.scanned == row->taken.length;
}

static void
check_rows(const struct row *rows, size_t count)
{
	for (size_t i = 0; i < count; i++)
		check_cuts(rows[i].title, rows[i].taken, rows[i].behind,
		    cut_is_right, &rows[i]);
}
#define CHECK_ROWS(rows) check_rows(rows, sizeof(rows) / sizeof((rows)[0]))

static void
a_plain_request_is_relayed(void)
{
	static const struct row rows[] = {
		RELAY("GET / HTTP/1.1\r\nHost: example.com\r\n\r\n", "",
		    "GET http://example.com/ HTTP/1.1\r\n"
		    "Host: example.com\r\n" CLOSE),
		RELAY("GET / HTTP/1.0\r\n\r\n", "GET",
		    "GET http://" ADDRESS "/ HTTP/1.0\r\n"
		    "Host: " ADDRESS "\r\n" CLOSE),
		RELAY("GET /\xe4?a=/#b HTTP/1.9\nHOST:\t a.b \t\nX:y \n\n",
		    "\n",
		    "GET http://a.b/\xe4?a=/#b HTTP/1.9\r\n"
		    "Host: a.b\r\nX:y \r\n" CLOSE),
		RELAY("\r\nPOST //c.d/ HTTP/1.1\r\nA: 1\r\nHost: a.b\r\n"
		      "Content-Length: 5\r\na:\r\nA: 2\xff\r\n\r\n",
		    "12345",
		    "POST http://a.b//c.d/ HTTP/1.1\r\nHost: a.b\r\nA: 1\r\n"
		    "Content-Length: 5\r\na:\r\nA: 2\xff\r\n" CLOSE),
		RELAY("!#$%&'*+-.^_`|~09azAZ1234567890 / HTTP/1.1\r\n\r\n", "",
		    "!#$%&'*+-.^_`|~09azAZ1234567890 http://" ADDRESS
		    "/ HTTP/1.1\r\nHost: " ADDRESS "\r\n" CLOSE),
		RELAY("connect / HTTP/1.1\r\n\r\n", "",
		    "connect http://" ADDRESS "/ HTTP/1.1\r\n"
		    "Host: " ADDRESS "\r\n" CLOSE),
		RELAY("OPTIONS * HTTP/1.1\r\nHost: a.b\r\n\r\n", "",
		    "OPTIONS http://a.b HTTP/1.1\r\nHost: a.b\r\n" CLOSE),
		RELAY("OPTIONS / HTTP/1.1\r\nHost: a.b\r\n\r\n", "",
		    "OPTIONS http://a.b/ HTTP/1.1\r\nHost: a.b\r\n" CLOSE),
	};

	CHECK_ROWS(rows);
}

static void
an_absolute_target_takes_the_place_of_host(void)
{
	static const struct row rows[] = {
		RELAY("GET http://a.b/c HTTP/1.1\r\nHost: d.e\r\n\r\n", "",
		    "GET http://a.b/c HTTP/1.1\r\nHost: a.b\r\n" CLOSE),
		RELAY("GET HtTp://A.B?c HTTP/1.1\r\n\r\n", "",
		    "GET http://A.B?c HTTP/1.1\r\nHost: A.B\r\n" CLOSE),
		RELAY("GET http://a.b HTTP/1.1\r\nHost:\r\n\r\n", "",
		    "GET http://a.b HTTP/1.1\r\nHost: a.b\r\n" CLOSE),
		RELAY("GET http://a.b.:8080/@: HTTP/1.1\r\n\r\n", "",
		    "GET http://a.b/@: HTTP/1.1\r\nHost: a.b\r\n" CLOSE),
		RELAY("GET http://10.0.0.1:1/ HTTP/1.1\r\nHost: a.b\r\n\r\n",
		    "",
		    "GET http://" ADDRESS "/ HTTP/1.1\r\n"
		    "Host: " ADDRESS "\r\n" CLOSE),
		RELAY("GET http://[::1]:65535/ HTTP/1.1\r\nHost: a.b\r\n\r\n",
		    "",
		    "GET http://" ADDRESS "/ HTTP/1.1\r\n"
		    "Host: " ADDRESS "\r\n" CLOSE),
		TUNNEL("GET http:///", " HTTP/1.1\r\n\r\n"),
		TUNNEL("GET http:// ", "HTTP/1.1\r\n\r\n"),
		TUNNEL("GET http://?", " HTTP/1.1\r\n\r\n"),
		TUNNEL("GET http://:80/", " HTTP/1.1\r\n\r\n"),
		TUNNEL("GET http://a.b:/", " HTTP/1.1\r\n\r\n"),
		TUNNEL("GET http://a.b:0/", " HTTP/1.1\r\n\r\n"),
		TUNNEL("GET http://a.b:65536/", " HTTP/1.1\r\n\r\n"),
		TUNNEL("GET http://a.b:80a/", " HTTP/1.1\r\n\r\n"),
		TUNNEL("GET http://u@", "a.b/ HTTP/1.1\r\n\r\n"),
		TUNNEL("GET http://u:1@", "a.b/ HTTP/1.1\r\n\r\n"),
		TUNNEL("GET http://a.b#", "c HTTP/1.1\r\n\r\n"),
		TUNNEL("GET http://a%", "2eb/ HTTP/1.1\r\n\r\n"),
		TUNNEL("GET http://a.b/ HTTP/1.1\r\nHost: c d\r\n", "\r\n"),
		TUNNEL("GET http:/a", ".b/ HTTP/1.1\r\n\r\n"),
		TUNNEL("GET http:a", ".b/ HTTP/1.1\r\n\r\n"),
		TUNNEL("GET https", "://a.b/ HTTP/1.1\r\n\r\n"),
		TUNNEL("GET f", "tp://a.b/ HTTP/1.1\r\n\r\n"),
		TUNNEL("GET ha", " HTTP/1.1\r\n\r\n"),
	};

	CHECK_ROWS(rows);
}

static void
what_is_no_request_is_known_at_its_first_byte(void)
{
	static const struct row rows[] = {
		TUNNEL("CONNECT ", "a.b:443 HTTP/1.1\r\n\r\n"),
		TUNNEL("PRI *", " HTTP/2.0\r\n\r\nSM\r\n\r\n"),
		TUNNEL("GET *", " HTTP/1.1\r\n\r\n"),
		TUNNEL("OPTIONS */", " HTTP/1.1\r\n\r\n"),
		TUNNEL("\x16", "\x03\x01"),
		TUNNEL("SSH-2.0-OpenSSH_9.2p1\r", "\n"),
		TUNNEL("\n", "GET / HTTP/1.1\r\n\r\n"),
		TUNNEL("\r\n\r", "\nGET / HTTP/1.1\r\n\r\n"),
		TUNNEL("\r\n\n", "GET / HTTP/1.1\r\n\r\n"),
		TUNNEL("\r\r", "\n"),
		TUNNEL("\rG", "ET / HTTP/1.1\r\n\r\n"),
		TUNNEL(" ", "GET / HTTP/1.1\r\n\r\n"),
		TUNNEL("\r\n ", "/ HTTP/1.1\r\n\r\n"),
		TUNNEL("GE:", "T / HTTP/1.1\r\n\r\n"),
		TUNNEL("GET\t", "/ HTTP/1.1\r\n\r\n"),
		TUNNEL("GET  ", "/ HTTP/1.1\r\n\r\n"),
		TUNNEL("GET a", " HTTP/1.1\r\n\r\n"),
		TUNNEL("GET ?", "a HTTP/1.1\r\n\r\n"),
		TUNNEL("GET /\r", "\n\r\n"),
		TUNNEL("GET /\n", "\n"),
		TUNNEL("GET /a\t", "b HTTP/1.1\r\n\r\n"),
		TUNNEL("GET /a b", " HTTP/1.1\r\n\r\n"),
		TUNNEL("GET /\x7f", " HTTP/1.1\r\n\r\n"),
		TUNNEL("GET /\0", " HTTP/1.1\r\n\r\n"),
		TUNNEL("GET /  ", "HTTP/1.1\r\n\r\n"),
		TUNNEL("GET / \r", "\n\r\n"),
		TUNNEL("GET / h", "ttp/1.1\r\n\r\n"),
		TUNNEL("GET / HTTP/2", ".0\r\n\r\n"),
		TUNNEL("GET / HTTP/0", ".9\r\n\r\n"),
		TUNNEL("GET / HTTP/1.\r", "\n\r\n"),
		TUNNEL("GET / HTTP/1.x", "\r\n\r\n"),
		TUNNEL("GET / HTTP/1.10", "\r\n\r\n"),
		TUNNEL("GET / HTTP/1.1 ", "\r\n\r\n"),
		TUNNEL("GET / HTTP/1.1\rX", "\n\r\n"),
		TUNNEL("A23456789012345678901234567890123", " / HTTP/1.1\r\n"),
	};

	CHECK_ROWS(rows);
}

static void
a_head_that_two_readers_could_read_in_two_ways_is_tunnelled(void)
{
#define HEAD "GET / HTTP/1.1\r\n"
	static const struct row rows[] = {
		TUNNEL(HEAD " ", "X: y\r\n\r\n"),
		TUNNEL(HEAD "X: y\r\n ", "z\r\n\r\n"),
		TUNNEL(HEAD "X: y\r\n\t", "z\r\n\r\n"),
		TUNNEL(HEAD "X\r", "\n\r\n"),
		TUNNEL(HEAD "X\n", "\n"),
		TUNNEL(HEAD ":", " y\r\n\r\n"),
		TUNNEL(HEAD "X ", ": y\r\n\r\n"),
		TUNNEL(HEAD "X\t", ": y\r\n\r\n"),
		TUNNEL(HEAD "X(", ": y\r\n\r\n"),
		TUNNEL(HEAD "X\xe4", ": y\r\n\r\n"),
		TUNNEL(HEAD "X\0", ": y\r\n\r\n"),
		TUNNEL(HEAD "X: a\0", "b\r\n\r\n"),
		TUNNEL(HEAD "X: a\x01", "b\r\n\r\n"),
		TUNNEL(HEAD "X: a\x0b", "b\r\n\r\n"),
		TUNNEL(HEAD "X: a\x7f", "b\r\n\r\n"),
		TUNNEL(HEAD "X: a\rb", "\r\n\r\n"),
		TUNNEL(HEAD "X: a\r\r", "\n\r\n"),
		TUNNEL(HEAD "\rX", ""),
		TUNNEL(HEAD "Host: a\r\nhost: a\r\n", "\r\n"),
		TUNNEL(HEAD "Host:\r\nHost:\r\n", "\r\n"),
		TUNNEL(HEAD "Host: a\r\nHost:\r\n", "\r\n"),
		TUNNEL(HEAD "Host: a b\r\n", "\r\n"),
		TUNNEL(HEAD "Host: a,b\r\n", "\r\n"),
		TUNNEL(HEAD "Host: u@a\r\n", "\r\n"),
		TUNNEL(HEAD "Host: a/\r\n", "\r\n"),
		TUNNEL(HEAD "Host: b\xc3\xbc.c\r\n", "\r\n"),
		TUNNEL(HEAD "Host: a:\r\n", "\r\n"),
		TUNNEL(HEAD "Host: a:0\r\n", "\r\n"),
		TUNNEL(HEAD "Host: a:65536\r\n", "\r\n"),
		TUNNEL(HEAD "Host: a:99999999999999999999\r\n", "\r\n"),
		TUNNEL(HEAD "Host: a:8 0\r\n", "\r\n"),
		TUNNEL(HEAD "Host: :80\r\n", "\r\n"),
		TUNNEL(HEAD "Host: ::1\r\n", "\r\n"),
		TUNNEL(HEAD "Host: [::1\r\n", "\r\n"),
		TUNNEL(HEAD "Host: [a]\r\n", "\r\n"),
		TUNNEL(
		    HEAD "Content-Length: 1\r\nContent-Length: 1\r\n", "\r\n"),
		TUNNEL(HEAD "Content-Length: 1, 1\r\n", "\r\n"),
		TUNNEL(HEAD "Content-Length:\r\n", "\r\n"),
		TUNNEL(HEAD "Content-Length: +1\r\n", "\r\n"),
		TUNNEL(HEAD "Content-Length: -1\r\n", "\r\n"),
		TUNNEL(HEAD "Content-Length: 0x1\r\n", "\r\n"),
		TUNNEL(HEAD "Content-Length: 1234567890123456789\r\n", "\r\n"),
		TUNNEL(HEAD
		    "Content-Length: 1\r\nTransfer-Encoding: chunked\r\n",
		    "\r\n"),
		TUNNEL(HEAD
		    "Transfer-Encoding: chunked\r\nContent-Length: 1\r\n",
		    "\r\n"),
		TUNNEL(HEAD "Transfer-Encoding:\r\n", "\r\n"),
		TUNNEL(HEAD "Transfer-Encoding: gzip\r\n", "\r\n"),
		TUNNEL(HEAD "Transfer-Encoding: identity\r\n", "\r\n"),
		TUNNEL(HEAD "Transfer-Encoding: gzip, chunked\r\n", "\r\n"),
		TUNNEL(HEAD "Transfer-Encoding: chunked, chunked\r\n", "\r\n"),
		TUNNEL(HEAD "Transfer-Encoding: chunked,\r\n", "\r\n"),
		TUNNEL(HEAD "Transfer-Encoding: chunked;a=b\r\n", "\r\n"),
		TUNNEL(HEAD "Transfer-Encoding: \x0b", "chunked\r\n\r\n"),
		TUNNEL(HEAD "Transfer-Encoding: chunked\r\n"
			    "Transfer-Encoding: chunked\r\n",
		    "\r\n"),
		TUNNEL(
		    "GET / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n", "\r\n"),
		TUNNEL(HEAD "Connection: Host\r\n", "\r\n"),
		TUNNEL(HEAD "Connection: a,content-length ,b\r\n", "\r\n"),
		TUNNEL(HEAD "Connection: close\r\n"
			    "Connection:\ttransfer-encoding\r\n",
		    "\r\n"),
	};

	CHECK_ROWS(rows);
}

static void
only_h2c_may_be_offered(void)
{
	static const struct row rows[] = {
		TUNNEL(HEAD "Connection: Upgrade\r\nUpgrade: websocket\r\n",
		    "\r\n"),
		TUNNEL(HEAD "Upgrade: websocket\r\n"
			    "Connection: keep-alive, upgrade\r\n",
		    "\r\n"),
		TUNNEL(HEAD "Upgrade: h2c, TLS/1.0\r\nConnection: upgrade\r\n",
		    "\r\n"),
		TUNNEL(HEAD "Connection: upgrade\r\nUpgrade: TLS/1.0, h2c\r\n",
		    "\r\n"),
		TUNNEL(HEAD "Upgrade: h2c\r\nConnection: upgrade\r\n"
			    "Upgrade: x\r\n",
		    "\r\n"),
		TUNNEL(HEAD "Upgrade: x\r\nUpgrade: h2c\r\n"
			    "Connection: upgrade\r\n",
		    "\r\n"),
		RELAY(HEAD "Connection: Upgrade, HTTP2-Settings\r\n"
			   "Upgrade: h2c\r\nHTTP2-Settings: x\r\n\r\n",
		    "PRI",
		    "GET http://" ADDRESS "/ HTTP/1.1\r\n"
		    "Host: " ADDRESS "\r\n" CLOSE),
		RELAY(HEAD "Upgrade: websocket\r\n\r\n", "",
		    "GET http://" ADDRESS "/ HTTP/1.1\r\n"
		    "Host: " ADDRESS "\r\n" CLOSE),
		RELAY(HEAD "Connection: upgrade\r\nUpgrade: ,H2C,\r\n\r\n", "",
		    "GET http://" ADDRESS "/ HTTP/1.1\r\n"
		    "Host: " ADDRESS "\r\n" CLOSE),
		RELAY(HEAD "Connection: upgrade\r\n\r\n", "",
		    "GET http://" ADDRESS "/ HTTP/1.1\r\n"
		    "Host: " ADDRESS "\r\n" CLOSE),
	};

	CHECK_ROWS(rows);
}

static void
any_host_of_its_characters_is_fine(void)
{
#define HOST_ROW(host, sent)                                      \
	RELAY("GET / HTTP/1.1\r\nHost: " host "\r\n\r\n", "",     \
	    "GET http://" sent "/ HTTP/1.1\r\nHost: " sent "\r\n" \
	    "Connection: close\r\n\r\n")
#define LABEL_50 "a123456789b123456789c123456789d123456789e12345678."
	static const struct row rows[] = {
		HOST_ROW("Example.COM", "Example.COM"),
		HOST_ROW("example.com.", "example.com"),
		HOST_ROW("example.com:8080", "example.com"),
		HOST_ROW("a_b-c.d:1", "a_b-c.d"),
		HOST_ROW("a:65535", "a"),
		HOST_ROW("", ADDRESS),
		HOST_ROW("10.0.0.1", ADDRESS),
		HOST_ROW("10.0.0.1:80", ADDRESS),
		HOST_ROW("0x7f.1", ADDRESS),
		HOST_ROW("localhost", ADDRESS),
		HOST_ROW("a..b", ADDRESS),
		HOST_ROW(".", ADDRESS),
		HOST_ROW("[::]", ADDRESS),
		HOST_ROW("[2001:db8::1]:8080", ADDRESS),
		HOST_ROW(LABEL_50 LABEL_50 LABEL_50 LABEL_50 LABEL_50 "abcd",
		    ADDRESS),
	};

	CHECK_ROWS(rows);
}

static void
fields_of_this_hop_are_dropped(void)
{
	static const struct row rows[] = {
		RELAY(HEAD "A: 1\r\nProxy-Connection: keep-alive\r\n"
			   "KEEP-ALIVE: 5\r\nTE: trailers\r\nB: 2\r\n"
			   "Upgrade: x\r\nHTTP2-Settings: y\r\n"
			   "Proxy-Authorization: Basic eDp5\r\n"
			   "Connection: close\r\nTrailer: z\r\n\r\n",
		    "",
		    "GET http://" ADDRESS "/ HTTP/1.1\r\nHost: " ADDRESS
		    "\r\nA: 1\r\nB: 2\r\nTrailer: z\r\n" CLOSE),
		RELAY(HEAD "X-One: 1\r\nConnection: x-one, ,\"q\", X-TWO\r\n"
			   "X-Two: 2\r\nX-Three: 3\r\nx-one: 4\r\n"
			   "Connection: close,,x-four\r\nX-Four:\r\n"
			   "X: 5\r\n\r\n",
		    "",
		    "GET http://" ADDRESS "/ HTTP/1.1\r\nHost: " ADDRESS
		    "\r\nX-Three: 3\r\nX: 5\r\n" CLOSE),
		RELAY(HEAD "Connection: close, Proxy-Authorization, te, x\r\n"
			   "Expect: 100-continue\r\nCookie: a; b\r\n"
			   "Content-Length: 123456789012345678\r\n\r\n",
		    "",
		    "GET http://" ADDRESS "/ HTTP/1.1\r\nHost: " ADDRESS
		    "\r\nExpect: 100-continue\r\nCookie: a; b\r\n"
		    "Content-Length: 123456789012345678\r\n" CLOSE),
		RELAY(HEAD "transfer-encoding: \t Chunked \r\n\r\n", "5\r\n",
		    "GET http://" ADDRESS "/ HTTP/1.1\r\nHost: " ADDRESS
		    "\r\ntransfer-encoding: \t Chunked \r\n" CLOSE),
	};

	CHECK_ROWS(rows);
}

static void
the_destinations_port_is_said_unless_it_is_80(void)
{
	static const struct row rows[] = {
		RELAY("GET / HTTP/1.1\r\nHost: a.b\r\n\r\n", "",
		    "GET http://a.b:8080/ HTTP/1.1\r\n"
		    "Host: a.b:8080\r\n" CLOSE),
		RELAY("OPTIONS * HTTP/1.1\r\nHost: a.b:81\r\n\r\n", "",
		    "OPTIONS http://a.b:8080 HTTP/1.1\r\n"
		    "Host: a.b:8080\r\n" CLOSE),
	};

	port = 8080;
	CHECK_ROWS(rows);
	port = 80;
}

static void
credentials_stand_before_the_last_field(void)
{
	static const struct row rows[] = {
		RELAY("GET / HTTP/1.1\r\nHost: a.b\r\nX: y\r\n"
		      "Proxy-Authorization: z\r\n\r\n",
		    "",
		    "GET http://a.b/ HTTP/1.1\r\nHost: a.b\r\nX: y\r\n"
		    "Proxy-Authorization: Basic dTpw\r\n" CLOSE),
	};

	credentials = "dTpw";
	CHECK_ROWS(rows);
	credentials = "";
}

static void
a_request_that_may_go_on_asks_for_more(void)
{
	static const struct row rows[] = {
		MORE("\r"),
		MORE("\r\n"),
		MORE("CONNECT"),
		MORE("OPTIONS *"),
		MORE("A2345678901234567890123456789012"),
		MORE("GET http://a.b:99999"),
		MORE("GET / HTTP/1.1\r\nX: y\r\n"),
		MORE("GET / HTTP/1.1\r\nX: y\r\n\r"),
		MORE("GET / HTTP/1.1\r\nHost: a b"),
	};

	CHECK_ROWS(rows);
}

#define LIMIT RELAY_HEAD_LIMIT_BYTES

/* `begin`, one field filled up to the wanted length, `end`. */
static void
check_limit(const char *begin, size_t length, const char *end,
    enum relay_verdict wanted, size_t decides)
{
	static unsigned char bytes[2 * LIMIT];
	struct relay_head head;

	memset(bytes, 'x', length);
	memcpy(bytes, begin, strlen(begin));
	memcpy(bytes + length - strlen(end), end, strlen(end));
	relay_head_init(&head);
	for (size_t given = 0; given <= length; given += 1000)
		CHECK(given >= decides ||
		    relay_head_scan(&head, span_of(bytes, given)) ==
			RELAY_MORE);
	CHECK(relay_head_scan(&head, span_of(bytes, length)) == wanted);
	CHECK(head.scanned == decides);
}

static void
a_head_may_fill_the_limit_but_not_exceed_it(void)
{
	static const char begin[] = "GET / HTTP/1.1\r\nX:";
	static const char front[] = "\r\nGET / HTTP/1.1\r\nX:";

	check_limit(begin, LIMIT, "\r\n\r\n", RELAY_REQUEST, LIMIT);
	check_limit(front, LIMIT + 2, "\r\n\r\n", RELAY_REQUEST, LIMIT + 2);
	check_limit(begin, LIMIT + 1, "\r\n\r\n", RELAY_TUNNEL, LIMIT);
	check_limit(front, LIMIT + 3, "\r\n\r\n", RELAY_TUNNEL, LIMIT + 2);
	check_limit(begin, LIMIT - 1, "", RELAY_MORE, LIMIT - 1);
	check_limit(begin, LIMIT, "", RELAY_TUNNEL, LIMIT);
	check_limit("GET /", LIMIT, "", RELAY_TUNNEL, LIMIT);
}

/* As many names as fit, and fields that have them and others. */
static void
a_head_full_of_names_is_sorted_out(void)
{
	static char bytes[LIMIT];
	struct relay_head head;
	size_t length, fields = 0;
	char *out;

	length = (size_t)sprintf(bytes, HEAD "Connection: ");
	while (length < LIMIT / 2)
		length += (size_t)sprintf(
		    bytes + length, "a%zx,", length * 7919 % 65536);
	length += (size_t)sprintf(bytes + length, "a\r\n");
	while (length < LIMIT - 20) {
		fields++;
		length += (size_t)sprintf(bytes + length, "%c%zx:\r\n",
		    fields % 2 != 0 ? 'b' : 'a', length * 7919 % 65536);
	}
	length += (size_t)sprintf(bytes + length, "a:\r\n\r\n");
	relay_head_init(&head);
	CHECK(relay_head_scan(&head, span_of(bytes, length)) == RELAY_REQUEST);
	CHECK(head.fields.named > 4000);
	length = write_head(&out, &head, span_of(bytes, length));
	CHECK(length > 0);
	CHECK(memmem(out, length, "\na:", 3) == NULL);
	CHECK(memmem(out, length, "\nb", 2) != NULL);
	free(out);
}

/* Each bare LF becomes CR LF: there is room for it. */
static void
lines_may_end_in_lf_alone(void)
{
	enum { LINES = 1000 };
	static char bytes[8 * LINES];
	struct relay_head head;
	size_t length, written;
	char *out;

	length = (size_t)sprintf(bytes, "GET / HTTP/1.1\n");
	for (int i = 0; i < LINES; i++)
		length += (size_t)sprintf(bytes + length, "a:\n");
	length += (size_t)sprintf(bytes + length, "\n");
	relay_head_init(&head);
	CHECK(relay_head_scan(&head, span_of(bytes, length)) == RELAY_REQUEST);
	written = write_head(&out, &head, span_of(bytes, length));
	CHECK(written ==
	    sizeof("GET http://" ADDRESS "/ HTTP/1.1\r\nHost: " ADDRESS
		   "\r\n" CLOSE) -
		1 + LINES * strlen("a:\r\n"));
	free(out);
}

static void
a_head_without_room_is_none(void)
{
	static const char bytes[] = "GET / HTTP/1.1\nX:\n\n";
	struct span whole = span_of(bytes, sizeof bytes - 1);
	struct relay_target target = { .host = span_of("a", 1), .port = 80 };
	struct relay_head head;
	char out[256];
	size_t wanted;

	relay_head_init(&head);
	CHECK(relay_head_scan(&head, whole) == RELAY_REQUEST);
	wanted = relay_head_write(out, sizeof out, &head, whole, &target, NULL);
	CHECK(wanted > 0 && wanted <= relay_head_room(&head, &target));
	for (size_t size = 0; size <= wanted; size++) {
		memset(out, '#', sizeof out);
		CHECK(relay_head_write(out, size, &head, whole, &target,
			  NULL) == (size < wanted ? 0 : wanted));
		for (size_t i = size; i < sizeof out; i++)
			CHECK(out[i] == '#');
	}
}

/* An address of IPv6 gets its brackets, and the longest fits the room. */
static void
an_address_of_ipv6_stands_in_brackets(void)
{
	static const char bytes[] = "OPTIONS * HTTP/1.1\n\n";
	static const char address[] = "2001:db8:1111:2222:3333:4444:5555:6666";
	struct span whole = span_of(bytes, sizeof bytes - 1);
	struct relay_target target = { .host =
					   span_of(address, sizeof address - 1),
		.port = 65535,
		.credentials = span_of("eDp5", 4) };
	static const char wanted[] =
	    "OPTIONS "
	    "http://[2001:db8:1111:2222:3333:4444:5555:6666]:65535 HTTP/1.1\r\n"
	    "Host: [2001:db8:1111:2222:3333:4444:5555:6666]:65535\r\n"
	    "Proxy-Authorization: Basic eDp5\r\n" CLOSE;
	struct relay_head head;
	char out[512];

	relay_head_init(&head);
	CHECK(relay_head_scan(&head, whole) == RELAY_REQUEST);
	CHECK(relay_head_room(&head, &target) >= sizeof wanted - 1);
	CHECK(relay_head_write(out, relay_head_room(&head, &target), &head,
		  whole, &target, NULL) == sizeof wanted - 1);
	CHECK(memcmp(out, wanted, sizeof wanted - 1) == 0);
}

/* What it asks for is done once, however often it is asked. */
static void
a_request_without_a_body_may_be_repeated_if_it_is_safe(void)
{
	static const struct {
		const char *bytes;
		bool may_be_repeated;
	} rows[] = {
		{ "GET / HTTP/1.1\r\n\r\n", true },
		{ "\r\nGET / HTTP/1.1\r\n\r\n", true },
		{ "HEAD / HTTP/1.0\n\n", true },
		{ "OPTIONS * HTTP/1.1\r\n\r\n", true },
		{ "GET / HTTP/1.1\r\nContent-Length: 0\r\n\r\n", true },
		{ "GET / HTTP/1.1\r\nContent-Length: 1\r\n\r\n", false },
		{ "GET / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n",
		    false },
		{ "POST / HTTP/1.1\r\nContent-Length: 0\r\n\r\n", false },
		{ "DELETE / HTTP/1.1\r\n\r\n", false },
		{ "get / HTTP/1.1\r\n\r\n", false },
		{ "GETS / HTTP/1.1\r\n\r\n", false },
	};

	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		struct span whole =
		    span_of(rows[i].bytes, strlen(rows[i].bytes));
		struct relay_head head;

		relay_head_init(&head);
		CHECK_ROW(relay_head_scan(&head, whole) == RELAY_REQUEST,
		    rows[i].bytes);
		CHECK_ROW(relay_head_is_repeatable(&head, whole) ==
			rows[i].may_be_repeated,
		    rows[i].bytes);
	}
}

int
main(void)
{
	RUN(a_request_without_a_body_may_be_repeated_if_it_is_safe);
	RUN(a_plain_request_is_relayed);
	RUN(an_absolute_target_takes_the_place_of_host);
	RUN(what_is_no_request_is_known_at_its_first_byte);
	RUN(a_head_that_two_readers_could_read_in_two_ways_is_tunnelled);
	RUN(only_h2c_may_be_offered);
	RUN(any_host_of_its_characters_is_fine);
	RUN(fields_of_this_hop_are_dropped);
	RUN(the_destinations_port_is_said_unless_it_is_80);
	RUN(credentials_stand_before_the_last_field);
	RUN(a_request_that_may_go_on_asks_for_more);
	RUN(a_head_may_fill_the_limit_but_not_exceed_it);
	RUN(a_head_full_of_names_is_sorted_out);
	RUN(lines_may_end_in_lf_alone);
	RUN(a_head_without_room_is_none);
	RUN(an_address_of_ipv6_stands_in_brackets);
	return check_report();
}
