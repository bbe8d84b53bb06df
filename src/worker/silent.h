/* silent.h - connections of this host's own addresses that have had no byte
 * from the far side, by destination. Many to one destination at once are a
 * redirect loop through a proxy on this host, or through this daemon, whose
 * user is not exempt. */

#ifndef SILENT_H
#define SILENT_H

#include <stdbool.h>
#include <stdint.h>

#include "base/address.h"

enum { SILENT_MAX = 64, SILENT_BUCKETS = 64 };

/* Part of a connection; all bytes 0: it is in no list. */
struct silent_entry {
	struct silent_entry *next;
	struct silent_entry **link; /* what points at it */
	uint64_t destination; /* its key */
};

struct silent {
	struct silent_entry *buckets[SILENT_BUCKETS];
};

/* Whether its connection has had a byte by now. */
typedef bool silent_has_answer(const struct silent_entry *entry);

/* Adds a connection. False, and it is not added, if SILENT_MAX others to that
 * destination are silent; those that are no longer are dropped. */
bool silent_add(struct silent *silent, struct silent_entry *entry,
    const struct address *destination, silent_has_answer *has_answer);

/* Also of a connection that is in no list. */
void silent_remove(struct silent_entry *entry);

#endif
