/* connection_pool.h - memory for the worker's connections: slabs of a few
 * pages, given back to the system when all of a slab is free again. */

#ifndef CONNECTION_POOL_H
#define CONNECTION_POOL_H

#include <stddef.h>

struct connection;
struct connection_slab;

/* All bytes 0 is an empty pool. */
struct connection_pool {
	struct connection_slab *usable; /* slabs with a free place, owned */
	struct connection *done;	/* wait for the end of the turn */
	size_t slabs;
};

/* No connection may be in use. */
void connection_pool_clear(struct connection_pool *pool);

/* A zeroed connection, or NULL with errno. */
struct connection *connection_pool_take(struct connection_pool *pool);

/* It is not touched before connection_pool_sweep(): events of the same turn
 * may still name it. */
void connection_pool_give(
    struct connection_pool *pool, struct connection *connection);
void connection_pool_sweep(struct connection_pool *pool);

#endif
