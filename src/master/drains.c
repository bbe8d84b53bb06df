/* SPDX-License-Identifier: MIT */
#include "master/drains.h"

#include "base/log.h"

enum {
	WITHOUT_END_MAX = 4, /* of one number */
	OVERDUE_MS = 5 * 1000, /* more than a sane worker takes */
};

void
drains_retire_others(
    const struct children *children, const struct child *self, int64_t now_ms)
{
	for (struct child *child = children->first; child != NULL;
	     child = child->next) {
		if (child != self && child->kind == self->kind &&
		    child->number == self->number &&
		    child->state == CHILD_SERVING)
			child_drain(child, now_ms, DRAIN_WITHOUT_END);
	}
}

static bool
drains_without_end(const struct child *child, unsigned number)
{
	return child->kind == CHILD_WORKER && child->number == number &&
	    child->state == CHILD_DRAINING &&
	    child->drain_ms == DRAIN_WITHOUT_END;
}

void
drains_bound(const struct children *children, unsigned number, int64_t now_ms,
    int64_t drain_ms)
{
	struct child *oldest = NULL;
	unsigned count = 0;

	for (struct child *child = children->first; child != NULL;
	     child = child->next) {
		if (!drains_without_end(child, number))
			continue;
		count++;
		if (oldest == NULL ||
		    child->draining_since_ms <= oldest->draining_since_ms)
			oldest = child;
	}
	if (count > WITHOUT_END_MAX)
		child_drain(oldest, now_ms, drain_ms);
}

void
drains_end_overdue(struct child *child, int64_t now_ms)
{
	char name[CHILD_NAME_SIZE];

	if (child->state != CHILD_DRAINING || child->end != CHILD_END_NONE ||
	    child->drain_ms == DRAIN_WITHOUT_END ||
	    now_ms - child->draining_since_ms <= child->drain_ms + OVERDUE_MS)
		return;
	log_error("%s has not ended its drain in time, killed pid=%d",
	    child_name(child, name), (int)child->pid);
	child_kill(child, CHILD_END_OVERDUE);
}
