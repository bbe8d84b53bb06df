#include "worker/pending.h"

#include <stddef.h>

#include "worker/worker.h"

enum { PATIENCE_MS = 5 * 1000, SMALL_LIMIT = 64 };

void
pending_add(struct pending *pending, struct connection *connection)
{
	connection->previous = pending->youngest;
	connection->next = NULL;
	if (pending->youngest != NULL)
		pending->youngest->next = connection;
	else
		pending->oldest = connection;
	pending->youngest = connection;
	pending->count++;
}

void
pending_remove(struct pending *pending, struct connection *connection)
{
	if (connection->previous != NULL)
		connection->previous->next = connection->next;
	else
		pending->oldest = connection->next;
	if (connection->next != NULL)
		connection->next->previous = connection->previous;
	else
		pending->youngest = connection->previous;
	pending->count--;
}

static bool
is_at_bound(const struct worker *worker)
{
	return worker->limit >= SMALL_LIMIT &&
	    worker->pending.count >= worker->limit - worker->limit / 4;
}

int64_t
pending_due_ms(const struct worker *worker)
{
	return is_at_bound(worker)
	    ? worker->pending.oldest->started_ms + PATIENCE_MS
	    : DEADLINE_NEVER;
}

bool
pending_has_capacity(const struct worker *worker)
{
	return !is_at_bound(worker) || worker->now_ms >= pending_due_ms(worker);
}

void
pending_evict(struct worker *worker)
{
	if (is_at_bound(worker))
		connection_evict(worker, worker->pending.oldest);
}
