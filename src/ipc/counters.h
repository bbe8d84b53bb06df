/* SPDX-License-Identifier: MIT */
/* counters.h - a worker's page of counters: what it did, and signs of life.
 * One page each, shared with the master alone and outliving its worker. Only
 * the worker writes; the master reads each value once and trusts none. */

#ifndef COUNTERS_H
#define COUNTERS_H

#include <stdatomic.h>
#include <stdint.h>

#include "base/upstream_addresses.h"
#include "ipc/outcome.h"

/* 64 bits in two halves, because not every machine has an atomic of 64. */
struct counter {
	_Atomic uint32_t low;
	_Atomic uint32_t high;
};

/* Of one upstream, or of `direct`. */
struct upstream_counters {
	_Atomic uint32_t is_down; /* 1: for this worker */
	_Atomic uint32_t open; /* connections that are at it now */
	_Atomic uint32_t waiting; /* requests that wait for its answer */
	_Atomic uint32_t oldest_ms; /* lower half of when the first was sent */
	struct counter dialled; /* dials that connected */
	struct counter dial_failures;
};
enum { UPSTREAM_COUNTERS = UPSTREAMS_MAX + 1 }; /* the last is of `direct` */

struct counters {
	struct counter accepted;
	struct counter tunnelled;
	struct counter relayed; /* plain HTTP requests */
	struct counter ended[RESULTS];
	struct counter failed[FAILURES];
	struct counter refused[REFUSAL_STATUSES]; /* answers of upstreams */
	struct counter sent; /* client to origin, bytes */
	struct counter received; /* origin to client, bytes */
	struct counter spliced; /* of both, bytes moved by splice(2) */
	_Atomic uint32_t open; /* connections now */
	struct upstream_counters upstreams[UPSTREAM_COUNTERS]; /* by index */
	/* For the watchdog: a turn of the loop that moved no byte, accepted
	 * nothing, changed no state and let no deadline expire counts in
	 * turns but not in progress. */
	_Atomic uint32_t turns;
	_Atomic uint32_t progress;
	_Atomic uint32_t in_poll; /* 1 while the worker waits for events */
};

/* A zeroed page, shared over fork(2); NULL with errno. */
struct counters *counters_map(void);

/* Sets *counters to NULL. */
void counters_unmap(struct counters **counters);

void counter_add(struct counter *counter, uint64_t amount);
uint64_t counter_read(struct counter *counter);

/* For the page's one writer; plain adding would be an interlocked one. */
void counter_step(_Atomic uint32_t *value, int32_t amount);
void counter_set(_Atomic uint32_t *value, uint32_t number);
uint32_t counter_now(_Atomic uint32_t *value);

/* A byte moved, a client came, a state changed or a deadline expired. */
void counters_note_progress(struct counters *counters);

#endif
