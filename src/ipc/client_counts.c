#include "ipc/client_counts.h"

#include <errno.h>
#include <fcntl.h>
#include <stddef.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/descriptor.h"

/* A key may stand in so many entries, from its hash on. */
enum { PROBES = 16 };

enum { AREA_BYTES = CLIENT_TABLES * sizeof(struct client_table) };

/* F_SEAL_FUTURE_WRITE of Linux 5.1, which not all headers have: from then on
 * the file cannot be mapped for writing, and no mapping of it be made
 * writable. Older systems do without. */
enum { SEAL_FUTURE_WRITE = 0x0010 };

/* MFD_NOEXEC_SEAL of Linux 6.3: without it newer kernels complain in their log,
 * or refuse (vm.memfd_noexec); older ones do not know it. */
enum { NOEXEC_SEAL = 0x0008 };

_Static_assert(sizeof(struct client_table) == 64 * 1024,
    "tables must end where pages end");

static int
open_area(void)
{
	const unsigned flags = MFD_CLOEXEC | MFD_ALLOW_SEALING;
	int fd = memfd_create("clients", flags | NOEXEC_SEAL);

	if (fd == -1 && errno == EINVAL)
		fd = memfd_create("clients", flags);
	return fd;
}

int
client_counts_map(struct client_counts *counts)
{
	void *writable = MAP_FAILED, *readable = MAP_FAILED;
	int fd = open_area();

	if (fd == -1)
		return -1;
	if (ftruncate(fd, AREA_BYTES) == 0)
		writable = mmap(NULL, AREA_BYTES, PROT_READ | PROT_WRITE,
		    MAP_SHARED, fd, 0);
	if (writable != MAP_FAILED) {
		fcntl(fd, F_ADD_SEALS, SEAL_FUTURE_WRITE);
		readable = mmap(NULL, AREA_BYTES, PROT_READ, MAP_SHARED, fd, 0);
		if (readable == MAP_FAILED)
			munmap(writable, AREA_BYTES);
	}
	descriptor_close(&fd);
	if (readable == MAP_FAILED)
		return -1;
	*counts = (struct client_counts){ writable, readable };
	return 0;
}

static void
unmap_tables(struct client_table *first, struct client_table *end)
{
	if (first < end)
		munmap(first, (size_t)(end - first) * sizeof *first);
}

struct client_table *
client_counts_take(struct client_counts *counts, int own)
{
	struct client_table *tables = counts->writable;

	counts->writable = NULL;
	if (tables == NULL)
		return NULL;
	if (own == -1) {
		unmap_tables(tables, tables + CLIENT_TABLES);
		munmap(counts->readable, AREA_BYTES);
		counts->readable = NULL;
		return NULL;
	}
	unmap_tables(tables, tables + own);
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
