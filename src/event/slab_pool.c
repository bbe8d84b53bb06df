/* SPDX-License-Identifier: MIT */
#include "event/slab_pool.h"

#include <assert.h>
#include <stdalign.h>
#include <stdbool.h>
#include <stdint.h>
#include <string.h>
#include <sys/mman.h>

enum { SLAB_BYTES = 32 * 1024 };

struct free_place {
	struct free_place *next;
};

/* Aligned to SLAB_BYTES, so that the address of a place leads to its slab. A
 * slab without a free place is in no list. Places that were never taken are in
 * no list either, so that their pages are not touched. */
struct slab {
	struct slab *previous;
	struct slab *next;
	struct free_place *free;
	unsigned used;
	unsigned touched; /* places from the first on that were ever taken */
	alignas(max_align_t) unsigned char places[];
};

/* Maps twice the size and unmaps both ends outside the aligned part. */
static void *
map_aligned(void)
{
	unsigned char *map = mmap(NULL, 2 * SLAB_BYTES, PROT_READ | PROT_WRITE,
	    MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	size_t before;

	if (map == MAP_FAILED)
		return NULL;
	before = (SLAB_BYTES - (uintptr_t)map % SLAB_BYTES) % SLAB_BYTES;
	if (before > 0)
		munmap(map, before);
	munmap(map + before + SLAB_BYTES, SLAB_BYTES - before);
	return map + before;
}

static void
list_insert(struct slab_pool *pool, struct slab *slab)
{
	slab->previous = NULL;
	slab->next = pool->usable;
	if (slab->next != NULL)
		slab->next->previous = slab;
	pool->usable = slab;
}

static void
list_remove(struct slab_pool *pool, struct slab *slab)
{
	if (slab->next != NULL)
		slab->next->previous = slab->previous;
	if (slab->previous != NULL)
		slab->previous->next = slab->next;
	else
		pool->usable = slab->next;
}

static void
place_free(struct slab *slab, void *place)
{
	struct free_place *free_place = place;

	free_place->next = slab->free;
	slab->free = free_place;
}

static bool
is_full(const struct slab_pool *pool, const struct slab *slab)
{
	return slab->used == (SLAB_BYTES - sizeof *slab) / pool->place_bytes;
}

static void *
place_take(const struct slab_pool *pool, struct slab *slab)
{
	struct free_place *place = slab->free;

	if (place == NULL)
		return slab->places + slab->touched++ * pool->place_bytes;
	slab->free = place->next;
	return place;
}

static struct slab *
slab_new(struct slab_pool *pool)
{
	struct slab *slab = map_aligned();

	if (slab == NULL)
		return NULL;
	list_insert(pool, slab);
	pool->empty++;
	return slab;
}

void
slab_pool_init(struct slab_pool *pool, size_t place_bytes)
{
	size_t align = alignof(max_align_t);

	*pool = (struct slab_pool){
		.place_bytes = (place_bytes + align - 1) / align * align,
	};
}

void
slab_pool_clear(struct slab_pool *pool)
{
	while (pool->usable != NULL) {
		struct slab *slab = pool->usable;

		list_remove(pool, slab);
		munmap(slab, SLAB_BYTES);
	}
	pool->empty = 0;
}

void *
slab_pool_take(struct slab_pool *pool)
{
	struct slab *slab = pool->usable;
	void *place;

	if (slab == NULL && (slab = slab_new(pool)) == NULL)
		return NULL;
	place = place_take(pool, slab);
	pool->empty -= slab->used++ == 0;
	if (is_full(pool, slab))
		list_remove(pool, slab);
	return memset(place, 0, pool->place_bytes);
}

/* One empty slab is kept: structures that come and go at the edge of a slab
 * would otherwise map and unmap one each time. */
void
slab_pool_give(struct slab_pool *pool, void *place)
{
	unsigned char *bytes = place;
	struct slab *slab =
	    (struct slab *)(void *)(bytes - (uintptr_t)bytes % SLAB_BYTES);

	assert(slab->used > 0);
	if (is_full(pool, slab))
		list_insert(pool, slab);
	place_free(slab, place);
	if (--slab->used > 0 || ++pool->empty == 1)
		return;
	list_remove(pool, slab);
	pool->empty--;
	munmap(slab, SLAB_BYTES);
}
