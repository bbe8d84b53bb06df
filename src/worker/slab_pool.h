/* slab_pool.h - memory for many things of one size: slabs of a few pages,
 * given back to the system when all of a slab is free again, so that a peak
 * does not stay. */

#ifndef SLAB_POOL_H
#define SLAB_POOL_H

#include <stddef.h>

struct slab;

struct slab_pool {
	size_t place_bytes; /* of one thing */
	struct slab *usable; /* slabs with a free place; owned */
	unsigned empty; /* how many of them are all free */
};

/* place_bytes is at least a pointer's and at most some hundred; alignment is
 * that of max_align_t. Nothing is allocated yet. */
void slab_pool_init(struct slab_pool *pool, size_t place_bytes);

/* No place may be in use. */
void slab_pool_clear(struct slab_pool *pool);

/* A zeroed place, or NULL with errno. */
void *slab_pool_take(struct slab_pool *pool);
void slab_pool_give(struct slab_pool *pool, void *place);

#endif
