/* pending.h - the connections that are not yet tunnels, oldest first, and a
 * bound to their part of the worker's room: neither a dead upstream nor a
 * flood of silent clients keeps the rest out.
 * Above three quarters of the limit, a new client takes the place of the
 * oldest, if that has waited for five seconds at least; if not, the new one
 * waits in the kernel's queue. A small worker has no such bound. */

#ifndef PENDING_H
#define PENDING_H

#include <stdbool.h>
#include <stdint.h>

struct worker;
struct connection;

/* All bytes 0 is an empty list; the connections are not owned. */
struct pending {
	struct connection *oldest;
	struct connection *youngest;
	unsigned count;
};

void pending_add(struct pending *pending, struct connection *connection);
void pending_remove(struct pending *pending, struct connection *connection);

/* Whether there is room for one more, perhaps in the oldest one's place. */
bool pending_has_capacity(const struct worker *worker);

/* When there will be, if nothing else happens; DEADLINE_NEVER if there is. */
int64_t pending_due_ms(const struct worker *worker);

/* Closes the oldest, if the bound is reached. */
void pending_evict(struct worker *worker);

#endif
