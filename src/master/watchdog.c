#include "master/watchdog.h"

#include "base/log.h"

enum { HANG_MS = 30 * 1000 };

/* Asleep since the last look: in poll(2), and not for another time. */
static bool
has_slept(struct counters *counters, const struct heartbeat *heartbeat)
{
	return counter_now(&counters->in_poll) == 1 &&
	    counter_now(&counters->turns) == heartbeat->turns;
}

void
watchdog_look(struct child *child, int64_t now_ms)
{
	struct heartbeat *heartbeat = &child->heartbeat;
	struct counters *counters = child->counters;
	char name[CHILD_NAME_SIZE];
	uint32_t progress;
	bool slept;

	if (counters == NULL || child->end != CHILD_END_NONE)
		return;
	progress = counter_now(&counters->progress);
	slept = has_slept(counters, heartbeat);
	/* One that slept up to the last look was not busy all the time since.
	 */
	if (progress != heartbeat->progress || slept || heartbeat->slept)
		heartbeat->alive_ms = now_ms;
	heartbeat->slept = slept;
	heartbeat->progress = progress;
	heartbeat->turns = counter_now(&counters->turns);
	if (now_ms - heartbeat->alive_ms < HANG_MS)
		return;
	log_error("%s hangs, busy without progress for %d s, killed pid=%d",
	    child_name(child, name), HANG_MS / 1000, (int)child->pid);
	child_kill(child, CHILD_END_HUNG);
}
