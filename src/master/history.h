/* SPDX-License-Identifier: MIT */
/* history.h - the last hour by the minute and the last minute by the second,
 * from sums that grow. Pure. Master only. */

#ifndef HISTORY_H
#define HISTORY_H

#include "ipc/snapshot.h"

/* The sums as they are, and what is now. */
struct history_look {
	uint64_t accepted, tunnelled, failed, sent, received;
	struct histogram answers;
	uint32_t open, waiting, oldest_ms;
};

/* Begin and end of a period are here of the steady clock, in milliseconds. */
struct history_line {
	unsigned count;
	struct snapshot_period list[SNAPSHOT_MINUTES]; /* the oldest first */
};

struct history {
	struct history_look before;
	struct history_line minutes, seconds;
	int64_t second_begin_ms, minute_begin_ms;
};

_Static_assert(SNAPSHOT_SECONDS == SNAPSHOT_MINUTES, "lines of one length");

/* All bytes 0 before. */
void history_begin(struct history *history, int64_t now_ms);

/* To be called each second: what came since the last call is the last second's.
 * A call that comes too early, as the first one or after a late one, adds
 * nothing: what came until then is counted by the next call. */
void history_add(
    struct history *history, const struct history_look *now, int64_t now_ms);

/* With the time of day, which is so much ahead of the steady clock. */
void history_show(
    const struct history *history, struct snapshot *snapshot, int64_t ahead_ms);

#endif
