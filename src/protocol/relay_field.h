/* SPDX-License-Identifier: MIT */
/* relay_field.h - the fields of a request that mean something to a relay.
 * Pure: no system calls, no allocation. */

#ifndef RELAY_FIELD_H
#define RELAY_FIELD_H

#include <stdbool.h>
#include <stdint.h>

#include "base/span.h"

enum relay_field {
	RELAY_FIELD_PLAIN, /* sent on as it came */
	RELAY_FIELD_CONTENT_LENGTH, /* as the next: sent on, and decides */
	RELAY_FIELD_TRANSFER_ENCODING,
	RELAY_FIELD_HOST, /* dropped, as all that follow */
	RELAY_FIELD_CONNECTION,
	RELAY_FIELD_UPGRADE,
	RELAY_FIELD_HOP, /* others for the next hop alone */
};

/* What the fields of one head have said. All bytes 0: nothing. */
struct relay_fields {
	bool is_http_1_0; /* the request is */
	bool has_length;
	bool is_chunked;
	bool wants_upgrade; /* Connection says so */
	bool offers_upgrade; /* to something that is not h2c */
	uint32_t named; /* elements of Connection: relay_field_is_name() */
	uint64_t content_length;
};

enum relay_field relay_field_of(struct span name);

bool relay_field_is_dropped(enum relay_field field);

/* Takes in the value of one field, without blanks around it. False if what all
 * of them say is ambiguous, or is no plain request: RFC 9112 6.1 to 6.3,
 * RFC 9110 7.6.1, 7.8. */
bool relay_field_take(
    struct relay_fields *fields, enum relay_field field, struct span value);

/* Whether an element of Connection names a plain field. */
bool relay_field_is_name(struct span element);

/* Takes the next element off a list with commas, without the blanks around it;
 * it may be empty (RFC 9110 5.6.1). False where nothing is left. */
bool relay_field_element(struct span *list, struct span *element);

#endif
