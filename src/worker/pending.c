#include "worker/pending.h"

#include <assert.h>
#include <stddef.h>

#include "event/deadlines.h"

enum { PATIENCE_MS = 5 * 1000, SMALL_LIMIT = 64 };

void
pending_add(
    struct pending *pending, struct pending_entry *entry, int64_t now_ms)
{
	entry->since_ms = now_ms;
	entry->previous = pending->youngest;
	entry->next = NULL;
	if (pending->youngest != NULL)
		pending->youngest->next = entry;
	else
		pending->oldest = entry;
	pending->youngest = entry;
	pending->count++;
}

void
pending_remove(struct pending *pending, struct pending_entry *entry)
{
	assert(pending->count > 0);
	if (entry->previous != NULL)
		entry->previous->next = entry->next;
	else
		pending->oldest = entry->next;
	if (entry->next != NULL)
		entry->next->previous = entry->previous;
	else
		pending->youngest = entry->previous;
	pending->count--;
	assert((pending->count == 0) == (pending->oldest == NULL));
}

static bool
is_at_bound(const struct pending *pending, unsigned limit)
{
	return limit >= SMALL_LIMIT && pending->count >= limit - limit / 4;
}

int64_t
pending_due_ms(const struct pending *pending, unsigned limit)
{
	return is_at_bound(pending, limit)
	    ? pending->oldest->since_ms + PATIENCE_MS
	    : DEADLINE_NEVER;
}

bool
pending_has_capacity(
    const struct pending *pending, unsigned limit, int64_t now_ms)
{
	return !is_at_bound(pending, limit) ||
	    now_ms >= pending_due_ms(pending, limit);
}

struct pending_entry *
pending_to_evict(const struct pending *pending, unsigned limit)
{
	return is_at_bound(pending, limit) ? pending->oldest : NULL;
}
