/* SPDX-License-Identifier: MIT */
/* hang.h - children that are there and do not do their work any more. Master
 * only. */

#ifndef HANG_H
#define HANG_H

#include "master/child.h"

/* Kills a worker that gets nowhere (watchdog.h), and a resolver that has not
 * said for longer than its kind may that it looks something up. The time is
 * that of awake_clock.h. To be called every SUPERVISOR_TICK_MS at least. */
void hang_end(struct child *child, int64_t awake_ms);

#endif
