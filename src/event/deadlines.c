/* SPDX-License-Identifier: MIT */
#include "event/deadlines.h"

#include <assert.h>
#include <stdbool.h>
#include <stdlib.h>

void
deadlines_clear(struct deadlines *deadlines)
{
	free(deadlines->heap);
	*deadlines = (struct deadlines){ 0 };
}

static void
put(struct deadlines *deadlines, size_t place, struct deadline *deadline)
{
	deadlines->heap[place] = deadline;
	deadline->place = place;
}

static bool
is_in(const struct deadlines *deadlines, const struct deadline *deadline)
{
	return deadline->place < deadlines->count &&
	    deadlines->heap[deadline->place] == deadline;
}

static void
sift_up(struct deadlines *deadlines, struct deadline *deadline)
{
	size_t place = deadline->place;

	while (place > 0) {
		size_t parent = (place - 1) / 2;

		if (deadlines->heap[parent]->at_ms <= deadline->at_ms)
			break;
		put(deadlines, place, deadlines->heap[parent]);
		place = parent;
	}
	put(deadlines, place, deadline);
}

static void
sift_down(struct deadlines *deadlines, struct deadline *deadline)
{
	size_t place = deadline->place;

	for (;;) {
		size_t child = place * 2 + 1;

		if (child >= deadlines->count)
			break;
		if (child + 1 < deadlines->count &&
		    deadlines->heap[child + 1]->at_ms <
			deadlines->heap[child]->at_ms)
			child++;
		if (deadlines->heap[child]->at_ms >= deadline->at_ms)
			break;
		put(deadlines, place, deadlines->heap[child]);
		place = child;
	}
	put(deadlines, place, deadline);
}

int
deadlines_reserve(struct deadlines *deadlines)
{
	size_t capacity =
	    deadlines->capacity == 0 ? 64 : deadlines->capacity * 2;
	struct deadline **heap;

	if (deadlines->count < deadlines->capacity)
		return 0;
	heap = reallocarray(deadlines->heap, capacity, sizeof *heap);
	if (heap == NULL)
		return -1;
	deadlines->heap = heap;
	deadlines->capacity = capacity;
	return 0;
}

void
deadlines_add(
    struct deadlines *deadlines, struct deadline *deadline, int64_t at_ms)
{
	assert(deadlines->count < deadlines->capacity);
	deadline->at_ms = at_ms;
	deadline->place = deadlines->count++;
	sift_up(deadlines, deadline);
}

void
deadlines_move(
    struct deadlines *deadlines, struct deadline *deadline, int64_t at_ms)
{
	int64_t before_ms = deadline->at_ms;

	assert(is_in(deadlines, deadline));
	deadline->at_ms = at_ms;
	if (at_ms < before_ms)
		sift_up(deadlines, deadline);
	else
		sift_down(deadlines, deadline);
}

void
deadlines_remove(struct deadlines *deadlines, struct deadline *deadline)
{
	struct deadline *last;

	assert(is_in(deadlines, deadline));
	last = deadlines->heap[--deadlines->count];
	if (last == deadline)
		return;
	put(deadlines, deadline->place, last);
	sift_up(deadlines, last);
	sift_down(deadlines, last);
}

struct deadline *
deadlines_first(const struct deadlines *deadlines)
{
	return deadlines->count > 0 ? deadlines->heap[0] : NULL;
}
