/* SPDX-License-Identifier: MIT */
/* fuzz.h - what all fuzz targets share: a check that ends the run, and pieces
 * of bytes to feed a parser with. */

#ifndef FUZZ_H
#define FUZZ_H

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/span.h"

/* The one entry point, of libFuzzer and of harness.c alike. */
int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length);

#define FUZZ_CHECK(condition) \
	((condition) ? (void)0 : fuzz_fail(__FILE__, __LINE__, #condition))

static inline void
fuzz_fail(const char *file, int line, const char *what)
{
	fprintf(stderr, "%s:%d: %s\n", file, line, what);
	abort();
}

/* splitmix64: any state will do, also 0. */
static inline uint64_t
fuzz_random(uint64_t *state)
{
	uint64_t number = *state += 0x9e3779b97f4a7c15;

	number = (number ^ number >> 30) * 0xbf58476d1ce4e5b9;
	number = (number ^ number >> 27) * 0x94d049bb133111eb;
	return number ^ number >> 31;
}

/* Below `limit`, which is not 0. */
static inline size_t
fuzz_random_below(uint64_t *state, size_t limit)
{
	return (size_t)(fuzz_random(state) % limit);
}

/* FNV-1a: each input is cut in ways of its own, always the same ones. */
static inline uint64_t
fuzz_hash(struct span input)
{
	uint64_t hash = 0xcbf29ce484222325;

	for (size_t i = 0; i < input.length; i++)
		hash = (hash ^ input.bytes[i]) * 0x100000001b3;
	return hash;
}

/* How to cut an input: whole, byte by byte, or at random. */
enum fuzz_cut { FUZZ_WHOLE, FUZZ_BYTES, FUZZ_FEW, FUZZ_MANY, FUZZ_CUTS };

/* The length of the next piece: more than 0 where anything is left, but for
 * the random cuts, which also try empty pieces. */
static inline size_t
fuzz_piece(enum fuzz_cut cut, uint64_t *state, size_t left)
{
	size_t most = cut == FUZZ_FEW ? left : 7;

	if (cut == FUZZ_WHOLE || left == 0)
		return left;
	if (cut == FUZZ_BYTES)
		return 1;
	return fuzz_random_below(state, (most < left ? most : left) + 1);
}

/* A copy in a block of its own, so that a sanitizer catches a look beyond it,
 * or back to it once it is freed. The caller frees it. */
static inline unsigned char *
fuzz_copy(struct span piece)
{
	unsigned char *block = malloc(piece.length + 1);

	if (block == NULL)
		abort();
	memcpy(block + 1, piece.bytes, piece.length);
	return block;
}

#endif
