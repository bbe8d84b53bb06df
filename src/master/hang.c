/* SPDX-License-Identifier: MIT */
#include "master/hang.h"

#include "base/log.h"

static bool
is_silent(const struct child *child, int64_t awake_ms)
{
	int64_t silence_max_ms = child_kinds[child->kind].silence_max_ms;

	return silence_max_ms > 0 &&
	    awake_ms - child->heard_ms >= silence_max_ms;
}

void
hang_end(struct child *child, int64_t awake_ms)
{
	char name[CHILD_NAME_SIZE];

	if (child->end != CHILD_END_NONE)
		return;
	if (child->counters != NULL &&
	    watchdog_hangs(&child->heartbeat, child->counters, awake_ms)) {
		log_error("%s hangs, busy without progress for %d s, killed "
			  "pid=%d",
		    child_name(child, name), WATCHDOG_HANG_MS / 1000,
		    (int)child->pid);
		child_kill(child, CHILD_END_HUNG);
	} else if (is_silent(child, awake_ms)) {
		log_error("%s hangs, has answered nothing for %d s, killed "
			  "pid=%d",
		    child_name(child, name),
		    child_kinds[child->kind].silence_max_ms / 1000,
		    (int)child->pid);
		child_kill(child, CHILD_END_HUNG);
	}
}
