/* connect_response.h - reads the proxy's answer to CONNECT.
 * Pure: no system calls, no allocation; the struct needs no clearing. */

#ifndef CONNECT_RESPONSE_H
#define CONNECT_RESPONSE_H

#include <stddef.h>

#include "base/span.h"

#define CONNECT_RESPONSE_LIMIT_BYTES 16384
#define CONNECT_REASON_SIZE 192

/* All but MORE are final: the parser must not be called again. */
enum connect_verdict {
	CONNECT_MORE, /* so far so good: call again with what follows */
	CONNECT_OPEN, /* 2xx, and its head has ended: the tunnel is open */
	CONNECT_REFUSED, /* 3xx to 5xx, said when its status line has ended */
	CONNECT_MALFORMED,
	CONNECT_OVERSIZED, /* the limit's bytes have come, the end has not */
};

/* What the next byte is part of, in the grammar's order. */
enum connect_place {
	CONNECT_STATUS, /* up to the last digit of the status */
	CONNECT_STATUS_END,
	CONNECT_REASON,
	CONNECT_STATUS_LINE_LF,
	CONNECT_FIELD_START,
	CONNECT_FIELD_NAME,
	CONNECT_FIELD_VALUE,
	CONNECT_HEAD_LF,
};

struct connect_response {
	enum connect_place place;
	unsigned char matched; /* bytes of "HTTP/1.x xxx" */
	size_t length; /* of all heads so far */

	/* Of the head that was begun last. The reason is as the proxy sent
	 * it, any byte but NUL and LF, cut at its size, not terminated. */
	unsigned status;
	unsigned char reason_length;
	char reason[CONNECT_REASON_SIZE];
};

void connect_response_init(struct connect_response *response);

/* Reads the bytes that follow those of the calls before, the first *used of
 * them: all with MORE; with OPEN those behind are the origin's.
 * 1xx heads are skipped, but count towards the limit. What the fields say does
 * not matter: a 2xx to CONNECT has no body (RFC 9110 9.3.6). Lines end in CRLF
 * or LF; fields need a name and a colon, obs-fold is fine (RFC 9112 4, 5). */
enum connect_verdict connect_response_parse(
    struct connect_response *response, struct span fresh, size_t *used);

#endif
