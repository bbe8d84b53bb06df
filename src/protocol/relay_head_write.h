/* SPDX-License-Identifier: MIT */
/* relay_head_write.h - writes the head of a plain HTTP request as the one of a
 * proxy request.
 * Pure: no system calls, no allocation. */

#ifndef RELAY_HEAD_WRITE_H
#define RELAY_HEAD_WRITE_H

#include <stddef.h>
#include <stdint.h>

#include "protocol/relay_head.h"

/* Where the request goes, and what the upstream wants with it. */
struct relay_target {
	struct span host; /* a name, or the text of an address */
	unsigned port;
	struct span credentials; /* for Basic, encoded; empty: none */
};

/* The most bytes that relay_head_write() needs. */
size_t relay_head_room(
    const struct relay_head *head, const struct relay_target *target);

/* `whole` is what the scanner saw when it said REQUEST. `named` has room for
 * head->fields.named numbers. The line of the request, Host, the client's
 * fields in their order but for those of this hop, Proxy-Authorization, and
 * Connection: close (RFC 9112 3.2.2, RFC 9110 7.6.1, 11.7.2). Returns the
 * length, not terminated; 0 if it does not fit. */
size_t relay_head_write(char *out, size_t size, const struct relay_head *head,
    struct span whole, const struct relay_target *target, uint64_t *named);

#endif
