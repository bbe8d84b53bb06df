/* SPDX-License-Identifier: MIT */
#include "ipc/shared_words.h"

#include <string.h>

static size_t
word_bytes(size_t word, size_t bytes)
{
	size_t left = bytes - word * sizeof(uint32_t);

	return left < sizeof(uint32_t) ? left : sizeof(uint32_t);
}

void
shared_words_store(_Atomic uint32_t *words, const void *source, size_t bytes)
{
	const unsigned char *from = source;

	for (size_t i = 0; i < SHARED_WORDS(bytes); i++) {
		uint32_t word = 0;

		memcpy(&word, from + i * sizeof word, word_bytes(i, bytes));
		atomic_store_explicit(&words[i], word, memory_order_relaxed);
	}
}

void
shared_words_load(void *copy, const _Atomic uint32_t *words, size_t bytes)
{
	unsigned char *to = copy;

	for (size_t i = 0; i < SHARED_WORDS(bytes); i++) {
		uint32_t word =
		    atomic_load_explicit(&words[i], memory_order_relaxed);

		memcpy(to + i * sizeof word, &word, word_bytes(i, bytes));
	}
}
