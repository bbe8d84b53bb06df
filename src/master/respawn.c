/* SPDX-License-Identifier: MIT */
#include "master/respawn.h"

enum { WAIT_FIRST_MS = 1000 };

static int64_t
delay_ms(unsigned early_deaths)
{
	int64_t delay_ms = WAIT_FIRST_MS;

	if (early_deaths < 2)
		return 0;
	while (early_deaths-- > 2 && delay_ms < RESPAWN_DELAY_MAX_MS)
		delay_ms *= 2;
	return delay_ms < RESPAWN_DELAY_MAX_MS ? delay_ms
					       : RESPAWN_DELAY_MAX_MS;
}

void
respawn_after_death(struct respawn *respawn, int64_t uptime_ms, int64_t now_ms)
{
	if (uptime_ms >= RESPAWN_EARLY_MS)
		respawn->early_deaths = 0;
	else
		respawn->early_deaths++;
	respawn->due_ms = now_ms + delay_ms(respawn->early_deaths);
}

void
respawn_after_failed_fork(struct respawn *respawn, int64_t now_ms)
{
	if (respawn->early_deaths == 0)
		respawn->early_deaths = 1;
	respawn_after_death(respawn, 0, now_ms);
}

int64_t
respawn_due_ms(const struct respawn respawns[], unsigned count, int64_t now_ms)
{
	int64_t due_ms = INT64_MAX;

	for (unsigned i = 0; i < count; i++) {
		if (respawns[i].due_ms > now_ms && respawns[i].due_ms < due_ms)
			due_ms = respawns[i].due_ms;
	}
	return due_ms;
}
