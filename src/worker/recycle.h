/* SPDX-License-Identifier: MIT */
/* recycle.h - whether a connection's socket towards the upstream serves another
 * connection, by upstream_socket.h. */

#ifndef RECYCLE_H
#define RECYCLE_H

#include <stdbool.h>

struct worker;
struct connection;

/* Both of the socket's streams have ended with a FIN. False if it is to be
 * closed: nothing has changed. */
bool recycle_upstream(struct worker *worker, struct connection *connection);

#endif
