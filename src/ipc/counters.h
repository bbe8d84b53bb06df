/* SPDX-License-Identifier: MIT */
/* counters.h - a worker's page of counters: what it did, and signs of life.
 * One page each, shared with the master alone and outliving its worker. Only
 * the worker writes; the master reads each value once and trusts none. */

#ifndef COUNTERS_H
#define COUNTERS_H

#include "base/upstream_addresses.h"
#include "ipc/counter.h"
#include "ipc/heavy_clients.h"
#include "ipc/outcome.h"
#include "ipc/upstream_counters.h"

enum { UPSTREAM_COUNTERS = UPSTREAMS_MAX + 1 }; /* the last is of `direct` */
enum { STATE_COUNTERS = 8 }; /* of SNIFFING to RELAYING */

struct counters {
	struct counter accepted;
	struct counter tunnelled; /* by an upstream */
	struct counter relayed; /* plain HTTP requests */
	struct counter direct; /* tunnelled to the destination itself */
	struct counter ended[RESULTS];
	struct counter failed[FAILURES];
	struct counter refused[REFUSAL_STATUSES]; /* answers of upstreams */
	struct counter ready_taken; /* ready connections: by a client */
	struct counter ready_expired; /* at their timeout, unused */
	struct counter ready_stale; /* ended by the upstream, not by us */
	struct counter sent; /* client to origin, bytes */
	struct counter received; /* origin to client, bytes */
	struct counter spliced; /* of both, bytes moved by splice(2) */
	_Atomic uint32_t open; /* connections now */
	_Atomic uint32_t states[STATE_COUNTERS]; /* of these */
	/* For the watchdog: a turn of the loop that moved no byte, accepted
	 * nothing, changed no state and let no deadline expire counts in
	 * turns but not in progress. */
	_Atomic uint32_t turns;
	_Atomic uint32_t progress;
	_Atomic uint32_t in_poll; /* 1 while the worker waits for events */
	struct counter sniffs[SNIFF_OUTCOMES];
	struct upstream_counters upstreams[UPSTREAM_COUNTERS]; /* by index */
	struct heavy_clients clients; /* none without -status-address */
};

/* A zeroed page, shared over fork(2); NULL with errno. */
struct counters *counters_map(void);

/* Sets *counters to NULL. */
void counters_unmap(struct counters **counters);

/* A byte moved, a client came, a state changed or a deadline expired. */
void counters_note_progress(struct counters *counters);

#endif
