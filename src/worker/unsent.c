/* SPDX-License-Identifier: MIT */
#include "worker/unsent.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "worker/buffer_pool.h"

/* Room for the first segment alone, then twice as much each time: bytes that
 * trickle in are not copied again for each. */
bool
unsent_append(struct unsent *unsent, struct span bytes)
{
	size_t needed = unsent->length + bytes.length;
	size_t capacity = unsent->capacity * (size_t)2;
	unsigned char *grown;

	assert(unsent->offset == 0 && !unsent->is_paged);
	if (needed > unsent->capacity) {
		if (capacity < needed)
			capacity = needed;
		if ((grown = realloc(unsent->bytes, capacity)) == NULL)
			return false;
		unsent->bytes = grown;
		unsent->capacity = (uint32_t)capacity;
	}
	memcpy(unsent->bytes + unsent->length, bytes.bytes, bytes.length);
	unsent->length = (uint32_t)needed;
	return true;
}

bool
unsent_take_buffer(
    struct unsent *unsent, struct buffer_pool *pool, size_t bytes)
{
	size_t capacity;

	assert(unsent->bytes == NULL);
	unsent->bytes = buffer_pool_take(pool, bytes, &capacity);
	unsent->capacity = (uint32_t)capacity;
	unsent->is_paged = unsent->bytes != NULL;
	return unsent->is_paged;
}

struct span
unsent_span(const struct unsent *unsent)
{
	return span_of(unsent->bytes + unsent->offset, unsent->length);
}

void
unsent_advance(struct unsent *unsent, struct buffer_pool *pool, size_t bytes)
{
	assert(bytes <= unsent->length);
	unsent->offset += (uint32_t)bytes;
	unsent->length -= (uint32_t)bytes;
	if (unsent->length == 0)
		unsent_clear(unsent, pool);
}

void
unsent_clear(struct unsent *unsent, struct buffer_pool *pool)
{
	if (unsent->is_paged)
		buffer_pool_give(pool, unsent->bytes, unsent->capacity);
	else
		free(unsent->bytes);
	*unsent = (struct unsent){ .bytes = NULL };
}
