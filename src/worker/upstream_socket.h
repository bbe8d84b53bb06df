/* upstream_socket.h - the sockets towards the upstream: where a connection's
 * comes from, with all its options, and whether it serves again. One that has
 * served waits in the worker's socket_pool.h. */

#ifndef UPSTREAM_SOCKET_H
#define UPSTREAM_SOCKET_H

#include <stdbool.h>

#include "worker/connection.h"

/* Used or new; the caller's to close. -1 with errno. */
int upstream_socket_take(struct worker *worker, int family);

/* Gives one, for the address that answered last, to a connection that has its
 * handshake; 0, or -1 with errno. */
int upstream_socket_reserve(
    struct worker *worker, struct connection *connection);

/* Keeps that of a delivered tunnel for another connection, if it is worth that;
 * false if it is to be closed. */
bool upstream_socket_recycle(
    struct worker *worker, struct connection *connection);

#endif
