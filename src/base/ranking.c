/* SPDX-License-Identifier: MIT */
#include "base/ranking.h"

#include <assert.h>
#include <stdlib.h>

void
ranking_begin(struct ranking *ranking, unsigned max)
{
	assert(max <= RANKING_MAX);
	ranking->count = 0;
	ranking->max = max;
}

static void
swap(struct ranked *a, struct ranked *b)
{
	struct ranked was = *a;

	*a = *b;
	*b = was;
}

static void
sift_up(struct ranked *heap, unsigned place)
{
	while (place > 0 && heap[place].key < heap[(place - 1) / 2].key) {
		swap(&heap[place], &heap[(place - 1) / 2]);
		place = (place - 1) / 2;
	}
}

static void
sift_down(struct ranked *heap, unsigned count)
{
	unsigned place = 0, child;

	while ((child = 2 * place + 1) < count) {
		if (child + 1 < count && heap[child + 1].key < heap[child].key)
			child++;
		if (heap[place].key <= heap[child].key)
			return;
		swap(&heap[place], &heap[child]);
		place = child;
	}
}

bool
ranking_offer(struct ranking *ranking, uint64_t key, unsigned *slot)
{
	if (ranking->count < ranking->max) {
		*slot = ranking->count;
		ranking->heap[ranking->count] = (struct ranked){ key, *slot };
		sift_up(ranking->heap, ranking->count++);
		return true;
	}
	if (ranking->count == 0 || key <= ranking->heap[0].key)
		return false;
	*slot = ranking->heap[0].slot;
	ranking->heap[0].key = key;
	sift_down(ranking->heap, ranking->count);
	return true;
}

static int
compare(const void *a, const void *b)
{
	const struct ranked *left = a, *right = b;

	if (left->key != right->key)
		return left->key > right->key ? -1 : 1;
	return left->slot < right->slot ? -1 : left->slot > right->slot;
}

void
ranking_sort(struct ranking *ranking)
{
	qsort(ranking->heap, ranking->count, sizeof ranking->heap[0], compare);
}
