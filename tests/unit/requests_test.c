/* SPDX-License-Identifier: MIT */
/* requests_test.c - the requests that wait for an upstream's answer. */

#include "worker/requests.h"

#include <stddef.h>

#include "check.h"
#include "event/deadlines.h"

enum { COUNT = 4 };

static void
the_oldest_is_known_whichever_leaves(void)
{
	static const unsigned orders[][COUNT] = {
		{ 0, 1, 2, 3 },
		{ 3, 2, 1, 0 },
		{ 1, 0, 3, 2 },
		{ 2, 3, 0, 1 },
	};

	for (size_t order = 0; order < sizeof orders / sizeof orders[0];
	     order++) {
		struct requests requests = { 0 };
		struct request list[COUNT] = { { 0 } };
		struct upstream_counters counters = { 0 };

		for (unsigned i = 0; i < COUNT; i++)
			requests_add(&requests, &list[i], &counters, 100 + i);
		for (unsigned i = 0; i < COUNT; i++) {
			unsigned first = 0;

			while (!list[first].is_waiting)
				first++;
			CHECK(requests_oldest_ms(&requests) == 100 + first);
			CHECK(counter_now(&counters.oldest_ms) == 100 + first);
			CHECK(counter_now(&counters.waiting) == COUNT - i);
			requests_remove(
			    &requests, &list[orders[order][i]], &counters);
			requests_remove(
			    &requests, &list[orders[order][i]], &counters);
		}
		CHECK(requests_oldest_ms(&requests) == DEADLINE_NEVER);
		CHECK(counter_now(&counters.waiting) == 0);
	}
}

int
main(void)
{
	RUN(the_oldest_is_known_whichever_leaves);
	return check_report();
}
