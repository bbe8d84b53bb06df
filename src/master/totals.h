/* SPDX-License-Identifier: MIT */
/* totals.h - sums of the workers' counters, for SIGUSR1 and the end. Master
 * only.
 * The books balance: accepted = open + ended + crashed + failed, as `open` is
 * what is left of `accepted`, whatever moment a worker's page is read at. */

#ifndef TOTALS_H
#define TOTALS_H

#include <stdint.h>

#include "ipc/counters.h"
#include "master/children.h"
#include "master/upstreams.h"

struct totals {
	uint64_t accepted;
	uint64_t open;
	uint64_t tunnelled;
	uint64_t relayed;
	uint64_t ended[RESULTS];
	uint64_t crashed; /* open in a worker that died */
	uint64_t failed[FAILURES];
	uint64_t refused[REFUSAL_STATUSES];
	uint64_t ready_taken, ready_expired, ready_stale;
	uint64_t sent;
	uint64_t received;
	uint64_t spliced;
};

/* Adds a worker's page. */
void totals_add(struct totals *totals, struct counters *counters, bool lives);

/* One line for each worker that lives, one for all there ever were, and one for
 * each upstream as the workers see it that have it in their configuration. */
void totals_log(const struct children *children,
    const struct totals *dead_totals, const struct upstreams *upstreams);

#endif
