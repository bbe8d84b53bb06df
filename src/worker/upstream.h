/* upstream.h - what this worker knows of one upstream: its addresses, and which
 * of them answered last. */

#ifndef WORKER_UPSTREAM_H
#define WORKER_UPSTREAM_H

#include <stdbool.h>
#include <stdint.h>

#include "base/upstream_addresses.h"
#include "worker/brake.h"

/* Where count is 0, no address is known yet. */
struct upstream {
	unsigned index; /* in the configuration's list */
	struct upstream_addresses addresses;
	unsigned preferred; /* the index of the address that answered last */
	struct brake brake;
	int64_t lookup_from_ms; /* the master is not asked for others before */
};

/* Replaces the addresses by those that the master sent. */
void upstream_take(
    struct upstream *upstream, const struct upstream_addresses *addresses);

/* Whether the address is one of the upstream's. */
bool upstream_has(
    const struct upstream *upstream, const struct address *address);

/* The address has answered: later connections begin with it, so that they need
 * not wait for a dead one first. */
void upstream_prefer(struct upstream *upstream, const struct address *address);

/* Asks the master for fresh addresses, at most once a second. */
void upstream_want_lookup(struct upstream *upstream, int64_t now_ms);

#endif
