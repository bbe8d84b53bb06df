/* SPDX-License-Identifier: MIT */
#include "ipc/snapshot_page.h"

#include <stdatomic.h>
#include <stddef.h>
#include <string.h>
#include <sys/mman.h>

enum {
	TRIES = 4, /* two publications during a copy are two seconds of sleep */
	SLOTS = 2,
	SLOT_WORDS = (sizeof(struct snapshot) + 3) / 4,
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

static size_t
word_bytes(size_t word)
{
	size_t left = sizeof(struct snapshot) - word * sizeof(uint32_t);

	return left < sizeof(uint32_t) ? left : sizeof(uint32_t);
}

static void
store_words(_Atomic uint32_t *words, const struct snapshot *snapshot)
{
	const unsigned char *bytes = (const unsigned char *)snapshot;

	for (size_t i = 0; i < SLOT_WORDS; i++) {
		uint32_t word = 0;

		memcpy(&word, bytes + i * sizeof word, word_bytes(i));
		atomic_store_explicit(&words[i], word, memory_order_relaxed);
	}
}

static void
load_words(struct snapshot *snapshot, _Atomic uint32_t *words)
{
	unsigned char *bytes = (unsigned char *)snapshot;

	for (size_t i = 0; i < SLOT_WORDS; i++) {
		uint32_t word =
		    atomic_load_explicit(&words[i], memory_order_relaxed);

		memcpy(bytes + i * sizeof word, &word, word_bytes(i));
	}
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
	store_words(page->slots[number % SLOTS], new);
	atomic_store_explicit(&page->published, number, memory_order_release);
}

/* Its slot is overwritten by the second publication that follows. */
static bool
try_to_read(struct snapshot_page *page, struct snapshot *copy)
{
	uint32_t number =
	    atomic_load_explicit(&page->published, memory_order_acquire);
	uint32_t begun;

	load_words(copy, page->slots[number % SLOTS]);
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
