/* socket_pool.h - sockets that were connected to the upstream and can be
 * again: connect(2) with AF_UNSPEC takes a TCP socket back to where it began,
 * with the options that it was given. A socket, its options and its end are
 * a good part of what a short connection costs. A few wait here for the next
 * client, and not for long, so that a worker at rest holds none. */

#ifndef SOCKET_POOL_H
#define SOCKET_POOL_H

#include <stdbool.h>
#include <stdint.h>

enum { SOCKET_POOL_SIZE = 32, SOCKET_POOL_IDLE_MS = 100 };

/* All bytes 0 is an empty pool. */
struct socket_pool {
	int fds[SOCKET_POOL_SIZE]; /* owned; the one used last is on top */
	unsigned count;
	int family; /* of all of them: that of the upstream's address */
	int64_t until_ms; /* nobody waits for a client longer than that */
};

/* A socket that was given, or -1 if there is none of the family; it is the
 * caller's. */
int socket_pool_take(struct socket_pool *pool, int family);

/* For a socket whose streams have both ended with a FIN. True: it is the
 * pool's, disconnected. False: it is as it was, for there is no room, or those
 * here are of another family, or what it sent, its FIN included, has not all
 * been acknowledged, and would be lost. */
bool socket_pool_give(
    struct socket_pool *pool, int fd, int family, int64_t now_ms);

/* When socket_pool_clear() is due; DEADLINE_NEVER for an empty pool. */
int64_t socket_pool_due_ms(const struct socket_pool *pool);

/* Closes all that is in it. */
void socket_pool_clear(struct socket_pool *pool);

#endif
