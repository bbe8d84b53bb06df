/* SPDX-License-Identifier: MIT */
/* pending_test.c - the list of pending connections and its bound. */

#include "worker/pending.h"

#include <stddef.h>
#include <stdlib.h>

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

static const struct pending_entry *
oldest_of_the_client_with_most(const struct pending *pending)
{
	const struct pending_entry *found = pending->oldest;

	for (const struct pending_entry *entry = found; entry != NULL;
	     entry = entry->next) {
		if (*entry->of_client > *found->of_client)
			found = entry;
	}
	return found;
}

/* Entries come and go at random, of a few clients. */
static void
the_entry_to_evict_is_right_whatever_came_before(void)
{
	static bool is_in[ENTRIES];
	enum { STEPS = 20000, CLIENTS = 7, LIMIT = 64 };
	struct pending pending;
	unsigned looked = 0;

	fill(&pending, 0);
	srand(1);
	for (unsigned step = 0; step < STEPS; step++) {
		unsigned i = (unsigned)rand() % ENTRIES;

		if (is_in[i]) {
			pending_remove(&pending, &entries[i]);
		} else {
			entries[i].of_client =
			    &clients[(unsigned)rand() % CLIENTS];
			pending_add(&pending, &entries[i], step);
		}
		is_in[i] = !is_in[i];
		if (rand() % 3 == 0 || pending.count < LIMIT - LIMIT / 4)
			continue;
		looked++;
		CHECK(pending_to_evict(&pending, LIMIT) ==
		    oldest_of_the_client_with_most(&pending));
	}
	CHECK(looked > STEPS / 10);
}

int
main(void)
{
	RUN(the_oldest_comes_first_whichever_leaves);
	RUN(the_client_with_most_entries_loses_its_oldest);
	RUN(the_entry_to_evict_is_right_whatever_came_before);
	RUN(the_bound_is_three_quarters_of_the_limit);
	return check_report();
}
