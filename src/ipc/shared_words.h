/* SPDX-License-Identifier: MIT */
/* shared_words.h - copies into and out of memory that another process reads or
 * writes meanwhile. A copy may be half old, half new, but it is read once: what
 * was checked does not change. */

#ifndef SHARED_WORDS_H
#define SHARED_WORDS_H

#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>

/* So many words hold as many bytes. */
#define SHARED_WORDS(bytes) (((bytes) + 3) / 4)

void shared_words_store(
    _Atomic uint32_t *words, const void *source, size_t bytes);
void shared_words_load(void *copy, const _Atomic uint32_t *words, size_t bytes);

#endif
