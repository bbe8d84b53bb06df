/* SPDX-License-Identifier: MIT */
#include "ipc/counter.h"

uint32_t
counter_now(_Atomic uint32_t *value)
{
	return atomic_load_explicit(value, memory_order_relaxed);
}

void
counter_set(_Atomic uint32_t *value, uint32_t number)
{
	atomic_store_explicit(value, number, memory_order_relaxed);
}

void
counter_step(_Atomic uint32_t *value, int32_t amount)
{
	counter_set(value, counter_now(value) + (uint32_t)amount);
}

void
counter_add(struct counter *counter, uint64_t amount)
{
	uint64_t sum = (uint64_t)counter_now(&counter->high) << 32 |
	    counter_now(&counter->low);

	sum += amount;
	atomic_store_explicit(
	    &counter->low, (uint32_t)sum, memory_order_relaxed);
	atomic_store_explicit(
	    &counter->high, (uint32_t)(sum >> 32), memory_order_relaxed);
}

/* The upper half changes once in 4 GiB, so that a second try is enough. Between
 * the writer's two stores the sum is 4 GiB short, and right again at once. */
uint64_t
counter_read(struct counter *counter)
{
	uint32_t high = counter_now(&counter->high);
	uint32_t low = counter_now(&counter->low);

	if (counter_now(&counter->high) != high) {
		high = counter_now(&counter->high);
		low = counter_now(&counter->low);
	}
	return (uint64_t)high << 32 | low;
}

void
counter_begin_change(_Atomic uint32_t *changes)
{
	counter_step(changes, 1);
	atomic_thread_fence(memory_order_release);
}

void
counter_end_change(_Atomic uint32_t *changes)
{
	atomic_store_explicit(
	    changes, counter_now(changes) + 1, memory_order_release);
}

uint32_t
counter_begin_read(_Atomic uint32_t *changes)
{
	return atomic_load_explicit(changes, memory_order_acquire);
}

bool
counter_was_whole(_Atomic uint32_t *changes, uint32_t begun)
{
	atomic_thread_fence(memory_order_acquire);
	return begun % 2 == 0 && counter_now(changes) == begun;
}
