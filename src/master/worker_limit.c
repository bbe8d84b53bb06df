#include "master/worker_limit.h"

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

/* What is left of the capacity by workers whose number is not used any more
 * and that still have tunnels. */
static unsigned
capacity_of_current_workers(const struct supervisor *supervisor)
{
	unsigned capacity = supervisor->capacity.connections;

	for (const struct child *child = supervisor->children.first;
	     child != NULL; child = child->next) {
		if (child_is_worker(child) &&
		    child->number >= supervisor->config.workers)
			capacity = subtract(capacity, open_of(child));
	}
	return capacity;
}

unsigned
worker_limit(const struct supervisor *supervisor, unsigned number,
    const struct child *self)
{
	unsigned workers = supervisor->config.workers;
	unsigned limit = limits_worker_part(
	    capacity_of_current_workers(supervisor), number, workers);

	for (const struct child *child = supervisor->children.first;
	     child != NULL; child = child->next) {
		if (child != self && child->number == number)
			limit = subtract(limit, open_of(child));
	}
	return limit;
}
