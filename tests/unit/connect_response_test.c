/* SPDX-License-Identifier: MIT */
#include "protocol/connect_response.h"

#include <stdlib.h>
#include <string.h>

#include "cuts.h"

struct row {
	const char *title;
	struct span taken; /* up to the byte that decides, and with it */
	struct span behind; /* not to be taken */
	enum connect_verdict verdict;
	unsigned status;
	const char *reason;
};

#define ROW(title, taken, behind, verdict, status, reason)                \
	{                                                                 \
		title, TEXT(taken), TEXT(behind), verdict, status, reason \
	}

/* A row's title is its first bytes as they are spelled here. */
#define OPEN(taken, behind, status, reason) \
	ROW(#taken, taken, behind, CONNECT_OPEN, status, reason)
#define REFUSED(taken, behind, status, reason) \
	ROW(#taken, taken, behind, CONNECT_REFUSED, status, reason)
#define MALFORMED(taken, behind) \
	ROW(#taken, taken, behind, CONNECT_MALFORMED, 0, "")
#define MORE(taken) ROW(#taken, taken, "", CONNECT_MORE, 0, "")

static bool is_relayed;

/* In a block of its own, so that a sanitizer catches a look beyond it. */
static enum connect_verdict
parse_piece(struct connect_response *response, struct span bytes, size_t *used)
{
	unsigned char *piece = malloc(bytes.length + 1);
	enum connect_verdict verdict;

	if (piece == NULL)
		abort();
	memcpy(piece + 1, bytes.bytes, bytes.length);
	verdict = connect_response_parse(
	    response, span_of(piece + 1, bytes.length), used);
	free(piece);
	return verdict;
}

/* In pieces of `step` bytes, but for the first one of `first`. Returns the
 * first verdict that is final, and in *used all that was taken until then. */
static enum connect_verdict
parse_cut(struct connect_response *response, struct span bytes, size_t first,
    size_t step, size_t *used)
{
	enum connect_verdict verdict = CONNECT_MORE;
	size_t given = 0, piece = first, used_now;

	memset(response, 0xa5, sizeof *response);
	if (is_relayed)
		connect_response_init_relayed(response);
	else
		connect_response_init(response);
	*used = 0;
	for (;;) {
		verdict = parse_piece(
		    response, span_of(bytes.bytes + given, piece), &used_now);
		*used += used_now;
		given += piece;
		if (verdict != CONNECT_MORE || given == bytes.length)
			return verdict;
		piece = bytes.length - given;
		if (piece > step)
			piece = step;
	}
}

static bool
cut_is_right(const void *context, struct span bytes, size_t first, size_t step)
{
	const struct row *row = context;
	struct connect_response response;
	size_t used;

	if (parse_cut(&response, bytes, first, step, &used) != row->verdict ||
	    used != row->taken.length)
		return false;
	if (row->verdict != CONNECT_OPEN && row->verdict != CONNECT_REFUSED)
		return true;
	return response.status == row->status &&
	    response.reason_length == strlen(row->reason) &&
	    memcmp(response.reason, row->reason, strlen(row->reason)) == 0;
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
any_2xx_opens_the_tunnel(void)
{
	static const struct row rows[] = {
		OPEN("HTTP/1.1 200 Connection established\r\n\r\n", "", 200,
		    "Connection established"),
		OPEN("HTTP/1.0 200 OK\n\n", "", 200, "OK"),
		OPEN("HTTP/1.1 200 OK\r\n\n", "\n", 200, "OK"),
		OPEN("HTTP/1.1 200 OK\n\r\n", "\r\n", 200, "OK"),
		OPEN("HTTP/1.1 200 \r\n\r\n", "", 200, ""),
		OPEN("HTTP/1.1 200\r\n\r\n", "", 200, ""),
		OPEN("HTTP/1.1 200\n\n", "", 200, ""),
		OPEN("HTTP/1.9 299 x\r\n\r\n", "", 299, "x"),
		OPEN("HTTP/1.1 204 No Content\r\n\r\n", "", 204, "No Content"),
		OPEN("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n"
		     "Transfer-Encoding: chunked\r\n\r\n",
		    "12345", 200, "OK"),
		OPEN(
		    "HTTP/1.1 200 OK\r\nX:\r\nY:y:\r\nZ z(: \x01\xff\r\r\n\r\n",
		    "", 200, "OK"),
		OPEN("HTTP/1.1 200 OK\r\nX: a\r\n\tb\r\n c:\r\n \r\n\r\n", "",
		    200, "OK"),
		OPEN("HTTP/1.1 200 OK\n folded\n\n", "", 200, "OK"),
	};

	CHECK_ROWS(rows);
}

static void
bytes_behind_the_head_are_the_origins(void)
{
	static const struct row rows[] = {
		OPEN("HTTP/1.1 200 OK\r\n\r\n", "SSH-2.0-OpenSSH_9.2p1\r\n",
		    200, "OK"),
		OPEN("HTTP/1.1 200 OK\r\nVia: x\r\n\r\n", "\0\0\0", 200, "OK"),
		OPEN("HTTP/1.1 200 OK\n\n", "HTTP/1.1 403 No\r\n\r\n", 200,
		    "OK"),
	};

	CHECK_ROWS(rows);
}

static void
interim_heads_are_skipped(void)
{
	static const struct row rows[] = {
		OPEN("HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\n\r\n",
		    "x", 200, "OK"),
		OPEN("HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n"
		     "HTTP/1.1 199\n\nHTTP/1.0 200\n\n",
		    "", 200, ""),
		OPEN("HTTP/1.1 101 Switching Protocols\r\n\r\n"
		     "HTTP/1.1 201 Z\r\n\r\n",
		    "", 201, "Z"),
		REFUSED("HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 403\r\n", "\r\n",
		    403, ""),
		MALFORMED("HTTP/1.1 100 Continue\r\n\r\n\r", "\n"),
		MALFORMED("HTTP/1.1 100 Continue\r\nX\n", "\n"),
		MORE("HTTP/1.1 100 Continue\r\n\r\n"),
	};

	CHECK_ROWS(rows);
}

/* A refusal needs no more than its status line. */
static void
any_other_status_refuses_it(void)
{
	static const struct row rows[] = {
		REFUSED("HTTP/1.1 403 Forbidden\r\n", "X: y\r\n\r\n<html>", 403,
		    "Forbidden"),
		REFUSED("HTTP/1.0 503\n", "garbage\0", 503, ""),
		REFUSED("HTTP/1.1 600 High\r\n", "\r\n", 600, "High"),
		REFUSED("HTTP/1.1 999\n", "\n", 999, ""),
		REFUSED("HTTP/1.0 502 \n", "", 502, ""),
		REFUSED("HTTP/1.1 300 a\r\n", "\r\n", 300, "a"),
		REFUSED("HTTP/1.1 302 Found\r\n", "\r\n", 302, "Found"),
		REFUSED(
		    "HTTP/1.1 599  two  spaces \r\n", "", 599, " two  spaces "),
		REFUSED("HTTP/1.1 500 \x1b[2J\t\xc3\xa9\x7f\r\n", "", 500,
		    "\x1b[2J\t\xc3\xa9\x7f"),
	};

	CHECK_ROWS(rows);
}

/* Its challenges are read first, and what is wrong there changes nothing. */
static void
a_refusal_for_lack_of_credentials_is_read_to_its_end(void)
{
	static const struct row rows[] = {
		REFUSED("HTTP/1.1 407 No\r\nX: y\r\n"
			"Proxy-Authenticate: NTLM\r\n\r\n",
		    "<html>", 407, "No"),
		REFUSED("HTTP/1.0 401\n\n", "x", 401, ""),
		REFUSED("HTTP/1.1 407 No\r\nno colon\n", "\n", 407, "No"),
		REFUSED("HTTP/1.1 401 No\r\n\0", "", 401, "No"),
		REFUSED("HTTP/1.1 407 No\r\n\rX", "", 407, "No"),
		MALFORMED("HTTP/1.1 407 No\rX", "\r\n"),
		MORE("HTTP/1.1 407 No\r\n"),
		MORE("HTTP/1.1 407 No\r\nX: y\r\n\r"),
	};

	CHECK_ROWS(rows);
}

static void
the_schemes_of_all_challenges_are_noted(void)
{
	static const struct {
		const char *head;
		const char *schemes;
	} rows[] = {
		{ "HTTP/1.1 407 No\r\nProxy-Authenticate: Basic\r\n\r\n",
		    "Basic" },
		{ "HTTP/1.1 401 No\nwww-AUTHENTICATE:Basic realm=x\n\n",
		    "Basic" },
		{ "HTTP/1.1 407 No\r\nProxy-Authenticate: Negotiate\r\n"
		  "X: Digest\r\nProxy-Authenticate: NTLM, Basic\r\n\r\n",
		    "Negotiate,NTLM,Basic" },
		{ "HTTP/1.1 407 No\r\nProxy-Authenticate: Basic\r\n"
		  "\trealm=x,\r\n  NTLM\r\nX: a\r\n Digest\r\n\r\n",
		    "Basic,NTLM" },
		{ "HTTP/1.1 407 No\r\nProxy-Authenticate: NTLM\r\n"
		  "Proxy-Authenticates: A\r\nProxy-Authenticat: B\r\n\r\n",
		    "NTLM" },
		{ "HTTP/1.1 407 No\r\nProxy-Authenticate: NTLM\r\nX\n",
		    "NTLM" },
		{ "HTTP/1.1 407 No\r\n Basic\r\n\r\n", "" },
		{ "HTTP/1.1 200 OK\r\nProxy-Authenticate: Basic\r\n\r\n", "" },
	};
	struct connect_response response;
	size_t used;

	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		struct span head = span_of(rows[i].head, strlen(rows[i].head));

		for (size_t step = 1; step <= head.length; step++) {
			parse_cut(&response, head, step, step, &used);
			CHECK_ROW(response.challenges.length ==
				strlen(rows[i].schemes),
			    rows[i].head);
			CHECK_ROW(
			    memcmp(response.challenges.schemes, rows[i].schemes,
				response.challenges.length) == 0,
			    rows[i].head);
		}
	}
}

static void
a_relayed_response_is_known_by_its_first_status_line(void)
{
	static const struct row rows[] = {
		OPEN("HTTP/1.1 200 OK\r\n", "no colon\n", 200, "OK"),
		OPEN("HTTP/1.0 404\n", "\0", 404, ""),
		OPEN("HTTP/1.9 999 x\r\n", "\r\n", 999, "x"),
		OPEN("HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Hints\r\n"
		     "Link: x\r\n\r\nHTTP/1.1 403 No\r\n",
		    "HTTP/1.1 200\r\n", 403, "No"),
		REFUSED("HTTP/1.1 407 No\r\n"
			"Proxy-Authenticate: NTLM\r\n\r\n",
		    "x", 407, "No"),
		REFUSED("HTTP/1.1 401 No\r\nX: y\r\n\r\n", "x", 401, "No"),
		MALFORMED("HTTP/1.1 103 Hints\r\nno colon\r\n", "\r\n"),
		MALFORMED("HTTP/2", " 200 OK\r\n"),
		MALFORMED("<", "html>"),
		MALFORMED("HTTP/1.1 20x", "\r\n"),
		MALFORMED("HTTP/1.1 101 Up\r\n\r\n\x81", "\x05"),
		MORE("HTTP/1.1 200 OK"),
		MORE("HTTP/1.1 103 Hints\r\n\r\n"),
	};

	is_relayed = true;
	CHECK_ROWS(rows);
	is_relayed = false;
}

#define SIXTY_FOUR \
	"0123456789 abcdefghijklmnopqrstuvwxyz ABCDEFGHIJKLMNOPQRSTUVWXYZ"
#define LONGEST SIXTY_FOUR SIXTY_FOUR SIXTY_FOUR

static void
a_long_reason_is_cut(void)
{
	static const struct row rows[] = {
		REFUSED("HTTP/1.1 403 " LONGEST "\r\n", "\r\n", 403, LONGEST),
		REFUSED("HTTP/1.1 403 " LONGEST "!\r\n", "\r\n", 403, LONGEST),
		OPEN("HTTP/1.1 200 " LONGEST LONGEST "\n\n", "", 200, LONGEST),
	};

	CHECK(strlen(LONGEST) == CONNECT_REASON_SIZE);
	CHECK_ROWS(rows);
}

static void
a_broken_status_line_is_malformed(void)
{
	static const struct row rows[] = {
		MALFORMED("\r", "\nHTTP/1.1 200 OK\r\n\r\n"),
		MALFORMED("\n", "HTTP/1.1 200 OK\r\n\r\n"),
		MALFORMED(" ", "HTTP/1.1 200 OK\r\n\r\n"),
		MALFORMED("\0", ""),
		MALFORMED("S", "SH-2.0-OpenSSH_9.2p1\r\n"),
		MALFORMED("HTTP ", ""),
		MALFORMED("h", "ttp/1.1 200 OK\r\n\r\n"),
		MALFORMED("HTTP/2", ".0 200\r\n\r\n"),
		MALFORMED("HTTP/0", ".9 200\r\n\r\n"),
		MALFORMED("HTTP/1 ", "200 OK\r\n\r\n"),
		MALFORMED("HTTP/1.x", " 200 OK\r\n\r\n"),
		MALFORMED("HTTP/1.10", " 200 OK\r\n\r\n"),
		MALFORMED("HTTP/1.1\t", "200 OK\r\n\r\n"),
		MALFORMED("HTTP/1.1\r", "\n"),
		MALFORMED("HTTP/1.1  ", "200 OK\r\n\r\n"),
		MALFORMED("HTTP/1.1 0", "99 Low\r\n\r\n"),
		MALFORMED("HTTP/1.1 20 ", "OK\r\n\r\n"),
		MALFORMED("HTTP/1.1 20\r", "\n\r\n"),
		MALFORMED("HTTP/1.1 2000", " OK\r\n\r\n"),
		MALFORMED("HTTP/1.1 2x", "0 OK\r\n\r\n"),
		MALFORMED("HTTP/1.1 -", "20 OK\r\n\r\n"),
		MALFORMED("HTTP/1.1 200O", "K\r\n\r\n"),
		MALFORMED("HTTP/1.1 200\t", "OK\r\n\r\n"),
		MALFORMED("HTTP/1.1 200\rX", "\n\r\n"),
		MALFORMED("HTTP/1.1 200 O\0", "K\r\n\r\n"),
		MALFORMED("HTTP/1.1 200 O\rK", "\r\n\r\n"),
		MALFORMED("HTTP/1.1 200 OK\r\r", "\n\r\n"),
		MALFORMED("HTTP/1.1 403 No\r\r", "\n\r\n"),
	};

	CHECK_ROWS(rows);
}

static void
a_broken_field_is_malformed(void)
{
	static const struct row rows[] = {
		MALFORMED("HTTP/1.1 200 OK\r\nno colon\r\n", "\r\n"),
		MALFORMED("HTTP/1.1 200 OK\r\nx\n", "\n"),
		MALFORMED("HTTP/1.1 200 OK\r\n:", " empty name\r\n\r\n"),
		MALFORMED("HTTP/1.1 200 OK\r\n\0", ": x\r\n\r\n"),
		MALFORMED("HTTP/1.1 200 OK\r\nX\0", ": x\r\n\r\n"),
		MALFORMED("HTTP/1.1 200 OK\r\nX: a\0", "b\r\n\r\n"),
		MALFORMED("HTTP/1.1 200 OK\r\n\0", "\r\n"),
		MALFORMED("HTTP/1.1 200 OK\r\n\r\r", "\n"),
		MALFORMED("HTTP/1.1 200 OK\r\n\rX", ""),
	};

	CHECK_ROWS(rows);
}

static void
a_head_that_may_go_on_asks_for_more(void)
{
	static const struct row rows[] = {
		MORE("H"),
		MORE("HTTP/1.1 2"),
		MORE("HTTP/1.1 403"),
		MORE("HTTP/1.1 403 Forbidden"),
		MORE("HTTP/1.1 403 Forbidden\r"),
		MORE("HTTP/1.1 200 OK\r\n"),
		MORE("HTTP/1.1 200 OK\r\nX: y\r\n"),
		MORE("HTTP/1.1 200 OK\r\nX: y\r\n\r"),
	};

	CHECK_ROWS(rows);
}

#define LIMIT CONNECT_RESPONSE_LIMIT_BYTES

/* `begin`, one field filled up to the wanted length of the head, `end`. */
static struct span
filled(unsigned char *head, const char *begin, size_t length, const char *end)
{
	memset(head, 'x', length);
	memcpy(head, begin, strlen(begin));
	memcpy(head + length - strlen(end), end, strlen(end));
	return span_of(head, length);
}

static void
check_limit(const char *begin, size_t length, const char *end,
    enum connect_verdict wanted)
{
	static const size_t steps[] = { 1, 2, 1000, LIMIT - 1, LIMIT,
		2 * LIMIT };
	static unsigned char head[2 * LIMIT];
	struct span bytes = filled(head, begin, length, end);
	struct connect_response response;
	size_t used;

	for (size_t i = 0; i < sizeof steps / sizeof steps[0]; i++) {
		size_t step = steps[i] < length ? steps[i] : length;

		CHECK_ROW(
		    parse_cut(&response, bytes, step, step, &used) == wanted,
		    begin);
		CHECK_ROW(used == (length < LIMIT ? length : LIMIT), begin);
	}
}

/* 1xx heads count as well, or a proxy could keep us reading for ever. */
static void
a_head_may_fill_the_limit_but_not_exceed_it(void)
{
	static const char ok[] = "HTTP/1.1 200 OK\r\nX:";
	static const char interim[] = "HTTP/1.1 100 Continue\r\n\r\n"
				      "HTTP/1.1 200 OK\r\nX:";

	check_limit(ok, LIMIT - 1, "\r\n\r\n", CONNECT_OPEN);
	check_limit(ok, LIMIT, "\r\n\r\n", CONNECT_OPEN);
	check_limit(ok, LIMIT + 1, "\r\n\r\n", CONNECT_OVERSIZED);
	check_limit(ok, 2 * LIMIT, "\r\n\r\n", CONNECT_OVERSIZED);
	check_limit(ok, LIMIT - 1, "", CONNECT_MORE);
	check_limit(ok, LIMIT, "", CONNECT_OVERSIZED);
	check_limit(interim, LIMIT, "\n\n", CONNECT_OPEN);
	check_limit(interim, LIMIT + 1, "\n\n", CONNECT_OVERSIZED);
	check_limit("HTTP/1.1 403 ", LIMIT, "\n", CONNECT_REFUSED);
	check_limit("HTTP/1.1 403 ", LIMIT + 1, "\n", CONNECT_OVERSIZED);
	check_limit("HTTP/1.1 407\nX:", LIMIT + 1, "\n\n", CONNECT_REFUSED);
	check_limit("HTTP/1.1 407 ", LIMIT + 1, "\n", CONNECT_OVERSIZED);
}

int
main(void)
{
	RUN(any_2xx_opens_the_tunnel);
	RUN(bytes_behind_the_head_are_the_origins);
	RUN(interim_heads_are_skipped);
	RUN(any_other_status_refuses_it);
	RUN(a_refusal_for_lack_of_credentials_is_read_to_its_end);
	RUN(the_schemes_of_all_challenges_are_noted);
	RUN(a_relayed_response_is_known_by_its_first_status_line);
	RUN(a_long_reason_is_cut);
	RUN(a_broken_status_line_is_malformed);
	RUN(a_broken_field_is_malformed);
	RUN(a_head_that_may_go_on_asks_for_more);
	RUN(a_head_may_fill_the_limit_but_not_exceed_it);
	return check_report();
}
