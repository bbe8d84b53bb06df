/* SPDX-License-Identifier: MIT */
/* listen.h - makes the sockets of TCP that this program listens on: one for
 * clients, which all workers share, and one for the status process. At the
 * start. */

#ifndef LISTEN_H
#define LISTEN_H

#include "base/address.h"

/* Bound, listening with the backlog that the kernel allows, non-blocking,
 * close-on-exec; its options are those that accepted sockets inherit. The
 * caller's to close; -1 with errno. */
int listen_open(const struct address *address);

/* The same for the status process, whose connections end as usual. */
int listen_open_status(const struct address *address);

#endif
