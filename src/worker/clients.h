/* SPDX-License-Identifier: MIT */
/* clients.h - the clients of a worker's connections: how many connections each
 * one has, here and in all workers together. A client is an IPv4 address, or
 * the /64 that an IPv6 address is in. */

#ifndef CLIENTS_H
#define CLIENTS_H

#include <stdint.h>

#include "base/address.h"
#include "event/slab_pool.h"
#include "ipc/client_counts.h"
#include "ipc/heavy_clients.h"

enum { CLIENT_BUCKETS = 512 };

/* A client with a connection here. */
struct client {
	struct client *next; /* in its bucket */
	uint64_t key;
	unsigned open; /* connections, as the next */
	unsigned pending; /* of these, not yet tunnels */
	struct client_entry *entry; /* in the worker's table, or NULL */
	unsigned heavy_place; /* see heavy_clients.h */
};

struct clients {
	struct slab_pool records;
	struct client *spare; /* owned: the next client's, or NULL */
	struct client *buckets[CLIENT_BUCKETS];
	struct client_view view;
	struct heavy_clients *heavy; /* in the page of counters, or NULL */
};

/* Empties `own`, which is tables[own_index]; both may be NULL. */
void clients_init(struct clients *clients, struct client_table *own,
    const struct client_table *tables, unsigned table_count,
    unsigned own_index);

/* No client may be left. */
void clients_clear(struct clients *clients);

/* Room for one more client. 0, or -1 with errno. */
int clients_reserve(struct clients *clients);

/* Counts a connection, for which room has been reserved. */
struct client *clients_join(
    struct clients *clients, const struct address *address);

/* The connection has ended; the record may be gone with it. */
void clients_leave(struct clients *clients, struct client *client);

/* The connections of that client, all workers together. */
unsigned clients_count(
    const struct clients *clients, const struct address *address);

/* So many tables are in use from now on. */
void clients_look_at(struct clients *clients, unsigned table_count);

#endif
