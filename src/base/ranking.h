/* SPDX-License-Identifier: MIT */
/* ranking.h - keeps those of many that have the largest keys: a heap of bounded
 * size, whose owner keeps what belongs to a key in the slot that it is told.
 * Pure. Worker and status process. */

#ifndef RANKING_H
#define RANKING_H

#include <stdbool.h>
#include <stdint.h>

enum { RANKING_MAX = 1000 };

struct ranking {
	unsigned count; /* slots that are in use, from the first on */
	unsigned max;
	struct ranked {
		uint64_t key;
		unsigned slot;
	} heap[RANKING_MAX]; /* the first has the least key */
};

/* Empty, for as many as `max`, which is RANKING_MAX at most. */
void ranking_begin(struct ranking *ranking, unsigned max);

/* True if it is among the largest so far: *slot is then its slot, where another
 * one may have been, which has a smaller key. */
bool ranking_offer(struct ranking *ranking, uint64_t key, unsigned *slot);

/* Sorts the heap, the largest key first; of equal keys the lower slot. Nothing
 * may be offered from then on. */
void ranking_sort(struct ranking *ranking);

#endif
