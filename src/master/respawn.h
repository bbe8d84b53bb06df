/* SPDX-License-Identifier: MIT */
/* respawn.h - a worker's number, or the resolver's place, between two
 * processes: how long the next one waits. Pure. Master only. */

#ifndef RESPAWN_H
#define RESPAWN_H

#include <stdint.h>

enum { RESPAWN_EARLY_MS = 10 * 1000, RESPAWN_DELAY_MAX_MS = 30 * 1000 };

/* All bytes 0: the first may come at once. */
struct respawn {
	unsigned early_deaths; /* in a row */
	int64_t due_ms;
};

/* Its process died after that time. The next may come at once; but from the
 * second death in a row within RESPAWN_EARLY_MS on it waits 1 s, 2 s, 4 s, ...
 */
void respawn_after_death(
    struct respawn *respawn, int64_t uptime_ms, int64_t now_ms);

/* The next could not even be forked: it waits 1 s at least. */
void respawn_after_failed_fork(struct respawn *respawn, int64_t now_ms);

/* When the first of `count` that wait may come: after now_ms, or INT64_MAX. */
int64_t respawn_due_ms(
    const struct respawn respawns[], unsigned count, int64_t now_ms);

#endif
