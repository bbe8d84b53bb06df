/* SPDX-License-Identifier: MIT */
#include "master/watchdog.h"

/* A busy worker takes a turn in microseconds, or gets stuck in one. */
enum { TURN_OF_SLEEPER_MS = 50 };

void
watchdog_begin(struct heartbeat *heartbeat, int64_t now_ms)
{
	*heartbeat = (struct heartbeat){
		.looked_ms = now_ms,
		.slept = true,
		.alive_ms = now_ms,
	};
}

/* In poll(2), and rarely out of it since the last look. */
static bool
has_slept(struct counters *counters, const struct heartbeat *heartbeat,
    int64_t now_ms)
{
	uint32_t turns = counter_now(&counters->turns) - heartbeat->turns;

	return counter_now(&counters->in_poll) == 1 &&
	    turns <= (now_ms - heartbeat->looked_ms) / TURN_OF_SLEEPER_MS;
}

bool
watchdog_hangs(
    struct heartbeat *heartbeat, struct counters *counters, int64_t now_ms)
{
	uint32_t progress = counter_now(&counters->progress);
	bool slept = has_slept(counters, heartbeat, now_ms);

	/* A worker that slept up to the last look was not busy all the time
	 * since. */
	if (progress != heartbeat->progress || slept || heartbeat->slept)
		heartbeat->alive_ms = now_ms;
	heartbeat->looked_ms = now_ms;
	heartbeat->slept = slept;
	heartbeat->progress = progress;
	heartbeat->turns = counter_now(&counters->turns);
	return now_ms - heartbeat->alive_ms >= WATCHDOG_HANG_MS;
}
