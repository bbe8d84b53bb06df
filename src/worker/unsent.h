/* SPDX-License-Identifier: MIT */
/* unsent.h - bytes that wait for a socket to take them. */

#ifndef UNSENT_H
#define UNSENT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/span.h"

struct buffer_pool;

/* All bytes 0: none wait, and there is no memory for them. */
struct unsent {
	unsigned char *bytes; /* owned */
	uint32_t capacity;
	uint32_t offset; /* of the first byte that waits */
	uint32_t length; /* behind the offset */
	bool is_paged; /* the memory is the pool's, not malloc(3)'s */
};

/* Adds bytes, in memory that grows with them; false without memory. Not for a
 * buffer of the pool, and before any byte is taken. */
bool unsent_append(struct unsent *unsent, struct span bytes);

/* Takes a buffer of the pool for `bytes`, which the caller fills; false if
 * there is none. Nothing waits yet. */
bool unsent_take_buffer(
    struct unsent *unsent, struct buffer_pool *pool, size_t bytes);

/* The bytes that wait. */
struct span unsent_span(const struct unsent *unsent);

/* The first bytes were taken by the socket; behind the last one the memory is
 * given back. */
void unsent_advance(
    struct unsent *unsent, struct buffer_pool *pool, size_t bytes);

/* Gives the memory back; what waits is lost. */
void unsent_clear(struct unsent *unsent, struct buffer_pool *pool);

#endif
