/* SPDX-License-Identifier: MIT */
/* client_counts.h - how many connections each client has in each worker, and
 * how many to each destination are silent (worker/silent.h), so that bounds
 * hold for all workers together. A table for each worker, in memory shared over
 * fork(2). A worker can write its own table alone and reads the others, which
 * bound whom it accepts and nothing else. A reader may see a change half done:
 * a number is then wrong for a moment. */

#ifndef CLIENT_COUNTS_H
#define CLIENT_COUNTS_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

/* A table belongs to one process until its death: a worker that drains has
 * one, too. */
enum { CLIENT_TABLES = 512, CLIENT_ENTRIES = 4096 };

struct client_entry {
	_Atomic uint32_t key_high;
	_Atomic uint32_t key_low;
	_Atomic uint32_t open; /* connections; 0: the entry is free */
};

/* Marks the key of a destination: no client has a multicast address. */
#define CLIENT_KEY_DESTINATION (UINT64_C(0xff) << 56)

/* A multiple of every page size. */
struct client_table {
	struct client_entry entries[CLIENT_ENTRIES];
	unsigned char unused[64 * 1024 - CLIENT_ENTRIES * 12];
};

/* CLIENT_TABLES of them, mapped twice; NULL where there is no memory. */
struct client_counts {
	struct client_table *writable;
	struct client_table *readable; /* writing to it is SIGSEGV */
};

/* What a worker sees of them. */
struct client_view {
	struct client_table *own; /* what others read; NULL: nothing */
	const struct client_table *tables; /* of all workers, or NULL */
	unsigned table_count; /* that are in use */
	unsigned own_index; /* among them, or beyond them */
};

/* All tables are empty. 0, or -1 with errno. */
int client_counts_map(struct client_counts *counts);
void client_counts_unmap(struct client_counts *counts);

/* In a child: the table that it may write, for which all other writable ones
 * are unmapped. CLIENT_TABLES stands for none, and the result is NULL. */
struct client_table *client_counts_take(
    struct client_counts *counts, unsigned own);

/* For the table's writer, as the next: frees all entries. */
void client_table_clear(struct client_table *table);

/* The entry of the key, or NULL. */
struct client_entry *client_table_find(
    struct client_table *table, uint64_t key);

/* A free entry for the key; NULL where those that a key can have are taken. */
struct client_entry *client_table_find_free(
    struct client_table *table, uint64_t key);

/* 0 frees the entry. */
void client_entry_set(struct client_entry *entry, uint64_t key, unsigned open);

/* Whether it claims more connections than these: of all clients, or to all
 * destinations. */
bool client_table_exceeds(const struct client_table *table, uint64_t max);

/* The number of the key in the tables of all other workers. */
unsigned client_view_others(const struct client_view *view, uint64_t key);

#endif
