/* SPDX-License-Identifier: MIT */
/* silent_test.c - when connections of this host to one destination are a loop,
 * in one worker and in all. */

#include "worker/silent.h"

#include <string.h>

#include "check.h"

enum { WORKERS = 3 };

static struct client_counts counts;
static struct client_view views[WORKERS];
static struct silent workers[WORKERS];
static struct silent_entry entries[SILENT_MAX + 2];

static void
begin(void)
{
	if (counts.writable == NULL)
		CHECK(client_counts_map(&counts) == 0);
	for (unsigned i = 0; i < WORKERS; i++) {
		client_table_clear(&counts.writable[i]);
		views[i] = (struct client_view){ &counts.writable[i],
			counts.readable, WORKERS, i };
		silent_init(&workers[i], &views[i]);
	}
	memset(entries, 0, sizeof entries);
}

static bool
add_to(unsigned worker, unsigned index, const char *text, uint16_t port)
{
	struct address destination;

	CHECK(address_parse(&destination, text, port));
	return silent_add(&workers[worker], &entries[index], &destination);
}

static bool
add(unsigned index, const char *text, uint16_t port)
{
	return add_to(0, index, text, port);
}

static void
add_most(const char *text)
{
	for (unsigned i = 0; i < SILENT_MAX; i++)
		CHECK(add(i, text, 443));
}

static void
as_many_to_one_destination_are_a_loop(void)
{
	begin();
	add_most("192.0.2.1");
	CHECK(!add(SILENT_MAX, "192.0.2.1", 443));
	CHECK(!silent_has(&entries[SILENT_MAX]));
	begin();
	add_most("2001:db8::1");
	CHECK(!add(SILENT_MAX, "2001:db8::1", 443));
	CHECK(add(SILENT_MAX, "2001:db8::2", 443));
}

static void
others_do_not_count(void)
{
	begin();
	add_most("192.0.2.1");
	CHECK(add(SILENT_MAX, "192.0.2.1", 80));
	CHECK(add(SILENT_MAX + 1, "192.0.2.2", 443));
}

/* Neither the first, nor the last, nor one between them. */
static void
a_connection_that_was_answered_or_ended_does_not_count(void)
{
	static const unsigned places[] = { 0, 1, SILENT_MAX / 2,
		SILENT_MAX - 1 };

	for (size_t i = 0; i < sizeof places / sizeof places[0]; i++) {
		begin();
		add_most("192.0.2.1");
		silent_remove(&workers[0], &entries[places[i]]);
		CHECK(!silent_has(&entries[places[i]]));
		CHECK(add(SILENT_MAX, "192.0.2.1", 443));
		CHECK(!add(SILENT_MAX + 1, "192.0.2.1", 443));
		silent_remove(&workers[0], &entries[places[i]]);
		CHECK(!add(SILENT_MAX + 1, "192.0.2.1", 443));
		silent_remove(&workers[0], &entries[SILENT_MAX]);
		CHECK(add(SILENT_MAX + 1, "192.0.2.1", 443));
	}
}

static void
all_can_be_removed_in_any_order(void)
{
	begin();
	add_most("192.0.2.1");
	for (unsigned i = 0; i < SILENT_MAX; i++)
		silent_remove(&workers[0], &entries[i * 37 % SILENT_MAX]);
	for (unsigned i = 0; i < SILENT_BUCKETS; i++)
		CHECK(workers[0].buckets[i] == NULL);
	for (unsigned i = 0; i < CLIENT_ENTRIES; i++)
		CHECK(counts.readable[0].entries[i].open == 0);
}

static void
those_of_all_workers_count(void)
{
	begin();
	for (unsigned i = 0; i < SILENT_MAX; i++)
		CHECK(add_to(i % WORKERS, i, "192.0.2.1", 443));
	for (unsigned i = 0; i < WORKERS; i++) {
		CHECK(!add_to(i, SILENT_MAX, "192.0.2.1", 443));
		CHECK(add_to(i, SILENT_MAX, "192.0.2.2", 443));
		silent_remove(&workers[i], &entries[SILENT_MAX]);
	}
	silent_remove(&workers[1], &entries[1]);
	CHECK(add_to(2, SILENT_MAX, "192.0.2.1", 443));
	CHECK(!add_to(0, 1, "192.0.2.1", 443));
}

/* As the master does with the table of a worker that died. */
static void
those_of_a_dead_worker_do_not_count(void)
{
	begin();
	add_most("192.0.2.1");
	CHECK(!add_to(1, SILENT_MAX, "192.0.2.1", 443));
	client_table_clear(&counts.writable[0]);
	CHECK(add_to(1, SILENT_MAX, "192.0.2.1", 443));
}

/* The number of connections to all destinations, or of clients. */
static void
a_table_claims_no_more_than_its_worker_may_have(void)
{
	struct client_table *own = &counts.writable[0];

	begin();
	add_most("192.0.2.1");
	CHECK(!client_table_exceeds(own, SILENT_MAX));
	CHECK(client_table_exceeds(own, SILENT_MAX - 1));
	client_entry_set(client_table_find_free(own, 1), 1, SILENT_MAX);
	CHECK(!client_table_exceeds(own, SILENT_MAX));
	client_entry_set(client_table_find_free(own, 2), 2, 1);
	CHECK(client_table_exceeds(own, SILENT_MAX));
}

/* There was no memory for the tables, or the worker drains. */
static void
without_a_table_a_worker_counts_alone(void)
{
	begin();
	views[0] = (struct client_view){ .own = NULL };
	add_most("192.0.2.1");
	CHECK(!add(SILENT_MAX, "192.0.2.1", 443));
	CHECK(add_to(1, SILENT_MAX, "192.0.2.1", 443));
	silent_remove(&workers[0], &entries[0]);
	CHECK(add(0, "192.0.2.1", 443));
}

int
main(void)
{
	RUN(as_many_to_one_destination_are_a_loop);
	RUN(others_do_not_count);
	RUN(a_connection_that_was_answered_or_ended_does_not_count);
	RUN(all_can_be_removed_in_any_order);
	RUN(those_of_all_workers_count);
	RUN(those_of_a_dead_worker_do_not_count);
	RUN(a_table_claims_no_more_than_its_worker_may_have);
	RUN(without_a_table_a_worker_counts_alone);
	return check_report();
}
