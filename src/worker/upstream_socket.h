/* SPDX-License-Identifier: MIT */
/* upstream_socket.h - the sockets towards the upstream: where they come from,
 * with all their options, and whether they serve again. A socket that has
 * served waits in the worker's socket_pool.h. */

#ifndef UPSTREAM_SOCKET_H
#define UPSTREAM_SOCKET_H

#include <stdbool.h>

#include "base/address.h"
#include "worker/endpoint.h"

struct worker;

/* Gives the endpoint a used or new socket of the family, in place of the one
 * that it has; 0, or -1 with errno and no socket. */
int upstream_socket_open(
    struct worker *worker, struct endpoint *endpoint, sa_family_t family);

/* The same for the address that answered last. */
int upstream_socket_reserve(struct worker *worker, struct endpoint *endpoint);

/* Connects the endpoint's socket to an upstream's address, as connect(2), with
 * EINPROGRESS or EALREADY where that is in flight. */
int upstream_socket_connect(
    struct endpoint *endpoint, const struct address *address);

/* Takes back the endpoint's socket, which was never connected. */
void upstream_socket_return(struct worker *worker, struct endpoint *endpoint);

/* Keeps the socket, whose streams have both ended with a FIN, for another
 * connection; false if it is to be closed. */
bool upstream_socket_recycle(struct worker *worker, struct endpoint *endpoint);

#endif
