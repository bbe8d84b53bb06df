/* SPDX-License-Identifier: MIT */
/* listen.h - makes the sockets of TCP that this program listens on: one for
 * clients, which all workers share, and one for the status process. At the
 * start. */

#ifndef LISTEN_H
#define LISTEN_H

#include <stdbool.h>

#include "base/address.h"

/* Bound, listening with the backlog that the kernel allows, non-blocking,
 * close-on-exec; its options are those that accepted sockets inherit. The
 * caller's to close; -1 with errno. Without IPv6 in the kernel, `::` is all
 * addresses of IPv4, and *lacks_ipv6 is set to true. */
int listen_open(const struct address *address, bool *lacks_ipv6);

/* The same for the status process, whose connections end as usual. */
int listen_open_status(const struct address *address, bool *lacks_ipv6);

#endif
