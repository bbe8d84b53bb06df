/* SPDX-License-Identifier: MIT */
/* awake_clock.h - the time that the master was awake. A master that was
 * stopped, or frozen together with its children, has not seen them for that
 * long, and must not blame them. Pure. Master only. */

#ifndef AWAKE_CLOCK_H
#define AWAKE_CLOCK_H

#include <stdint.h>

struct awake_clock {
	int64_t now_ms; /* never more than a gap ahead of the last turn */
	int64_t clock_ms; /* of the last turn */
};

/* What lies between two turns of the loop counts up to here. */
enum { AWAKE_GAP_MS = 4000 };

void awake_clock_begin(struct awake_clock *awake, int64_t clock_ms);

/* At each turn, with the clock's time. */
void awake_clock_advance(struct awake_clock *awake, int64_t clock_ms);

#endif
