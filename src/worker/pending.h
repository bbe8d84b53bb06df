/* SPDX-License-Identifier: MIT */
/* pending.h - the connections that are not yet tunnels, oldest first, and the
 * bound to their share of a worker's limit, so that neither a dead upstream
 * nor a flood of silent clients keeps the others out.
 * Above three quarters of the limit a new client takes the place of a pending
 * connection: the oldest of the client that has most of them, if it has waited
 * for five seconds. Until then the new client waits in the accept queue. A
 * small limit has no such bound. */

#ifndef PENDING_H
#define PENDING_H

#include <stdbool.h>
#include <stdint.h>

/* Embedded in a connection. */
struct pending_entry {
	struct pending_entry *next;
	struct pending_entry *previous;
	int64_t since_ms;
	unsigned *of_client; /* pending connections of its client */
};

/* All bytes 0 is an empty list; the entries are not owned. */
struct pending {
	struct pending_entry *oldest;
	struct pending_entry *youngest;
	unsigned count;
	unsigned most; /* that a client has, or more */
	struct pending_entry *candidate; /* for eviction; NULL: to be found */
};

/* The entry, which is in no list and has its of_client, becomes the youngest.
 */
void pending_add(
    struct pending *pending, struct pending_entry *entry, int64_t now_ms);
void pending_remove(struct pending *pending, struct pending_entry *entry);

/* Whether one more connection may come, perhaps in the place of another. */
bool pending_has_capacity(
    struct pending *pending, unsigned limit, int64_t now_ms);

/* When that will be so, if nothing else happens; DEADLINE_NEVER if it is. */
int64_t pending_due_ms(struct pending *pending, unsigned limit);

/* The entry in whose place the next connection comes, or NULL: there is room
 * for both. */
struct pending_entry *pending_to_evict(struct pending *pending, unsigned limit);

#endif
