/* SPDX-License-Identifier: MIT */
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
	if (++*entry->of_client > pending->most)
		pending->most = *entry->of_client;
	pending->candidate = NULL;
}

void
pending_remove(struct pending *pending, struct pending_entry *entry)
{
	assert(pending->count > 0 && *entry->of_client > 0);
	if (entry->previous != NULL)
		entry->previous->next = entry->next;
	else
		pending->oldest = entry->next;
	if (entry->next != NULL)
		entry->next->previous = entry->previous;
	else
		pending->youngest = entry->previous;
	pending->count--;
	--*entry->of_client;
	pending->candidate = NULL;
	assert((pending->count == 0) == (pending->oldest == NULL));
}

static bool
is_at_bound(const struct pending *pending, unsigned limit)
{
	return limit >= SMALL_LIMIT && pending->count >= limit - limit / 4;
}

/* The list has changed since it was looked through. In a flood the first entry
 * of a client that has most of them is near: no client has more. */
static struct pending_entry *
find_candidate(struct pending *pending)
{
	struct pending_entry *candidate = pending->oldest;

	assert(candidate != NULL);
	for (struct pending_entry *entry = pending->oldest;
	     entry != NULL && *candidate->of_client < pending->most;
	     entry = entry->next) {
		if (*entry->of_client > *candidate->of_client)
			candidate = entry;
	}
	pending->most = *candidate->of_client;
	return candidate;
}

struct pending_entry *
pending_to_evict(struct pending *pending, unsigned limit)
{
	if (!is_at_bound(pending, limit))
		return NULL;
	if (pending->candidate == NULL)
		pending->candidate = find_candidate(pending);
	return pending->candidate;
}

int64_t
pending_due_ms(struct pending *pending, unsigned limit)
{
	const struct pending_entry *candidate =
	    pending_to_evict(pending, limit);

	return candidate != NULL ? candidate->since_ms + PATIENCE_MS
				 : DEADLINE_NEVER;
}

bool
pending_has_capacity(struct pending *pending, unsigned limit, int64_t now_ms)
{
	return !is_at_bound(pending, limit) ||
	    now_ms >= pending_due_ms(pending, limit);
}
