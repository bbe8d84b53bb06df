/* SPDX-License-Identifier: MIT */
#include "ipc/client_counts.h"

#include <errno.h>
#include <fcntl.h>
#include <stddef.h>
#include <stdio.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/descriptor.h"

/* A key may stand in so many entries, from its hash on. */
enum { PROBES = 16 };

enum { AREA_BYTES = CLIENT_TABLES * sizeof(struct client_table) };

/* MFD_NOEXEC_SEAL of Linux 6.3: without it newer kernels complain in their log,
 * or refuse (vm.memfd_noexec); older ones do not know it. */
enum { NOEXEC_SEAL = 0x0008 };

_Static_assert(sizeof(struct client_table) == 64 * 1024,
    "tables must end where pages end");

static int
open_area(void)
{
	int fd = memfd_create("clients", MFD_CLOEXEC | NOEXEC_SEAL);

	if (fd == -1 && errno == EINVAL)
		fd = memfd_create("clients", MFD_CLOEXEC);
	return fd;
}

static void *
map_area(int fd, int protection)
{
	void *area = mmap(NULL, AREA_BYTES, protection, MAP_SHARED, fd, 0);

	return area == MAP_FAILED ? NULL : area;
}

/* A descriptor for reading alone: what is mapped by it can never be made
 * writable, mprotect(2). */
static void *
map_readable(int fd)
{
	char path[sizeof "/proc/self/fd/2147483647"];
	void *area;
	int read_fd;

	snprintf(path, sizeof path, "/proc/self/fd/%d", fd);
	read_fd = open(path, O_RDONLY | O_CLOEXEC);
	if (read_fd == -1)
		return NULL;
	area = map_area(read_fd, PROT_READ);
	descriptor_close(&read_fd);
	return area;
}

void
client_counts_unmap(struct client_counts *counts)
{
	if (counts->writable != NULL)
		munmap(counts->writable, AREA_BYTES);
	if (counts->readable != NULL)
		munmap(counts->readable, AREA_BYTES);
	*counts = (struct client_counts){ .writable = NULL };
}

int
client_counts_map(struct client_counts *counts)
{
	int fd = open_area();

	*counts = (struct client_counts){ .writable = NULL };
	if (fd == -1)
		return -1;
	if (ftruncate(fd, AREA_BYTES) == 0 &&
	    (counts->readable = map_readable(fd)) != NULL)
		counts->writable = map_area(fd, PROT_READ | PROT_WRITE);
	descriptor_close(&fd);
	if (counts->writable != NULL)
		return 0;
	client_counts_unmap(counts);
	return -1;
}

static void
unmap_tables(struct client_table *first, struct client_table *end)
{
	if (first < end)
		munmap(first, (size_t)(end - first) * sizeof *first);
}

struct client_table *
client_counts_take(struct client_counts *counts, unsigned own)
{
	struct client_table *tables = counts->writable;

	counts->writable = NULL;
	if (tables == NULL)
		return NULL;
	unmap_tables(tables, tables + own);
	if (own == CLIENT_TABLES)
		return NULL;
	unmap_tables(tables + own + 1, tables + CLIENT_TABLES);
	return tables + own;
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
