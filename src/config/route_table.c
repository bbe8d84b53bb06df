/* SPDX-License-Identifier: MIT */
#include "config/route_table.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "base/ascii.h"

static uint16_t
earlier(uint16_t a, uint16_t b)
{
	return a < b ? a : b;
}

/* FNV-1a from the last byte to the first, so that one pass over a name has the
 * hash of each of its suffixes on the way. */
#define HASH_BEGIN UINT32_C(0x811c9dc5)

static uint32_t
hash_byte(uint32_t hash, unsigned char byte)
{
	return (hash ^ ascii_lower(byte)) * 0x01000193;
}

static uint32_t
hash_name(const char *name)
{
	uint32_t hash = HASH_BEGIN;

	for (size_t i = strlen(name); i > 0; i--)
		hash = hash_byte(hash, (unsigned char)name[i - 1]);
	return hash;
}

static bool
is_spelt(struct span name, const char *as)
{
	for (size_t i = 0; i < name.length; i++) {
		if (ascii_lower(name.bytes[i]) != (unsigned char)as[i])
			return false;
	}
	return as[name.length] == '\0';
}

/* The name's slot, or the free slot for it. There is always a free slot, as
 * there are twice as many slots as matches. */
static size_t
slot_find(const struct route_table *table, const struct routes *routes,
    struct span name, uint32_t hash)
{
	size_t at = (hash ^ hash >> 16) % ROUTE_SLOTS;

	while (table->names[at].spelt != ROUTE_NONE &&
	    !is_spelt(name, routes->matches[table->names[at].spelt].name))
		at = (at + 1) % ROUTE_SLOTS;
	return at;
}

static void
add_name(struct route_table *table, const struct routes *routes, uint16_t match)
{
	const char *name = routes->matches[match].name;
	struct route_name *slot = &table->names[slot_find(
	    table, routes, span_of(name, strlen(name)), hash_name(name))];

	if (slot->spelt == ROUTE_NONE)
		slot->spelt = match;
	slot->below = earlier(slot->below, match);
	if (routes->matches[match].kind == ROUTE_NAME)
		slot->itself = earlier(slot->itself, match);
}

static int
compare_ranges(const void *a, const void *b)
{
	return network_key_compare(&((const struct route_range *)a)->first,
	    &((const struct route_range *)b)->first);
}

/* A range begins where a network begins, and behind its end. */
static void
add_network(struct route_table *table, const struct network *network)
{
	struct network_key behind = network->last;

	table->ranges[table->range_count++].first = network->first;
	if (network_key_next(&behind))
		table->ranges[table->range_count++].first = behind;
}

static uint16_t
first_network(const struct routes *routes, const struct network_key *key)
{
	for (uint16_t i = 0; i < routes->count; i++) {
		const struct network *network = &routes->matches[i].network;

		if (routes->matches[i].kind == ROUTE_NETWORK &&
		    network_key_compare(key, &network->first) >= 0 &&
		    network_key_compare(key, &network->last) <= 0)
			return i;
	}
	return ROUTE_NONE;
}

/* Sorted, each once, each with its match. */
static void
finish_ranges(struct route_table *table, const struct routes *routes)
{
	uint16_t kept = 0;

	qsort(table->ranges, table->range_count, sizeof table->ranges[0],
	    compare_ranges);
	for (uint16_t i = 0; i < table->range_count; i++) {
		struct route_range *range = &table->ranges[kept];

		if (kept > 0 &&
		    compare_ranges(range - 1, &table->ranges[i]) == 0)
			continue;
		range->first = table->ranges[i].first;
		range->match = first_network(routes, &range->first);
		kept++;
	}
	memset(&table->ranges[kept], 0,
	    (table->range_count - kept) * sizeof table->ranges[0]);
	table->range_count = kept;
}

static void
add_match(
    struct route_table *table, const struct routes *routes, uint16_t match)
{
	switch (routes->matches[match].kind) {
	case ROUTE_NETWORK:
		add_network(table, &routes->matches[match].network);
		break;
	case ROUTE_NAME:
	case ROUTE_BELOW_NAME:
		add_name(table, routes, match);
		break;
	case ROUTE_ANY:
		table->any = earlier(table->any, match);
		break;
	}
}

void
route_table_make(struct route_table *table, const struct routes *routes,
    const struct upstream_list *via, const uint8_t map[UPSTREAMS_MAX])
{
	memset(table, 0, sizeof *table);
	table->any = ROUTE_NONE;
	for (unsigned i = 0; i < ROUTE_SLOTS; i++)
		table->names[i] =
		    (struct route_name){ ROUTE_NONE, ROUTE_NONE, ROUTE_NONE };
	for (uint16_t i = 0; i < routes->count; i++) {
		table->via[i] = routes->matches[i].via;
		for (unsigned j = 0; j < table->via[i].count; j++)
			table->via[i].members[j] =
			    map[table->via[i].members[j]];
		add_match(table, routes, i);
	}
	table->via[ROUTE_NONE] = *via;
	finish_ranges(table, routes);
}

/* The last range that begins at the address or before it. */
static uint16_t
match_address(
    const struct route_table *table, const struct address *destination)
{
	struct network_key key = network_key(destination);
	unsigned low = 0, high = table->range_count;

	while (low < high) {
		unsigned middle = (low + high) / 2;

		if (network_key_compare(&table->ranges[middle].first, &key) <=
		    0)
			low = middle + 1;
		else
			high = middle;
	}
	return low == 0 ? (uint16_t)ROUTE_NONE : table->ranges[low - 1].match;
}

static uint16_t
match_host(const struct route_table *table, const struct routes *routes,
    struct span host)
{
	uint32_t hash = HASH_BEGIN;
	uint16_t match = ROUTE_NONE;

	for (size_t at = host.length; at > 0; at--) {
		const struct route_name *name;

		hash = hash_byte(hash, host.bytes[at - 1]);
		if (at > 1 && host.bytes[at - 2] != '.')
			continue;
		name = &table->names[slot_find(
		    table, routes, span_after(host, at - 1), hash)];
		match = earlier(match, at == 1 ? name->itself : name->below);
	}
	return match;
}

const struct upstream_list *
route_table_decide(const struct route_table *table, const struct routes *routes,
    const struct address *destination, struct span host)
{
	uint16_t match = table->any;

	if (table->range_count > 0)
		match = earlier(match, match_address(table, destination));
	if (routes->count > 0)
		match = earlier(match, match_host(table, routes, host));
	assert(match <= ROUTE_NONE);
	return &table->via[match];
}

bool
route_table_has_direct(
    const struct route_table *table, const struct routes *routes)
{
	for (unsigned i = 0; i < routes->count; i++) {
		if (table->via[i].direct)
			return true;
	}
	return table->via[ROUTE_NONE].direct;
}

bool
route_table_can_fail_over(const struct route_table *table,
    const struct routes *routes, unsigned upstream)
{
	for (unsigned i = 0; i < routes->count; i++) {
		if (upstream_list_has_other(&table->via[i], upstream))
			return true;
	}
	return upstream_list_has_other(&table->via[ROUTE_NONE], upstream);
}
