/* SPDX-License-Identifier: MIT */
/* slab_pool.h - memory for many structures of one size, in slabs of a few
 * pages. A slab goes back to the kernel when all its places are free again, so
 * that a peak does not stay. */

#ifndef SLAB_POOL_H
#define SLAB_POOL_H

#include <stddef.h>

struct slab;

struct slab_pool {
	size_t place_bytes; /* of one structure */
	struct slab *usable; /* slabs with a free place; owned */
	unsigned empty; /* slabs among them that are all free */
};

/* place_bytes: at least a pointer's size, at most a few hundred. Places are
 * aligned as max_align_t is. Nothing is allocated yet. */
void slab_pool_init(struct slab_pool *pool, size_t place_bytes);

/* No place may be in use. */
void slab_pool_clear(struct slab_pool *pool);

/* A zeroed place, or NULL with errno. */
void *slab_pool_take(struct slab_pool *pool);
void slab_pool_give(struct slab_pool *pool, void *place);

#endif
