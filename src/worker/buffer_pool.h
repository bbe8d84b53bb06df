/* SPDX-License-Identifier: MIT */
/* buffer_pool.h - page-backed buffers for bytes that a socket does not take,
 * and a budget for all of them. A buffer goes back to the kernel when it is
 * given back, so that a peak does not stay; a few idle ones are kept. */

#ifndef BUFFER_POOL_H
#define BUFFER_POOL_H

#include <stdbool.h>
#include <stddef.h>

enum { BUFFER_BYTES = 64 * 1024, BUFFERS_IDLE_MAX = 4 };

struct buffer_pool {
	unsigned char *idle[BUFFERS_IDLE_MAX]; /* owned; of BUFFER_BYTES */
	unsigned idle_count;
	size_t budget_bytes;
	size_t taken_bytes;
};

void buffer_pool_init(struct buffer_pool *pool, size_t budget_bytes);

/* Unmaps the idle buffers; all others have been given back. */
void buffer_pool_clear(struct buffer_pool *pool);

/* Whether a buffer of BUFFER_BYTES can be taken for certain. False: the budget
 * is spent, or the kernel has no memory. */
bool buffer_pool_reserve(struct buffer_pool *pool);

/* At least `bytes`, and how many in *capacity; NULL as above. */
unsigned char *buffer_pool_take(
    struct buffer_pool *pool, size_t bytes, size_t *capacity);
void buffer_pool_give(
    struct buffer_pool *pool, unsigned char *buffer, size_t capacity);

#endif
