/* SPDX-License-Identifier: MIT */
#include "master/worker_limit.h"

#include "master/limits.h"

/* A worker that was taken over may count what it likes. */
static unsigned
open_of(const struct child *worker)
{
	uint32_t open = counter_now(&worker->counters->open);

	return open < worker->limit_max ? open : worker->limit_max;
}

static unsigned
subtract(unsigned all, unsigned part)
{
	return part < all ? all - part : 0;
}

/* What workers leave of the connections whose number is not used any more. */
static unsigned
left_by_surplus_workers(
    const struct children *children, unsigned connections, unsigned workers)
{
	for (const struct child *child = children->first; child != NULL;
	     child = child->next) {
		if (child->kind == CHILD_WORKER && child->number >= workers)
			connections = subtract(connections, open_of(child));
	}
	return connections;
}

unsigned
worker_limit(const struct children *children, unsigned connections,
    unsigned workers, unsigned number, const struct child *self)
{
	unsigned limit = limits_worker_part(
	    left_by_surplus_workers(children, connections, workers), number,
	    workers);

	for (const struct child *child = children->first; child != NULL;
	     child = child->next) {
		if (child != self && child->kind == CHILD_WORKER &&
		    child->number == number)
			limit = subtract(limit, open_of(child));
	}
	return limit;
}

void
worker_limit_check_clients(const struct children *children)
{
	const struct client_table *tables = children->client_counts.readable;

	for (struct child *child = children->first; child != NULL;
	     child = child->next) {
		if (child->kind == CHILD_WORKER && tables != NULL &&
		    child->client_table < CLIENT_TABLES &&
		    client_table_exceeds(
			&tables[child->client_table], child->limit_max))
			child_kill_rogue(child);
	}
}
