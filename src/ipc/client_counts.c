/* SPDX-License-Identifier: MIT */
#include "ipc/client_counts.h"

#include <stddef.h>

#include "ipc/shared_area.h"

/* A key may stand in so many entries, from its hash on. */
enum { PROBES = 16 };

enum { AREA_BYTES = CLIENT_TABLES * sizeof(struct client_table) };

_Static_assert(sizeof(struct client_table) == 64 * 1024,
    "tables must end where pages end");

void
client_counts_unmap(struct client_counts *counts)
{
	struct shared_area area = { counts->writable, counts->readable,
		AREA_BYTES };

	shared_area_unmap(&area);
	*counts = (struct client_counts){ .writable = NULL };
}

int
client_counts_map(struct client_counts *counts)
{
	struct shared_area area;
	int mapped = shared_area_map(&area, "clients", AREA_BYTES);

	*counts = (struct client_counts){ area.writable, area.readable };
	return mapped;
}

struct client_table *
client_counts_take(struct client_counts *counts, unsigned own)
{
	struct shared_area area = { .writable = counts->writable,
		.bytes = AREA_BYTES };

	counts->writable = NULL;
	return shared_area_take(&area, sizeof(struct client_table), own);
}

static uint32_t
load(const _Atomic uint32_t *value)
{
	return atomic_load_explicit(value, memory_order_relaxed);
}

static void
store(_Atomic uint32_t *value, uint32_t number)
{
	atomic_store_explicit(value, number, memory_order_relaxed);
}

void
client_table_clear(struct client_table *table)
{
	for (unsigned i = 0; i < CLIENT_ENTRIES; i++) {
		if (load(&table->entries[i].open) != 0)
			store(&table->entries[i].open, 0);
	}
}

/* Fibonacci hashing: the upper bits depend on all bits of the key. */
static unsigned
entry_index(uint64_t key, unsigned probe)
{
	return ((unsigned)((key * UINT64_C(0x9e3779b97f4a7c15)) >> 40) +
		   probe) %
	    CLIENT_ENTRIES;
}

struct client_entry *
client_table_find_free(struct client_table *table, uint64_t key)
{
	for (unsigned i = 0; i < PROBES; i++) {
		struct client_entry *entry =
		    &table->entries[entry_index(key, i)];

		if (load(&entry->open) == 0)
			return entry;
	}
	return NULL;
}

void
client_entry_set(struct client_entry *entry, uint64_t key, unsigned open)
{
	store(&entry->key_high, (uint32_t)(key >> 32));
	store(&entry->key_low, (uint32_t)key);
	store(&entry->open, open);
}

bool
client_table_exceeds(const struct client_table *table, uint64_t max)
{
	uint64_t clients = 0, destinations = 0;

	for (unsigned i = 0; i < CLIENT_ENTRIES; i++) {
		const struct client_entry *entry = &table->entries[i];

		if (load(&entry->key_high) >> 24 == 0xff)
			destinations += load(&entry->open);
		else
			clients += load(&entry->open);
	}
	return clients > max || destinations > max;
}

static const struct client_entry *
find(const struct client_table *table, uint64_t key)
{
	for (unsigned i = 0; i < PROBES; i++) {
		const struct client_entry *entry =
		    &table->entries[entry_index(key, i)];

		if (load(&entry->key_low) == (uint32_t)key &&
		    load(&entry->key_high) == (uint32_t)(key >> 32) &&
		    load(&entry->open) != 0)
			return entry;
	}
	return NULL;
}

struct client_entry *
client_table_find(struct client_table *table, uint64_t key)
{
	const struct client_entry *entry = find(table, key);

	return entry != NULL ? &table->entries[entry - table->entries] : NULL;
}

unsigned
client_view_others(const struct client_view *view, uint64_t key)
{
	unsigned open = 0;

	for (unsigned i = 0; i < view->table_count; i++) {
		const struct client_entry *entry =
		    i != view->own_index ? find(&view->tables[i], key) : NULL;

		open += entry != NULL ? load(&entry->open) : 0;
	}
	return open;
}
