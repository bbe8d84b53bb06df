/* deadlines.h - which connection has to be looked at next, and when: a binary
 * heap. */

#ifndef DEADLINES_H
#define DEADLINES_H

#include <stddef.h>
#include <stdint.h>

#define DEADLINE_NEVER INT64_MAX

/* Embedded in what has a deadline. */
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

/* Makes room for one more than there are; 0, or -1 with errno. */
int deadlines_reserve(struct deadlines *deadlines);

/* The room has been reserved. */
void deadlines_add(
    struct deadlines *deadlines, struct deadline *deadline, int64_t at_ms);
void deadlines_move(
    struct deadlines *deadlines, struct deadline *deadline, int64_t at_ms);
void deadlines_remove(struct deadlines *deadlines, struct deadline *deadline);

/* The earliest, or NULL. */
struct deadline *deadlines_first(const struct deadlines *deadlines);

#endif
