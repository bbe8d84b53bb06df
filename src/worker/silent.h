/* SPDX-License-Identifier: MIT */
/* silent.h - connections of this host's own addresses that have had no byte
 * from the far side, by destination. Many to one destination at once are a
 * redirect loop through a proxy on this host, or through this daemon, whose
 * user is not exempt. */

#ifndef SILENT_H
#define SILENT_H

#include <stdbool.h>
#include <stddef.h>

#include "base/address.h"
#include "ipc/client_counts.h"

enum { SILENT_MAX = 64, SILENT_BUCKETS = 256 };

/* Part of a connection; all bytes 0: it is in no list. */
struct silent_entry {
	struct silent_entry *next;
	struct silent_entry **link; /* what points at it */
	uint64_t destination; /* its key */
};

struct silent {
	struct silent_entry *buckets[SILENT_BUCKETS];
	const struct client_view *view; /* of the numbers in all workers */
};

void silent_init(struct silent *silent, const struct client_view *view);

/* Adds a connection. False, and it is not added, if SILENT_MAX others to that
 * destination are silent, all workers together. */
bool silent_add(struct silent *silent, struct silent_entry *entry,
    const struct address *destination);

/* Its connection has had a byte, or has ended. Also of one in no list. */
void silent_remove(struct silent *silent, struct silent_entry *entry);

static inline bool
silent_has(const struct silent_entry *entry)
{
	return entry->link != NULL;
}

#endif
