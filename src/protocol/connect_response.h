/* SPDX-License-Identifier: MIT */
/* connect_response.h - reads the proxy's answer to CONNECT, or to a request
 * that is relayed.
 * Pure: no system calls, no allocation; the struct needs no clearing. */

#ifndef CONNECT_RESPONSE_H
#define CONNECT_RESPONSE_H

#include <stdbool.h>
#include <stddef.h>

#include "protocol/challenges.h"

#define CONNECT_RESPONSE_LIMIT_BYTES 16384
#define CONNECT_REASON_SIZE 192
/* No name of a field that matters is longer. */
#define CONNECT_FIELD_SIZE (sizeof "proxy-authenticate" - 1)

/* All but MORE are final: the parser must not be called again. */
enum connect_verdict {
	CONNECT_MORE, /* so far so good: call again with what follows */
	CONNECT_OPEN, /* 2xx, and its head has ended: the tunnel is open */
	CONNECT_REFUSED, /* 3xx and above, when its status line has ended */
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
	CONNECT_CHALLENGES, /* the value of a field that has them */
	CONNECT_HEAD_LF,
};

struct connect_response {
	enum connect_place place;
	bool is_relayed;
	unsigned char matched; /* bytes of "HTTP/1.x xxx" */
	size_t length; /* of all heads so far */

	/* Of the head that was begun last. The reason is as the proxy sent
	 * it, any byte but NUL and LF, cut at its size, not terminated. */
	unsigned status;
	unsigned char reason_length;
	char reason[CONNECT_REASON_SIZE];

	unsigned char name_length; /* of the field; above the room: too long */
	char name[CONNECT_FIELD_SIZE];
	struct challenges challenges; /* of a 401 or 407, as far as read */
};

void connect_response_init(struct connect_response *response);

/* The response to a relayed request: OPEN and REFUSED come when the first
 * status line that is not 1xx has ended, and with OPEN all bytes are the
 * client's. The limit counts for each head alone. */
void connect_response_init_relayed(struct connect_response *response);

/* The status is known, and is not that of an interim response. */
bool connect_response_is_final(const struct connect_response *response);

/* The upstream wants credentials: the status is 401 or 407. */
bool connect_response_is_challenge(const struct connect_response *response);

/* Reads the bytes that follow those of the calls before, the first *used of
 * them: all with MORE; with OPEN those behind are the origin's.
 * 1xx heads are skipped, but count towards the limit. What the fields say does
 * not matter: a 2xx to CONNECT has no body (RFC 9110 9.3.6). That of a 401 or
 * 407 is read to its end, for its challenges; if it is malformed or oversized
 * behind the status line, that is REFUSED, too. Lines end in CRLF
 * or LF; fields need a name and a colon, obs-fold is fine (RFC 9112 4, 5). */
enum connect_verdict connect_response_parse(
    struct connect_response *response, struct span fresh, size_t *used);

#endif
