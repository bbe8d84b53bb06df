/* SPDX-License-Identifier: MIT */
#include "master/capacity_warning.h"

#include "base/log.h"

enum { ROOM_PAUSE_MS = 1000, NOT_SINCE = -1 };

/* Whether all that take clients say that they are full. */
static bool
is_full(const struct children *children)
{
	bool full = false;

	for (const struct child *child = children->first; child != NULL;
	     child = child->next) {
		if (!child_kinds[child->kind].has_clients ||
		    child->state == CHILD_DRAINING)
			continue;
		if (!child->full)
			return false;
		full = true;
	}
	return full;
}

/* Each is said once, the second after a pause: a service at its limit would
 * else say so with each connection that ends. */
void
capacity_warning_update(struct supervisor *supervisor)
{
	if (is_full(&supervisor->children)) {
		supervisor->room_since_ms = NOT_SINCE;
		if (!supervisor->limit_is_said)
			log_warning("at the limit of %u connections, new ones "
				    "wait",
			    supervisor->capacity.connections);
		supervisor->limit_is_said = true;
		return;
	}
	if (!supervisor->limit_is_said)
		return;
	if (supervisor->room_since_ms == NOT_SINCE)
		supervisor->room_since_ms = supervisor->now_ms;
	if (supervisor->now_ms - supervisor->room_since_ms < ROOM_PAUSE_MS)
		return;
	log_warning("there is room for connections again");
	supervisor->limit_is_said = false;
}
