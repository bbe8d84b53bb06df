/* dial_test.c - the order in which addresses are tried, and for how long. */

#include "worker/dial.h"

#include <stddef.h>

#include "check.h"
#include "worker/upstream.h"

static void
fill(struct upstream *upstream, unsigned count, unsigned preferred)
{
	*upstream = (struct upstream){
		.addresses = { .count = count },
		.preferred = preferred,
	};
}

static void
each_address_is_tried_once_from_the_preferred_one_on(void)
{
	struct upstream upstream;

	for (unsigned count = 0; count <= UPSTREAM_ADDRESSES_MAX; count++) {
		for (unsigned first = 0; first == 0 || first < count; first++) {
			struct dial dial = { .until_ms = 1000 };

			fill(&upstream, count, first);
			for (unsigned i = 0; i < count; i++)
				CHECK(dial_next(&dial, &upstream, 0) ==
				    &upstream.addresses
					 .list[(first + i) % count]);
			CHECK(dial_next(&dial, &upstream, 0) == NULL);
		}
	}
}

static void
the_time_is_shared_equally(void)
{
	static const struct row {
		const char *words;
		unsigned count;
		unsigned attempt; /* 1 for the first */
		int64_t now_ms;
		int64_t give_up_ms; /* 0: no address is tried any more */
	} rows[] = {
		{ "one address has all of it", 1, 1, 0, 9000 },
		{ "the first of three", 3, 1, 0, 3000 },
		{ "the second, after its share", 3, 2, 3000, 6000 },
		{ "the second, after a refusal", 3, 2, 100, 4550 },
		{ "the last has the rest", 3, 3, 100, 9000 },
		{ "shares are rounded up", 2, 1, 8999, 9000 },
		{ "the time is over", 3, 2, 9000, 0 },
	};

	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		const struct row *row = &rows[i];
		struct dial dial = { .until_ms = 9000 };
		struct upstream upstream;
		const struct address *address = NULL;

		fill(&upstream, row->count, 0);
		for (unsigned n = 1; n <= row->attempt; n++)
			address = dial_next(&dial, &upstream,
			    n == row->attempt ? row->now_ms : 0);
		CHECK_ROW(
		    (address != NULL) == (row->give_up_ms != 0), row->words);
		if (address != NULL)
			CHECK_ROW(dial_give_up_ms(&dial, &upstream,
				      row->now_ms) == row->give_up_ms,
			    row->words);
	}
}

int
main(void)
{
	RUN(each_address_is_tried_once_from_the_preferred_one_on);
	RUN(the_time_is_shared_equally);
	return check_report();
}
