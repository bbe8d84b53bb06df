/* watchdog.h - finds a worker that is busy and gets nowhere. Master only; it
 * costs the workers nothing: they count anyway. */

#ifndef WATCHDOG_H
#define WATCHDOG_H

#include "master/child.h"

/* To be called every SUPERVISOR_TICK_MS at least. Kills a worker that for 30 s
 * has neither slept from one look to the next nor made progress (see
 * counters.h).
 */
void watchdog_look(struct child *child, int64_t now_ms);

#endif
