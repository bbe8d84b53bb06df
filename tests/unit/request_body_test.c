/* SPDX-License-Identifier: MIT */
#include "protocol/request_body.h"

#include <stdlib.h>
#include <string.h>

#include "cuts.h"

struct row {
	const char *title;
	struct span taken; /* up to the byte that decides, and with it */
	struct span behind;
	enum body_verdict verdict;
};

#define ROW(taken, behind, verdict)                         \
	{                                                   \
#taken, TEXT(taken), TEXT(behind), verdict, \
	}
#define END(taken, behind) ROW(taken, behind, BODY_END)
#define MALFORMED(taken, behind) ROW(taken, behind, BODY_MALFORMED)
#define MORE(taken) ROW(taken, "", BODY_MORE)

static enum body_verdict
count_piece(struct request_body *body, struct span bytes, size_t *used)
{
	unsigned char *piece = malloc(bytes.length + 1);
	enum body_verdict verdict;

	if (piece == NULL)
		abort();
	memcpy(piece + 1, bytes.bytes, bytes.length);
	verdict =
	    request_body_count(body, span_of(piece + 1, bytes.length), used);
	free(piece);
	return verdict;
}

/* In pieces of `step` bytes, but for the first one of `first`. Returns in
 * *used all that was taken until the verdict. */
static enum body_verdict
count_cut(struct request_body body, struct span bytes, size_t first,
    size_t step, size_t *used)
{
	enum body_verdict verdict;
	size_t given = 0, piece = first, used_now;

	*used = 0;
	for (;;) {
		verdict = count_piece(
		    &body, span_of(bytes.bytes + given, piece), &used_now);
		*used += used_now;
		given += piece;
		if (verdict != BODY_MORE || given == bytes.length)
			return verdict;
		piece = bytes.length - given;
		if (piece > step)
			piece = step;
	}
}

struct body_check {
	const struct row *row;
	struct request_body body;
};

static bool
cut_is_right(const void *context, struct span bytes, size_t first, size_t step)
{
	const struct body_check *check = context;
	size_t used;

	return count_cut(check->body, bytes, first, step, &used) ==
	    check->row->verdict &&
	    used == check->row->taken.length;
}

static void
check_row(const struct row *row, struct request_body body)
{
	const struct body_check check = { row, body };

	check_cuts(row->title, row->taken, row->behind, cut_is_right, &check);
}

static void
check_chunked(const struct row *rows, size_t count)
{
	for (size_t i = 0; i < count; i++)
		check_row(&rows[i], request_body_chunked());
}
#define CHECK_CHUNKED(rows) \
	check_chunked(rows, sizeof(rows) / sizeof((rows)[0]))

static void
a_plain_body_is_as_long_as_it_says(void)
{
	static const struct row rows[] = {
		END("1234567890", ""),
		END("\r\n0\r\n\r\n\0\xff\n", "GET / HTTP/1.1\r\n\r\n"),
		MORE("123456789"),
	};

	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
		check_row(&rows[i], request_body_plain(10));
}

static void
chunks_end_with_an_empty_one(void)
{
	static const struct row rows[] = {
		END("0\r\n\r\n", "GET / HTTP/1.1\r\n\r\n"),
		END("000000000000000\r\n\r\n", "\r\n"),
		END("5\r\n0\r\n\r\n\r\n0\r\n\r\n", ""),
		END("a\r\n1234567890\r\n00A\r\n1234567890\r\n0\r\n\r\n", "0"),
		END("1F\r\n1234567890123456789012345678901\r\n0\r\n\r\n", ""),
		MORE("0\r\n\r"),
		MORE("5\r\n12345"),
		MORE("5\r\n12345\r\n"),
		MORE("fffffffffffffff\r\n12345"),
	};

	CHECK_CHUNKED(rows);
}

static void
a_chunk_may_have_extensions(void)
{
	static const struct row rows[] = {
		END("1;a\r\nx\r\n0;b=\"c;\t\\\"\"\r\n\r\n", ""),
		END("1 \t;a=b;c\r\nx\r\n0;\r\n\r\n", ""),
		END("1;\xe4\xff\r\nx\r\n0\r\n\r\n", ""),
		MALFORMED("1;a\n", "x\r\n"),
		MALFORMED("1;a\rb", "\r\nx\r\n"),
		MALFORMED("1;a\r\r", "\nx\r\n"),
		MALFORMED("1;a\0", "\r\nx\r\n"),
		MALFORMED("1;\x01", "\r\nx\r\n"),
		MALFORMED("1;\x7f", "\r\nx\r\n"),
		MALFORMED("1 \r", "\nx\r\n"),
		MALFORMED("1 2", "\r\nx\r\n"),
		MALFORMED(";", "a\r\n"),
	};

	CHECK_CHUNKED(rows);
}

static void
trailers_are_fields(void)
{
	static const struct row rows[] = {
		END("0\r\nA: b\r\nC:\td\xe4\r\n\r\n", "E: f\r\n"),
		END("0\r\nHost:\r\n\r\n", ""),
		MALFORMED("0\r\n ", "A: b\r\n\r\n"),
		MALFORMED("0\r\nA: b\r\n\t", "c\r\n\r\n"),
		MALFORMED("0\r\nA\r", "\n\r\n"),
		MALFORMED("0\r\nA ", ": b\r\n\r\n"),
		MALFORMED("0\r\n:", " b\r\n\r\n"),
		MALFORMED("0\r\nA: b\n", "\r\n"),
		MALFORMED("0\r\nA: b\rc", "\r\n\r\n"),
		MALFORMED("0\r\nA: \0", "\r\n\r\n"),
		MALFORMED("0\r\nA: \x7f", "\r\n\r\n"),
		MALFORMED("0\r\n\n", ""),
		MALFORMED("0\r\n\rX", "\n"),
	};

	CHECK_CHUNKED(rows);
}

static void
what_is_no_chunk_is_malformed(void)
{
	static const struct row rows[] = {
		MALFORMED("\r", "\n"),
		MALFORMED("\n", ""),
		MALFORMED("g", "\r\n"),
		MALFORMED("-", "1\r\n"),
		MALFORMED("+", "1\r\n"),
		MALFORMED("0x", "1\r\n"),
		MALFORMED(" ", "1\r\nx\r\n"),
		MALFORMED("1\n", "x\r\n"),
		MALFORMED("1\rx", "\r\n"),
		MALFORMED("1\r\nxy", "\r\n"),
		MALFORMED("1\r\nx\n", ""),
		MALFORMED("1\r\nx\rx", ""),
		MALFORMED("1\r\nx\r\n\r", "\n"),
		MALFORMED("0000000000000001", "\r\nx\r\n"),
		MALFORMED("1234567890abcdef", "\r\n"),
	};

	CHECK_CHUNKED(rows);
}

/* `begin`, x up to the wanted length, `end`. */
static void
check_limit(
    const char *begin, size_t length, const char *end, enum body_verdict wanted)
{
	static unsigned char bytes[2 * REQUEST_BODY_TRAILER_BYTES];
	size_t ends = strlen(end), used;

	memset(bytes, 'x', length);
	memcpy(bytes, begin, strlen(begin));
	memcpy(bytes + length, end, ends);
	for (size_t step = 1; step <= length + ends; step += 1000)
		CHECK_ROW(count_cut(request_body_chunked(),
			      span_of(bytes, length + ends), step, step,
			      &used) == wanted,
		    begin);
}

static void
lines_may_fill_their_limits_but_not_exceed_them(void)
{
	static const char end[] = "\r\nx\r\n0\r\n\r\n";
	size_t line = REQUEST_BODY_LINE_BYTES;
	size_t trailers = REQUEST_BODY_TRAILER_BYTES;

	check_limit("1;", line, end, BODY_END);
	check_limit("1;", line + 1, end, BODY_MALFORMED);
	check_limit("1;a\r\nx\r\n0;", line + 8, "\r\n\r\n", BODY_END);
	check_limit("1;a\r\nx\r\n0;", line + 9, "\r\n\r\n", BODY_MALFORMED);
	check_limit("0;a\r\nX:", trailers + 5, "\r\n\r\n", BODY_END);
	check_limit("0;a\r\nX:", trailers + 6, "\r\n\r\n", BODY_MALFORMED);
	check_limit("0\r\na:b\r\nX:", trailers + 5, "\r\n\r\n", BODY_END);
	check_limit("0\r\na:b\r\nX:", trailers + 6, "\r\n\r\n", BODY_MALFORMED);
	check_limit("0\r\nX:", 2 * line, "\r\nY:z\r\n\r\n", BODY_END);
	check_limit("0\r\n", trailers + 4, ":\r\n\r\n", BODY_MALFORMED);
}

static void
data_may_be_skipped(void)
{
	struct request_body body = request_body_chunked();
	size_t used;

	CHECK(request_body_data_left(&body) == 0);
	CHECK(request_body_count(&body, span_of("1f\r\n12345", 9), &used) ==
	    BODY_MORE);
	CHECK(request_body_data_left(&body) == 0x1f - 5);
	CHECK(request_body_skip(&body, 10) == BODY_MORE);
	CHECK(request_body_skip(&body, 16) == BODY_MORE);
	CHECK(request_body_data_left(&body) == 0);
	CHECK(request_body_count(&body, span_of("\r\n0\r\n\r\n", 7), &used) ==
	    BODY_END);
	body = request_body_plain(999999999999999999);
	CHECK(request_body_data_left(&body) == 999999999999999999);
	CHECK(request_body_skip(&body, 999999999999999998) == BODY_MORE);
	CHECK(request_body_skip(&body, 1) == BODY_END);
}

int
main(void)
{
	RUN(a_plain_body_is_as_long_as_it_says);
	RUN(chunks_end_with_an_empty_one);
	RUN(a_chunk_may_have_extensions);
	RUN(trailers_are_fields);
	RUN(what_is_no_chunk_is_malformed);
	RUN(lines_may_fill_their_limits_but_not_exceed_them);
	RUN(data_may_be_skipped);
	return check_report();
}
