/* SPDX-License-Identifier: MIT */
/* connect_request.h - writes the request for a tunnel.
 * Pure: no system calls, no allocation. */

#ifndef CONNECT_REQUEST_H
#define CONNECT_REQUEST_H

#include <stddef.h>

#include "base/span.h"
#include "protocol/host_name.h"

/* Room for the longest name and port, each of them twice. */
#define CONNECT_REQUEST_SIZE                                \
	(sizeof "CONNECT  HTTP/1.1\r\nHost: \r\n\r\n" - 1 + \
	    2 * (HOST_NAME_MAX_LENGTH + sizeof ":65535" - 1))

enum { CONNECT_FIELDS_MAX = 8 };

/* What an upstream wants to see beside Host. All bytes 0: nothing. */
struct connect_fields {
	struct span credentials; /* for Basic, encoded; empty: none */
	unsigned count;
	struct span list[CONNECT_FIELDS_MAX]; /* NAME: VALUE */
};

/* More room, for credentials and fields of so many bytes. */
#define CONNECT_FIELDS_SIZE(credentials, field)                         \
	(sizeof "Proxy-Authorization: Basic \r\n" - 1 + (credentials) + \
	    CONNECT_FIELDS_MAX * ((field) + sizeof "\r\n" - 1))

/* `CONNECT target:port HTTP/1.1` and Host (RFC 9110 9.3.6, RFC 9112 3.2.3).
 * target is a name from host_name_parse or the text of an IP address, without
 * brackets. Returns the length, not terminated; 0 if it does not fit. */
size_t connect_request_write(char *out, size_t size, struct span target,
    unsigned port, const struct connect_fields *fields);

#endif
