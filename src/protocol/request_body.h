/* SPDX-License-Identifier: MIT */
/* request_body.h - counts the bytes of a request's body, to know where it ends.
 * Pure: no system calls, no allocation. */

#ifndef REQUEST_BODY_H
#define REQUEST_BODY_H

#include <stddef.h>
#include <stdint.h>

#include "base/span.h"

#define REQUEST_BODY_LINE_BYTES 4096 /* of a chunk, without its end */
#define REQUEST_BODY_TRAILER_BYTES 16384 /* all lines without their ends */

/* END and MALFORMED are final: the counter must not be called again. */
enum body_verdict {
	BODY_MORE,
	BODY_END,
	BODY_MALFORMED,
};

/* What the next byte is part of, in the grammar's order. */
enum body_place {
	BODY_PLAIN, /* as many bytes as Content-Length says */
	BODY_SIZE,
	BODY_SIZE_BLANK, /* only an extension may follow */
	BODY_EXTENSION,
	BODY_SIZE_LF,
	BODY_DATA,
	BODY_DATA_CR,
	BODY_DATA_LF,
	BODY_TRAILER,
	BODY_TRAILER_NAME,
	BODY_TRAILER_VALUE,
	BODY_TRAILER_LF,
	BODY_LAST_LF,
};

struct request_body {
	enum body_place place;
	unsigned char digits; /* of the chunk's size */
	uint32_t line_bytes; /* of the chunk's line, or of all trailers */
	uint64_t left; /* bytes of data still to come */
};

/* A body of so many bytes; without any, it has ended before it is counted. */
struct request_body request_body_plain(uint64_t length);

/* RFC 9112 7.1: chunks with extensions, and trailers. Lines end in CRLF. */
struct request_body request_body_chunked(void);

/* Reads the bytes that follow those of the calls before, the first *used of
 * them: all with MORE. */
enum body_verdict request_body_count(
    struct request_body *body, struct span fresh, size_t *used);

/* As many bytes may follow without being looked at: data of the body. */
uint64_t request_body_data_left(const struct request_body *body);

/* So many of them have been passed on. */
enum body_verdict request_body_skip(struct request_body *body, uint64_t count);

#endif
