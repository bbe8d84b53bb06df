/* SPDX-License-Identifier: MIT */
#include "worker/brake.h"

void
brake_refused(struct brake *brake, int64_t now_ms)
{
	if (brake->refusals == BRAKE_REFUSALS)
		return;
	if (++brake->refusals == BRAKE_REFUSALS)
		brake->next_ms = now_ms + BRAKE_PAUSE_MS;
}

void
brake_release(struct brake *brake)
{
	brake->refusals = 0;
}

bool
brake_holds(const struct brake *brake, int64_t now_ms)
{
	return brake->refusals == BRAKE_REFUSALS && now_ms < brake->next_ms;
}

bool
brake_lets_pass(struct brake *brake, int64_t now_ms)
{
	if (brake->refusals < BRAKE_REFUSALS)
		return true;
	if (brake_holds(brake, now_ms))
		return false;
	brake->next_ms = now_ms + BRAKE_PAUSE_MS;
	return true;
}
