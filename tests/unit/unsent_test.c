/* SPDX-License-Identifier: MIT */
/* unsent_test.c - bytes that wait for a socket, and the memory for them. */

#include "worker/unsent.h"

#include <string.h>

#include "check.h"
#include "worker/buffer_pool.h"

static void
bytes_come_out_in_order_and_the_memory_goes(void)
{
	struct buffer_pool pool;
	struct unsent unsent = { 0 };

	buffer_pool_init(&pool, 0);
	CHECK(unsent_append(&unsent, span_of("abc", 3)));
	CHECK(unsent_append(&unsent, span_of("defgh", 5)));
	CHECK(unsent.length == 8);
	unsent_advance(&unsent, &pool, 2);
	CHECK(unsent_span(&unsent).length == 6);
	CHECK(memcmp(unsent_span(&unsent).bytes, "cdefgh", 6) == 0);
	unsent_advance(&unsent, &pool, 0);
	CHECK(unsent.length == 6);
	unsent_advance(&unsent, &pool, 6);
	CHECK(unsent.bytes == NULL && unsent.capacity == 0);
	CHECK(unsent_append(&unsent, span_of("x", 1)));
	unsent_clear(&unsent, &pool);
	CHECK(unsent.bytes == NULL && unsent.length == 0);
	buffer_pool_clear(&pool);
}

static void
a_buffer_of_the_pool_goes_back_to_it(void)
{
	struct buffer_pool pool;
	struct unsent unsent = { 0 }, other = { 0 };

	buffer_pool_init(&pool, BUFFER_BYTES);
	CHECK(unsent_take_buffer(&unsent, &pool, 10));
	CHECK(!unsent_take_buffer(&other, &pool, 10));
	memset(unsent.bytes, 'x', 10);
	unsent.length = 10;
	unsent_advance(&unsent, &pool, 10);
	CHECK(unsent_take_buffer(&other, &pool, 10));
	unsent_clear(&other, &pool);
	buffer_pool_clear(&pool);
}

static void
the_budget_bounds_all_buffers(void)
{
	enum { COUNT = 8 };
	struct buffer_pool pool;
	unsigned char *buffers[COUNT];
	size_t capacity;

	buffer_pool_init(&pool, COUNT * BUFFER_BYTES + 1);
	for (unsigned i = 0; i < COUNT; i++) {
		CHECK(buffer_pool_reserve(&pool));
		CHECK(buffer_pool_reserve(&pool));
		buffers[i] = buffer_pool_take(&pool, 1, &capacity);
		CHECK(buffers[i] != NULL && capacity == BUFFER_BYTES);
		memset(buffers[i], 'x', capacity);
	}
	CHECK(!buffer_pool_reserve(&pool));
	CHECK(buffer_pool_take(&pool, 1, &capacity) == NULL);
	for (unsigned i = 0; i < COUNT; i++)
		buffer_pool_give(&pool, buffers[i], BUFFER_BYTES);
	CHECK(pool.idle_count == BUFFERS_IDLE_MAX);
	CHECK(buffer_pool_take(&pool, (COUNT + 1) * BUFFER_BYTES, &capacity) ==
	    NULL);
	buffers[0] = buffer_pool_take(&pool, COUNT * BUFFER_BYTES, &capacity);
	CHECK(buffers[0] != NULL && capacity == COUNT * BUFFER_BYTES);
	memset(buffers[0], 'x', capacity);
	CHECK(!buffer_pool_reserve(&pool));
	buffer_pool_give(&pool, buffers[0], capacity);
	CHECK(buffer_pool_reserve(&pool));
	buffer_pool_clear(&pool);
}

int
main(void)
{
	RUN(bytes_come_out_in_order_and_the_memory_goes);
	RUN(a_buffer_of_the_pool_goes_back_to_it);
	RUN(the_budget_bounds_all_buffers);
	return check_report();
}
