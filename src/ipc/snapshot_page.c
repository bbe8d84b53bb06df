/* SPDX-License-Identifier: MIT */
#include "ipc/snapshot_page.h"

#include <stdatomic.h>
#include <stddef.h>
#include <sys/mman.h>

#include "ipc/shared_words.h"

enum {
	TRIES = 4, /* two publications during a copy are two seconds of sleep */
	SLOTS = 2,
	SLOT_WORDS = SHARED_WORDS(sizeof(struct snapshot)),
};

struct snapshot_page {
	_Atomic uint32_t begun; /* publications */
	_Atomic uint32_t published; /* 0: none; the last is in its slot */
	_Atomic uint32_t slots[SLOTS][SLOT_WORDS];
};

struct snapshot_page *
snapshot_map(void)
{
	void *page = mmap(NULL, sizeof(struct snapshot_page),
	    PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);

	return page == MAP_FAILED ? NULL : page;
}

void
snapshot_unmap(struct snapshot_page **page)
{
	if (*page != NULL)
		munmap(*page, sizeof **page);
	*page = NULL;
}

/* A reader that sees a word of this snapshot sees `begun` as well, by the
 * fences here and there. */
void
snapshot_publish(struct snapshot_page *page, const struct snapshot *new)
{
	uint32_t number =
	    atomic_load_explicit(&page->published, memory_order_relaxed) + 1;

	atomic_store_explicit(&page->begun, number, memory_order_relaxed);
	atomic_thread_fence(memory_order_release);
	shared_words_store(page->slots[number % SLOTS], new, sizeof *new);
	atomic_store_explicit(&page->published, number, memory_order_release);
}

/* Its slot is overwritten by the second publication that follows. */
static bool
try_to_read(struct snapshot_page *page, struct snapshot *copy)
{
	uint32_t number =
	    atomic_load_explicit(&page->published, memory_order_acquire);
	uint32_t begun;

	shared_words_load(copy, page->slots[number % SLOTS], sizeof *copy);
	atomic_thread_fence(memory_order_acquire);
	begun = atomic_load_explicit(&page->begun, memory_order_relaxed);
	return number != 0 && begun - number < SLOTS;
}

bool
snapshot_read(struct snapshot_page *page, struct snapshot *copy)
{
	unsigned tries = 0;

	while (tries < TRIES && !try_to_read(page, copy))
		tries++;
	return tries < TRIES;
}
