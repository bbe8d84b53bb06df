/* SPDX-License-Identifier: MIT */
#include "ipc/counters.h"

#include <stddef.h>
#include <sys/mman.h>
#include <unistd.h>

static size_t
page_bytes(void)
{
	size_t page = (size_t)sysconf(_SC_PAGESIZE);

	return (sizeof(struct counters) + page - 1) / page * page;
}

struct counters *
counters_map(void)
{
	void *page = mmap(NULL, page_bytes(), PROT_READ | PROT_WRITE,
	    MAP_SHARED | MAP_ANONYMOUS, -1, 0);

	return page == MAP_FAILED ? NULL : page;
}

void
counters_unmap(struct counters **counters)
{
	if (*counters != NULL)
		munmap(*counters, page_bytes());
	*counters = NULL;
}

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
counters_note_progress(struct counters *counters)
{
	counter_step(&counters->progress, 1);
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
