/* SPDX-License-Identifier: MIT */
/* authority.h - the host and port of a request: what Host says, and what an
 * absolute target has behind `http://`.
 * Pure: no system calls, no allocation. */

#ifndef AUTHORITY_H
#define AUTHORITY_H

#include <stdbool.h>

#include "base/span.h"

/* True if it is `HOST` or `HOST:PORT`, and then *host is HOST: letters,
 * digits, `-`, `_` and `.`, any number of them but 0, or an IPv6 address in
 * its brackets (RFC 3986 3.2.2). A port is 1 to 65535. */
bool authority_split(struct span authority, struct span *host);

#endif
