/* silent_test.c - when connections of this host to one destination are a loop.
 */

#include "worker/silent.h"

#include <string.h>

#include "check.h"

static struct silent silent;
static struct connection {
	struct silent_entry entry;
	bool answered;
} connections[SILENT_MAX + 2];

static bool
has_answer(const struct silent_entry *entry)
{
	return ((const struct connection *)entry)->answered;
}

static void
begin(void)
{
	memset(&silent, 0, sizeof silent);
	memset(connections, 0, sizeof connections);
}

static bool
add(unsigned index, const char *text, uint16_t port)
{
	struct address destination;

	CHECK(address_parse(&destination, text, port));
	return silent_add(
	    &silent, &connections[index].entry, &destination, has_answer);
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
	CHECK(connections[SILENT_MAX].entry.link == NULL);
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
		connections[places[i]].answered = true;
		CHECK(add(SILENT_MAX, "192.0.2.1", 443));
		CHECK(!add(SILENT_MAX + 1, "192.0.2.1", 443));
		silent_remove(&connections[places[i]].entry);
		CHECK(!add(SILENT_MAX + 1, "192.0.2.1", 443));
		silent_remove(&connections[SILENT_MAX].entry);
		CHECK(add(SILENT_MAX + 1, "192.0.2.1", 443));
	}
}

static void
all_can_be_removed_in_any_order(void)
{
	begin();
	add_most("192.0.2.1");
	for (unsigned i = 0; i < SILENT_MAX; i++)
		silent_remove(&connections[i * 37 % SILENT_MAX].entry);
	for (unsigned i = 0; i < SILENT_BUCKETS; i++)
		CHECK(silent.buckets[i] == NULL);
}

int
main(void)
{
	RUN(as_many_to_one_destination_are_a_loop);
	RUN(others_do_not_count);
	RUN(a_connection_that_was_answered_or_ended_does_not_count);
	RUN(all_can_be_removed_in_any_order);
	return check_report();
}
