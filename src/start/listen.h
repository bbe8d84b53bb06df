/* SPDX-License-Identifier: MIT */
/* listen.h - makes the socket that clients connect to. At the start; all
 * workers share it. */

#ifndef LISTEN_H
#define LISTEN_H

#include "base/address.h"

/* Bound, listening with the backlog that the kernel allows, non-blocking,
 * close-on-exec; its options are those that accepted sockets inherit. The
 * caller's to close; -1 with errno. */
int listen_open(const struct address *address);

#endif
