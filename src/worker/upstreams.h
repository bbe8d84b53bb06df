/* upstreams.h - what this worker knows of the upstream: its addresses, and
 * which of them answered last. */

#ifndef UPSTREAMS_H
#define UPSTREAMS_H

#include <stdbool.h>
#include <stdint.h>

#include "ipc/control_record.h"

/* All bytes 0: no address is known yet. */
struct upstreams {
	struct upstream_addresses addresses;
	unsigned preferred; /* the index of the address that answered last */
	int64_t lookup_from_ms; /* the master is not asked for others before */
};

/* Replaces the addresses by those that the master sent. */
void upstreams_take(
    struct upstreams *upstreams, const struct upstream_addresses *addresses);

/* Whether the address is one of the upstream's. */
bool upstreams_has(
    const struct upstreams *upstreams, const struct address *address);

/* The address has answered: later connections begin with it, so that they need
 * not wait for a dead one first. */
void upstreams_prefer(
    struct upstreams *upstreams, const struct address *address);

/* Asks the master for fresh addresses, at most once a second. */
void upstreams_want_lookup(struct upstreams *upstreams, int64_t now_ms);

#endif
