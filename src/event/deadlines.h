/* SPDX-License-Identifier: MIT */
/* deadlines.h - a binary heap of deadlines: which one comes first. */

#ifndef DEADLINES_H
#define DEADLINES_H

#include <stddef.h>
#include <stdint.h>

#define DEADLINE_NEVER INT64_MAX

/* Embedded in the structure that has a deadline. */
struct deadline {
	int64_t at_ms;
	size_t place; /* in the heap */
};

struct deadlines {
	struct deadline **heap; /* owned; its entries are not */
	size_t count;
	size_t capacity;
};

/* All bytes 0 is an empty heap. */
void deadlines_clear(struct deadlines *deadlines);

/* Makes sure that one more fits; 0, or -1 with errno. */
int deadlines_reserve(struct deadlines *deadlines);

/* Its place has been reserved; it is in no heap. */
void deadlines_add(
    struct deadlines *deadlines, struct deadline *deadline, int64_t at_ms);
void deadlines_move(
    struct deadlines *deadlines, struct deadline *deadline, int64_t at_ms);
void deadlines_remove(struct deadlines *deadlines, struct deadline *deadline);

/* The earliest, or NULL. */
struct deadline *deadlines_first(const struct deadlines *deadlines);

#endif
