/* SPDX-License-Identifier: MIT */
/* cuts.h - checks that a parser says the same, at the same byte, however its
 * bytes are cut into pieces. */

#ifndef CUTS_H
#define CUTS_H

#include <stdlib.h>
#include <string.h>

#include "base/span.h"
#include "check.h"

#define TEXT(literal)                                                 \
	{                                                             \
		(const unsigned char *)(literal), sizeof(literal) - 1 \
	}

/* Whether the parser is right about a row of the caller's whose bytes come as
 * a piece of `first` bytes and then in pieces of `step`. */
typedef bool cut_check(
    const void *row, struct span bytes, size_t first, size_t step);

/* Whole, byte by byte, and at every split in two. `taken` goes up to the byte
 * that decides, `behind` is what follows. */
static void
check_cuts(const char *title, struct span taken, struct span behind,
    cut_check *is_right, const void *row)
{
	size_t length = taken.length + behind.length;
	unsigned char *joined = malloc(length + 1);
	struct span bytes = span_of(joined, length);
	size_t split = 0;

	if (joined == NULL)
		abort();
	memcpy(joined, taken.bytes, taken.length);
	memcpy(joined + taken.length, behind.bytes, behind.length);
	CHECK_ROW(is_right(row, bytes, length, 1), title);
	CHECK_ROW(is_right(row, bytes, 1, 1), title);
	while (split < length && is_right(row, bytes, split, length))
		split++;
	CHECK_ROW(split == length, title);
	free(joined);
}

#endif
