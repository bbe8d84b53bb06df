/* SPDX-License-Identifier: MIT */
/* heavy_clients_test.c - who uses most, in a table of few entries. */

#include "ipc/heavy_clients.h"

#include <string.h>

#include "base/address.h"
#include "check.h"
#include "ipc/client_key.h"

static struct heavy_clients clients;

static void
add(uint64_t key, uint64_t sent)
{
	const struct client_use use = { .accepted = 1, .sent = sent };
	unsigned place = HEAVY_CLIENTS;

	heavy_clients_add(&clients, key, &place, &use);
}

/* Whether the table has the client, and what it counted. */
static bool
has(uint64_t wanted, struct client_use *use)
{
	for (unsigned i = 0; i < HEAVY_CLIENTS; i++) {
		uint32_t changes;
		uint64_t key;

		if (heavy_client_read(&clients.list[i], &changes, &key, use) &&
		    key == wanted)
			return true;
	}
	return false;
}

static void
few_clients_are_counted_exactly(void)
{
	struct client_use use;
	unsigned place = 0;

	clients = (struct heavy_clients){ .keys = { 0 } };
	CHECK(!has(1, &use));
	for (uint64_t key = 1; key <= HEAVY_CLIENTS; key++) {
		for (unsigned i = 0; i < 3; i++)
			heavy_clients_add(&clients, key, &place,
			    &(struct client_use){ 1, i == 0, key, 5 });
	}
	for (uint64_t key = 1; key <= HEAVY_CLIENTS; key++) {
		CHECK(has(key, &use));
		CHECK(use.accepted == 3 && use.failed == 1);
		CHECK(use.sent == 3 * key && use.received == 15);
	}
}

/* One of 20,000 light clients has the lightest entry at any moment; those that
 * use more than a 64th of all stay. */
static void
the_heaviest_stay_among_thousands(void)
{
	struct client_use use;

	clients = (struct heavy_clients){ .keys = { 0 } };
	for (uint64_t i = 0; i < 20000; i++) {
		add(1000 + i, 100);
		if (i % 10 == 0)
			add(1 + i / 10 % 8, 3000);
	}
	for (uint64_t key = 1; key <= 8; key++) {
		CHECK(has(key, &use));
		CHECK(use.accepted == 2000 / 8 && use.sent == 2000 / 8 * 3000);
	}
}

static void
a_new_client_in_an_entry_shows_and_starts_at_nothing(void)
{
	struct client_use use;
	uint32_t before, after;
	uint64_t key;

	clients = (struct heavy_clients){ .keys = { 0 } };
	for (uint64_t i = 0; i < HEAVY_CLIENTS; i++)
		add(1 + i, 1000 + i);
	CHECK(heavy_client_read(&clients.list[0], &before, &key, &use));
	CHECK(key == 1 && use.sent == 1000);
	add(500, 7);
	CHECK(heavy_client_read(&clients.list[0], &after, &key, &use));
	CHECK(key == 500 && use.sent == 7 && use.accepted == 1);
	CHECK(after != before);
	add(501, 1); /* not the one that has just come: it inherits */
	CHECK(has(500, &use));
	CHECK(!has(2, &use));
}

static void
an_entry_that_changes_is_not_read(void)
{
	struct client_use use;
	uint32_t changes;
	uint64_t key;

	clients = (struct heavy_clients){ .keys = { 0 } };
	add(1, 10);
	counter_begin_change(&clients.list[0].changes);
	CHECK(!heavy_client_read(&clients.list[0], &changes, &key, &use));
	counter_end_change(&clients.list[0].changes);
	CHECK(heavy_client_read(&clients.list[0], &changes, &key, &use));
}

static void
a_key_is_shown_as_the_address_or_network(void)
{
	static const struct {
		const char *address, *wanted;
	} rows[] = {
		{ "192.0.2.1", "192.0.2.1" },
		{ "255.255.255.255", "255.255.255.255" },
		{ "2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64" },
		{ "2001:db8::1", "2001:db8::/64" },
		{ "fe80::1", "fe80::/64" },
		{ "fd12:3456:789a:bcde::1", "fd12:3456:789a:bcde::/64" },
	};
	char text[ADDRESS_TEXT_SIZE];
	struct address address;

	for (unsigned i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		CHECK(address_parse(&address, rows[i].address, 0));
		CHECK_ROW(strcmp(client_key_text(client_key(&address), text),
			      rows[i].wanted) == 0,
		    rows[i].wanted);
	}
	CHECK(address_parse(&address, "fe80::1", 0));
	address.v6.sin6_scope_id = 1;
	CHECK(strcmp(client_key_text(client_key(&address), text),
		  "fe80::%lo/64") == 0);
	address.v6.sin6_scope_id = UINT32_MAX; /* no interface has it */
	CHECK(strcmp(client_key_text(client_key(&address), text),
		  "fe80::%4294967295/64") == 0);
	for (unsigned i = 0; i < 64; i++)
		CHECK(client_key_text(UINT64_C(1) << i, text)[0] != '\0');
}

int
main(void)
{
	RUN(few_clients_are_counted_exactly);
	RUN(the_heaviest_stay_among_thousands);
	RUN(a_new_client_in_an_entry_shows_and_starts_at_nothing);
	RUN(an_entry_that_changes_is_not_read);
	RUN(a_key_is_shown_as_the_address_or_network);
	return check_report();
}
