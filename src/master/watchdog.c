#include "master/watchdog.h"

void
watchdog_begin(struct heartbeat *heartbeat, int64_t now_ms)
{
	*heartbeat = (struct heartbeat){ .slept = true, .alive_ms = now_ms };
}

/* Asleep since the last look: in poll(2), and not for another time. */
static bool
has_slept(struct counters *counters, const struct heartbeat *heartbeat)
{
	return counter_now(&counters->in_poll) == 1 &&
	    counter_now(&counters->turns) == heartbeat->turns;
}

bool
watchdog_hangs(
    struct heartbeat *heartbeat, struct counters *counters, int64_t now_ms)
{
	uint32_t progress = counter_now(&counters->progress);
	bool slept = has_slept(counters, heartbeat);

	/* A worker that slept up to the last look was not busy all the time
	 * since. */
	if (progress != heartbeat->progress || slept || heartbeat->slept)
		heartbeat->alive_ms = now_ms;
	heartbeat->slept = slept;
	heartbeat->progress = progress;
	heartbeat->turns = counter_now(&counters->turns);
	return now_ms - heartbeat->alive_ms >= WATCHDOG_HANG_MS;
}
