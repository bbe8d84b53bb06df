/* SPDX-License-Identifier: MIT */
/* http_request_head.h - finds the host's name in the first bytes of an
 * HTTP/1.x stream.
 * Pure: no system calls, no allocation; the struct needs no clearing. */

#ifndef HTTP_REQUEST_HEAD_H
#define HTTP_REQUEST_HEAD_H

#include <stdbool.h>

#include "protocol/host_name.h"
#include "protocol/scan.h"

/* What the next byte is part of, in the grammar's order. */
enum http_place {
	HTTP_START,
	HTTP_METHOD,
	HTTP_TARGET_START,
	HTTP_SCHEME, /* or what looks like one: CONNECT name:443 */
	HTTP_SCHEME_COLON,
	HTTP_SCHEME_SLASH,
	HTTP_AUTHORITY,
	HTTP_AUTHORITY_PORT,
	HTTP_TARGET, /* the rest of it, of any form */
	HTTP_VERSION,
	HTTP_VERSION_END,
	HTTP_FIELD_START,
	HTTP_FIELD_NAME_HOST, /* so far the same as "host" */
	HTTP_FIELD_NAME,
	HTTP_FIELD_VALUE,
	HTTP_HOST_START,
	HTTP_HOST,
	HTTP_HOST_PORT,
	HTTP_HOST_END, /* white space behind it */
};

struct http_request_head {
	enum http_place place;
	bool after_cr; /* nothing but LF may come */
	unsigned char matched; /* bytes of "CONNECT", "HTTP/1." or "host" */
	unsigned char method_length;
	bool has_small_letters; /* the method */
	struct host_name_pieces name; /* empty until Host or an authority */
};

void http_request_head_init(struct http_request_head *head);

enum { HTTP_METHOD_MAX_LENGTH = 32 };

/* Reads the bytes that follow those of the calls before. FOUND sets *name: at
 * the end of the request line if the target is in absolute form, else at the
 * end of the head, since a second Host takes the name away. Until then *name
 * may hold anything.
 * RFC 9112 2.2 (line ends; empty lines in front are ignored), 3.2 (the forms of
 * the target; Host), 5.2 (obs-fold: none). User information makes a target
 * invalid (RFC 9110 4.2.4). A CONNECT is the client's own, for a proxy, so that
 * no name in it is that of the host which the client has connected to. */
enum scan http_request_head_scan(
    struct http_request_head *head, struct span fresh, struct host_name *name);

/* Whether the bytes so far look like another protocol's: empty lines alone, or
 * a word with small letters, as no method in use has them. */
bool http_request_head_is_doubtful(const struct http_request_head *head);

#endif
