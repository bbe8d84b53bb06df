/* SPDX-License-Identifier: MIT */
/* host_name.h - which bytes are a host's name, fit for a proxy and a log.
 * Pure: no system calls, no allocation. */

#ifndef HOST_NAME_H
#define HOST_NAME_H

#include <stdbool.h>

#include "base/span.h"

#define HOST_NAME_MAX_LENGTH 253

struct host_name {
	unsigned char length;
	char text[HOST_NAME_MAX_LENGTH + 1]; /* terminated */
};

/* A name that comes in pieces: one byte more than a name may have, for the
 * dot that is dropped. All zeroes is empty. */
struct host_name_pieces {
	unsigned char length;
	unsigned char bytes[HOST_NAME_MAX_LENGTH + 1];
};

/* Whether all bytes are letters, digits, `-`, `_` and dots. */
bool host_name_are_bytes(struct span bytes);

/* False, and *name as it was, unless raw is a name: 1 to 253 letters, digits,
 * `-`, `_` and dots (one at the end is dropped) in labels of 1 to 63
 * (RFC 1035 2.3.4), whose last label is neither all digits nor begins with 0x
 * (resolvers read those as addresses: inet_aton(3)); nor `localhost` or below
 * it (RFC 6761 6.3). Letters keep their case. */
bool host_name_parse(struct host_name *name, struct span raw);

/* False if the piece makes it too long, or holds a byte that no name has; what
 * was collected may still not be a name: ask host_name_parse. */
bool host_name_collect(struct host_name_pieces *pieces, struct span piece);

#endif
