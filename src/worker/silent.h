/* silent.h - connections of this host's own addresses that have had no byte
 * from the far side, by destination. Many to one destination at once are a
 * redirect loop through a proxy on this host, or through this daemon, whose
 * user is not exempt. */

#ifndef SILENT_H
#define SILENT_H

#include <stdbool.h>

struct connection;

enum { SILENT_MAX = 64, SILENT_BUCKETS = 64 };

/* Part of a connection; all bytes 0: it is in no list. */
struct silent_entry {
	struct connection *next;
	struct connection **link; /* what points at the connection */
};

struct silent {
	struct connection *buckets[SILENT_BUCKETS];
};

/* Adds the connection, whose destination is set. False, and it is not added, if
 * SILENT_MAX others to that destination are silent. */
bool silent_add(struct silent *silent, struct connection *connection);

/* Also of a connection that is in no list. */
void silent_remove(struct connection *connection);

#endif
