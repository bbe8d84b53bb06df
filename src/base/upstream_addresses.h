/* SPDX-License-Identifier: MIT */
/* upstream_addresses.h - the addresses of one upstream proxy. Any process.
 * Pure. An upstream is known everywhere by its index in the configuration's
 * list. */

#ifndef UPSTREAM_ADDRESSES_H
#define UPSTREAM_ADDRESSES_H

#include <stdbool.h>

#include "base/address.h"

enum { UPSTREAMS_MAX = 8, UPSTREAM_ADDRESSES_MAX = 32 };

/* In the order in which they are tried; count is 0 while none is known. */
struct upstream_addresses {
	unsigned count;
	struct address list[UPSTREAM_ADDRESSES_MAX];
};

bool upstream_addresses_has(
    const struct upstream_addresses *addresses, const struct address *wanted);

/* The same addresses in any order: name servers like to rotate it. */
bool upstream_addresses_equal(
    const struct upstream_addresses *a, const struct upstream_addresses *b);

#endif
