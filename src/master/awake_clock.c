/* SPDX-License-Identifier: MIT */
#include "master/awake_clock.h"

void
awake_clock_begin(struct awake_clock *awake, int64_t clock_ms)
{
	*awake = (struct awake_clock){ clock_ms, clock_ms };
}

void
awake_clock_advance(struct awake_clock *awake, int64_t clock_ms)
{
	int64_t gap_ms = clock_ms - awake->clock_ms;

	awake->now_ms += gap_ms < AWAKE_GAP_MS ? gap_ms : AWAKE_GAP_MS;
	awake->clock_ms = clock_ms;
}
