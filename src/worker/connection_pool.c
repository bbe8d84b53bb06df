#include "worker/connection_pool.h"

#include <stdint.h>
#include <string.h>
#include <sys/mman.h>

#include "worker/connection.h"

enum {
	SLAB_BYTES = 32 * 1024,
	SLAB_PLACES = (SLAB_BYTES - 64) / sizeof(struct connection),
};

/* Aligned to its size, so that a connection's address leads to its slab.
 * A slab without a free place is in no list: its connections lead to it. */
struct connection_slab {
	struct connection_slab *previous;
	struct connection_slab *next;
	struct connection *free;
	unsigned used;
	struct connection places[SLAB_PLACES];
};

_Static_assert(sizeof(struct connection_slab) <= SLAB_BYTES, "slab too large");

/* Twice the size is asked for and what lies outside the alignment returned. */
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
list_insert(struct connection_pool *pool, struct connection_slab *slab)
{
	slab->previous = NULL;
	slab->next = pool->usable;
	if (slab->next != NULL)
		slab->next->previous = slab;
	pool->usable = slab;
}

static void
list_remove(struct connection_pool *pool, struct connection_slab *slab)
{
	if (slab->next != NULL)
		slab->next->previous = slab->previous;
	if (slab->previous != NULL)
		slab->previous->next = slab->next;
	else
		pool->usable = slab->next;
}

static struct connection_slab *
slab_new(struct connection_pool *pool)
{
	struct connection_slab *slab = map_aligned();

	if (slab == NULL)
		return NULL;
	for (size_t i = SLAB_PLACES; i-- > 0;) {
		slab->places[i].next = slab->free;
		slab->free = &slab->places[i];
	}
	list_insert(pool, slab);
	pool->slabs++;
	return slab;
}

void
connection_pool_clear(struct connection_pool *pool)
{
	while (pool->usable != NULL) {
		struct connection_slab *slab = pool->usable;

		list_remove(pool, slab);
		munmap(slab, SLAB_BYTES);
	}
	pool->slabs = 0;
}

struct connection *
connection_pool_take(struct connection_pool *pool)
{
	struct connection_slab *slab = pool->usable;
	struct connection *connection;

	if (slab == NULL && (slab = slab_new(pool)) == NULL)
		return NULL;
	connection = slab->free;
	slab->free = connection->next;
	slab->used++;
	if (slab->free == NULL)
		list_remove(pool, slab);
	memset(connection, 0, sizeof *connection);
	return connection;
}

void
connection_pool_give(
    struct connection_pool *pool, struct connection *connection)
{
	connection->next = pool->done;
	pool->done = connection;
}

/* One empty slab is kept, so that a lone connection does not map and unmap
 * one each time. */
static void
place_free(struct connection_pool *pool, struct connection *connection)
{
	struct connection_slab *slab = (struct connection_slab *)(void *)((
	    unsigned char *)connection - (uintptr_t)connection % SLAB_BYTES);

	if (slab->free == NULL)
		list_insert(pool, slab);
	connection->next = slab->free;
	slab->free = connection;
	if (--slab->used > 0 || pool->slabs == 1)
		return;
	list_remove(pool, slab);
	pool->slabs--;
	munmap(slab, SLAB_BYTES);
}

void
connection_pool_sweep(struct connection_pool *pool)
{
	while (pool->done != NULL) {
		struct connection *connection = pool->done;

		pool->done = connection->next;
		place_free(pool, connection);
	}
}
