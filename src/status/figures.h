/* SPDX-License-Identifier: MIT */
/* figures.h - what follows from a snapshot's numbers: rates, the last minute
 * and hour as a whole, what waits longest. Status process. Pure. */

#ifndef FIGURES_H
#define FIGURES_H

#include "ipc/snapshot.h"

/* What happened in several periods. */
struct figures_span {
	int64_t seconds; /* that have passed, 1 at least */
	uint64_t accepted, failed, sent, received;
	struct histogram answers;
};

struct figures {
	struct figures_span minute, hour;
	double peak; /* connections a second, of the hour's minutes */
	int64_t peak_begin; /* of that minute; 0: none */
	uint32_t waiting, oldest_ms; /* requests, at all upstreams */
	/* Of the request that waits longest; NULL: none waits. */
	const struct snapshot_upstream *slowest;
};

struct figures figures_of(const struct snapshot *snapshot);

double figures_per_second(uint64_t sum, const struct figures_span *span);

/* Of one minute: how long it took, or has taken until now, 1 s at least. */
int64_t figures_minute_seconds(
    const struct snapshot *snapshot, unsigned minute);

/* The kinds that there were, and how many they are: the most frequent of the
 * last hour first. */
unsigned figures_failures(
    const struct snapshot *snapshot, unsigned kinds[FAILURES]);

/* The places of the workers that are shown, by their number, those that drain
 * last; and how many they are. */
unsigned figures_workers(
    const struct snapshot *snapshot, unsigned places[SNAPSHOT_WORKERS]);

/* The most frequent of the last hour; FAILURES: there was none. */
unsigned figures_failure(const struct snapshot *snapshot);

#endif
