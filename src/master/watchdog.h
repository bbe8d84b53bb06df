/* SPDX-License-Identifier: MIT */
/* watchdog.h - finds a worker that is busy and gets nowhere. Pure; it costs the
 * workers nothing: they count anyway. Master only. */

#ifndef WATCHDOG_H
#define WATCHDOG_H

#include <stdbool.h>
#include <stdint.h>

#include "ipc/counters.h"

enum { WATCHDOG_HANG_MS = 30 * 1000 };

/* What the watchdog saw last, and since when it has seen nothing else. */
struct heartbeat {
	int64_t looked_ms;
	bool slept; /* up to the last look */
	uint32_t progress;
	uint32_t turns;
	int64_t alive_ms;
};

void watchdog_begin(struct heartbeat *heartbeat, int64_t now_ms);

/* To be called every SUPERVISOR_TICK_MS at least. True where the worker has for
 * WATCHDOG_HANG_MS neither slept between two looks nor made progress (see
 * counters.h). A worker that wakes up now and then for nothing does sleep: it
 * tries a log pipe that is full, or the listener without descriptors. */
bool watchdog_hangs(
    struct heartbeat *heartbeat, struct counters *counters, int64_t now_ms);

#endif
