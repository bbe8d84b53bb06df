/* SPDX-License-Identifier: MIT */
/* heavy_clients.h - the clients that use most, in a table of few entries: where
 * it is full, a new client takes the entry of the lightest one and inherits its
 * weight ("Space-Saving", Metwally, Agrawal and El Abbadi, 2005). A worker's
 * table is part of its page, see counters.h; the master has one of its own. */

#ifndef HEAVY_CLIENTS_H
#define HEAVY_CLIENTS_H

#include <stdbool.h>

#include "ipc/counter.h"

enum { HEAVY_CLIENTS = 64 };

/* What a client did since it has its entry, or what it adds. */
struct client_use {
	uint64_t accepted, failed; /* connections */
	uint64_t sent, received; /* bytes */
};

struct heavy_client {
	_Atomic uint32_t changes; /* of the key */
	_Atomic uint32_t key_high, key_low; /* see client_key.h */
	struct counter accepted, failed, sent, received;
};

/* All bytes 0: no client. */
struct heavy_clients {
	/* For the table's writer alone. Bytes, and one for a connection. */
	uint64_t weights[HEAVY_CLIENTS];
	uint64_t keys[HEAVY_CLIENTS];
	struct heavy_client list[HEAVY_CLIENTS];
};

/* *place is where the client was found last, or anything. */
void heavy_clients_add(struct heavy_clients *clients, uint64_t key,
    unsigned *place, const struct client_use *use);

/* What another process reads. False where the entry is free, or becomes another
 * client's at this moment. *changes is another number for another client. */
bool heavy_client_read(struct heavy_client *client, uint32_t *changes,
    uint64_t *key, struct client_use *use);

#endif
