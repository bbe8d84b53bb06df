/* SPDX-License-Identifier: MIT */
/* socket_pool.h - sockets that were connected to the upstream and can be
 * connected again: connect(2) with AF_UNSPEC takes a TCP socket back to its
 * beginning, with its options. To create, set up and close a socket is a good
 * part of the cost of a short connection. A few sockets wait here for the next
 * client, for a short time only, so that an idle worker holds none. */

#ifndef SOCKET_POOL_H
#define SOCKET_POOL_H

#include <stdbool.h>
#include <stdint.h>

enum { SOCKET_POOL_SIZE = 32, SOCKET_POOL_IDLE_MS = 100 };

/* All bytes 0 is an empty pool. */
struct socket_pool {
	int fds[SOCKET_POOL_SIZE]; /* owned; the socket used last is on top */
	unsigned count;
	int family; /* of all of them */
	int64_t until_ms; /* when all of them are to be closed */
};

/* A socket of the family, which is the caller's now; -1 if there is none. */
int socket_pool_take(struct socket_pool *pool, int family);

/* For a socket whose streams have both ended with a FIN. True: it belongs to
 * the pool, disconnected. False: nothing has changed, as the pool is full, or
 * holds another family, or what the socket sent, its FIN included, has not all
 * been acknowledged and would be lost. */
bool socket_pool_give(
    struct socket_pool *pool, int fd, int family, int64_t now_ms);

/* The same for a socket that was never connected. */
bool socket_pool_return(
    struct socket_pool *pool, int fd, int family, int64_t now_ms);

/* When socket_pool_clear() is due; DEADLINE_NEVER for an empty pool. */
int64_t socket_pool_due_ms(const struct socket_pool *pool);

/* Closes all its sockets. */
void socket_pool_clear(struct socket_pool *pool);

#endif
