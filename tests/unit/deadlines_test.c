/* SPDX-License-Identifier: MIT */
/* deadlines_test.c - the heap always gives the earliest. */

#include "event/deadlines.h"

#include <stdlib.h>

#include "check.h"

enum { COUNT = 300 };

static struct deadline entries[COUNT];
static bool present[COUNT];

static int64_t
earliest(void)
{
	int64_t least = DEADLINE_NEVER;

	for (int i = 0; i < COUNT; i++) {
		if (present[i] && entries[i].at_ms < least)
			least = entries[i].at_ms;
	}
	return least;
}

static void
the_first_is_the_earliest_after_any_change(void)
{
	struct deadlines deadlines = { 0 };

	srandom(7);
	CHECK(deadlines_first(&deadlines) == NULL);
	for (int i = 0; i < 20000; i++) {
		int which = (int)(random() % COUNT);
		int64_t at_ms = random() % 1000;

		if (!present[which]) {
			CHECK(deadlines_reserve(&deadlines) == 0);
			deadlines_add(&deadlines, &entries[which], at_ms);
			present[which] = true;
		} else if (random() % 3 == 0) {
			deadlines_remove(&deadlines, &entries[which]);
			present[which] = false;
		} else {
			deadlines_move(&deadlines, &entries[which], at_ms);
		}
		if (deadlines.count > 0)
			CHECK(deadlines_first(&deadlines)->at_ms == earliest());
	}
	deadlines_clear(&deadlines);
}

int
main(void)
{
	RUN(the_first_is_the_earliest_after_any_change);
	return check_report();
}
