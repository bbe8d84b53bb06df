/* pending_test.c - the list of pending connections and its bound. */

#include "worker/pending.h"

#include <stddef.h>

#include "check.h"
#include "event/deadlines.h"

enum { ENTRIES = 100 };

/* Of clients with one entry each, but where a test says otherwise. */
static struct pending_entry entries[ENTRIES];
static unsigned clients[ENTRIES];

static void
fill(struct pending *pending, unsigned count)
{
	*pending = (struct pending){ 0 };
	for (unsigned i = 0; i < ENTRIES; i++)
		clients[i] = 0;
	for (unsigned i = 0; i < count; i++) {
		entries[i].of_client = &clients[i];
		pending_add(pending, &entries[i], 1000 + i);
	}
}

static void
the_oldest_comes_first_whichever_leaves(void)
{
	struct pending pending;

	fill(&pending, 4);
	CHECK(pending.oldest == &entries[0]);
	pending_remove(&pending, &entries[2]);
	pending_remove(&pending, &entries[0]);
	CHECK(pending.oldest == &entries[1]);
	CHECK(pending.oldest->next == &entries[3]);
	CHECK(pending.youngest == &entries[3]);
	pending_remove(&pending, &entries[3]);
	pending_remove(&pending, &entries[1]);
	CHECK(pending.oldest == NULL && pending.youngest == NULL);
	CHECK(pending.count == 0);
}

static void
the_bound_is_three_quarters_of_the_limit(void)
{
	static const struct row {
		const char *words;
		unsigned limit;
		unsigned count;
		int64_t now_ms;
		bool has_capacity;
		int64_t due_ms;
		bool evicts;
	} rows[] = {
		{ "empty", 100, 0, 1000, true, DEADLINE_NEVER, false },
		{ "below", 100, 74, 1000, true, DEADLINE_NEVER, false },
		{ "at it, young", 100, 75, 5999, false, 6000, true },
		{ "at it, old", 100, 75, 6000, true, 6000, true },
		{ "above it", 100, 80, 6000, true, 6000, true },
		{ "smallest bounded limit", 64, 48, 1000, false, 6000, true },
		{ "small limit", 63, 63, 1000, true, DEADLINE_NEVER, false },
	};

	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		const struct row *row = &rows[i];
		struct pending pending;

		fill(&pending, row->count);
		CHECK_ROW(pending_has_capacity(&pending, row->limit,
			      row->now_ms) == row->has_capacity,
		    row->words);
		CHECK_ROW(pending_due_ms(&pending, row->limit) == row->due_ms,
		    row->words);
		CHECK_ROW(pending_to_evict(&pending, row->limit) ==
			(row->evicts ? &entries[0] : NULL),
		    row->words);
	}
}

static void
the_client_with_most_entries_loses_its_oldest(void)
{
	struct pending pending;

	fill(&pending, 75);
	CHECK(pending_to_evict(&pending, 100) == &entries[0]);
	for (unsigned i = 40; i < 43; i++) {
		pending_remove(&pending, &entries[i]);
		entries[i].of_client = &clients[50];
		pending_add(&pending, &entries[i], 2000);
	}
	CHECK(clients[50] == 4);
	CHECK(pending_to_evict(&pending, 100) == &entries[50]);
	CHECK(pending_due_ms(&pending, 100) == 1050 + 5000);
	for (unsigned i = 40; i < 43; i++)
		pending_remove(&pending, &entries[i]);
	CHECK(clients[50] == 1);
	CHECK(pending_to_evict(&pending, 90) == &entries[0]);
}

int
main(void)
{
	RUN(the_oldest_comes_first_whichever_leaves);
	RUN(the_client_with_most_entries_loses_its_oldest);
	RUN(the_bound_is_three_quarters_of_the_limit);
	return check_report();
}
