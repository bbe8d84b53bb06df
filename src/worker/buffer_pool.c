/* SPDX-License-Identifier: MIT */
#include "worker/buffer_pool.h"

#include <assert.h>
#include <sys/mman.h>

static unsigned char *
map(size_t bytes)
{
	void *buffer = mmap(NULL, bytes, PROT_READ | PROT_WRITE,
	    MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	return buffer == MAP_FAILED ? NULL : buffer;
}

void
buffer_pool_init(struct buffer_pool *pool, size_t budget_bytes)
{
	*pool = (struct buffer_pool){ .budget_bytes = budget_bytes };
}

void
buffer_pool_clear(struct buffer_pool *pool)
{
	assert(pool->taken_bytes == 0);
	while (pool->idle_count > 0)
		munmap(pool->idle[--pool->idle_count], BUFFER_BYTES);
}

static bool
fits(const struct buffer_pool *pool, size_t bytes)
{
	return pool->taken_bytes + bytes <= pool->budget_bytes;
}

bool
buffer_pool_reserve(struct buffer_pool *pool)
{
	unsigned char *buffer;

	if (!fits(pool, BUFFER_BYTES))
		return false;
	if (pool->idle_count > 0)
		return true;
	if ((buffer = map(BUFFER_BYTES)) == NULL)
		return false;
	pool->idle[pool->idle_count++] = buffer;
	return true;
}

unsigned char *
buffer_pool_take(struct buffer_pool *pool, size_t bytes, size_t *capacity)
{
	unsigned char *buffer;

	*capacity = bytes > BUFFER_BYTES ? bytes : BUFFER_BYTES;
	if (!fits(pool, *capacity))
		return NULL;
	buffer = *capacity == BUFFER_BYTES && pool->idle_count > 0
	    ? pool->idle[--pool->idle_count]
	    : map(*capacity);
	if (buffer != NULL)
		pool->taken_bytes += *capacity;
	return buffer;
}

void
buffer_pool_give(
    struct buffer_pool *pool, unsigned char *buffer, size_t capacity)
{
	assert(pool->taken_bytes >= capacity);
	pool->taken_bytes -= capacity;
	if (capacity == BUFFER_BYTES && pool->idle_count < BUFFERS_IDLE_MAX)
		pool->idle[pool->idle_count++] = buffer;
	else
		munmap(buffer, capacity);
}
