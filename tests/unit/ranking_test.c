/* SPDX-License-Identifier: MIT */
/* ranking_test.c - the largest of many, in slots. */

#include "base/ranking.h"

#include <stdlib.h>

#include "check.h"

enum { KEYS = 3000 };

static int
compare(const void *a, const void *b)
{
	const uint64_t *left = a, *right = b;

	return *left > *right ? -1 : *left < *right;
}

/* In rising, falling and any order, with keys that are equal. */
static uint64_t
key_of(unsigned i, unsigned way)
{
	if (way == 0)
		return i;
	if (way == 1)
		return KEYS - i;
	return i * UINT64_C(0x9e3779b97f4a7c15) >> 53;
}

static void
the_largest_are_kept_each_in_its_slot(void)
{
	static const unsigned limits[] = { 1, 2, 7, 100, RANKING_MAX };
	static struct ranking ranking;
	static uint64_t keys[KEYS], slots[RANKING_MAX];

	for (unsigned way = 0; way < 3; way++) {
		for (size_t l = 0; l < sizeof limits / sizeof limits[0]; l++) {
			unsigned slot;

			ranking_begin(&ranking, limits[l]);
			for (unsigned i = 0; i < KEYS; i++) {
				keys[i] = key_of(i, way);
				if (ranking_offer(&ranking, keys[i], &slot))
					slots[slot] = keys[i];
			}
			qsort(keys, KEYS, sizeof keys[0], compare);
			ranking_sort(&ranking);
			CHECK(ranking.count == limits[l]);
			for (unsigned i = 0; i < limits[l]; i++) {
				CHECK(ranking.heap[i].key == keys[i]);
				CHECK(slots[ranking.heap[i].slot] == keys[i]);
			}
		}
	}
}

static void
there_may_be_few_or_no_place(void)
{
	static struct ranking ranking;
	unsigned slot;

	ranking_begin(&ranking, 0);
	CHECK(!ranking_offer(&ranking, UINT64_MAX, &slot));
	ranking_sort(&ranking);
	CHECK(ranking.count == 0);
	ranking_begin(&ranking, 9);
	CHECK(ranking_offer(&ranking, 0, &slot) && slot == 0);
	CHECK(ranking_offer(&ranking, 0, &slot) && slot == 1);
	ranking_sort(&ranking);
	CHECK(ranking.count == 2 && ranking.heap[0].slot == 0);
}

int
main(void)
{
	RUN(the_largest_are_kept_each_in_its_slot);
	RUN(there_may_be_few_or_no_place);
	return check_report();
}
