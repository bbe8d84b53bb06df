/* SPDX-License-Identifier: MIT */
/* relay_head.h - decides whether a client's first bytes are a plain HTTP
 * request that may go to the upstream as a proxy request. What two readers
 * could read in two ways may not.
 * Pure: no system calls, no allocation; the struct needs no clearing. */

#ifndef RELAY_HEAD_H
#define RELAY_HEAD_H

#include <stdbool.h>
#include <stdint.h>

#include "protocol/host_name.h"
#include "protocol/relay_field.h"

#define RELAY_HEAD_LIMIT_BYTES 65536
/* An empty line in front of the request, which is dropped. */
#define RELAY_HEAD_FRONT_BYTES 2

/* REQUEST and TUNNEL are final: the scanner must not be called again. */
enum relay_verdict {
	RELAY_MORE, /* call again with the same bytes and new ones behind */
	RELAY_REQUEST, /* the head has ended, and may be rewritten */
	RELAY_TUNNEL, /* no such request */
};

/* What the next byte is part of, in the grammar's order. */
enum relay_place {
	RELAY_FRONT,
	RELAY_METHOD,
	RELAY_TARGET,
	RELAY_SCHEME,
	RELAY_AUTHORITY,
	RELAY_ASTERISK, /* has come */
	RELAY_PATH,
	RELAY_VERSION,
	RELAY_VERSION_END,
	RELAY_FIELD,
	RELAY_FIELD_NAME,
	RELAY_FIELD_VALUE,
};

/* Bytes [begin, end) of those that were scanned. */
struct relay_part {
	uint32_t begin;
	uint32_t end;
};

struct relay_head {
	enum relay_place place;
	bool after_cr; /* nothing but LF may come */
	bool is_absolute; /* the target is, and takes the place of Host */
	bool has_host_field; /* also an empty one */
	unsigned char matched; /* bytes of a word that must come */
	uint32_t scanned; /* bytes, the empty line in front included */
	uint32_t mark; /* where the part that is read began */
	uint32_t bare_lfs; /* lines that end in LF alone */
	struct relay_fields fields;

	struct relay_part method;
	struct relay_part host; /* of Host or of the target, without port */
	struct relay_part path; /* empty for `*` */
	struct relay_part minor; /* of the version: a digit */
	struct relay_part name; /* of the field that is read */
	uint32_t fields_begin; /* behind the request line */
};

void relay_head_init(struct relay_head *head);

/* Reads on where the call before left off. `whole` begins with the stream's
 * first byte each time. With REQUEST, the body is behind the first
 * head->scanned bytes, if there is one. RFC 9112 2.2, 3, 5, 6.1 to 6.3; RFC
 * 9110 7.2, 7.6.1, 7.8. */
enum relay_verdict relay_head_scan(struct relay_head *head, struct span whole);

/* Whether the request has no body and a safe method, so that it may be sent
 * again where no answer came. RFC 9110 9.2.1. With REQUEST. */
bool relay_head_is_repeatable(const struct relay_head *head, struct span whole);

/* False if neither the target nor Host has a valid name. With REQUEST. */
bool relay_head_name(
    const struct relay_head *head, struct span whole, struct host_name *name);

#endif
