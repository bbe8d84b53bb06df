#include "master/share.h"

/* A worker that was taken over may count what it likes. */
static unsigned
open_of(const struct child *worker)
{
	uint32_t open = counter_now(&worker->counters->open);

	return open < worker->limit_most ? open : worker->limit_most;
}

static unsigned
less(unsigned all, unsigned part)
{
	return part < all ? all - part : 0;
}

/* What is left of the capacity by workers whose number is not used any more
 * and that still have tunnels. */
static unsigned
shared_capacity(const struct supervisor *supervisor)
{
	unsigned capacity = supervisor->capacity.connections;

	for (const struct child *child = supervisor->children.first;
	     child != NULL; child = child->next) {
		if (child_is_worker(child) &&
		    child->number >= supervisor->config.workers)
			capacity = less(capacity, open_of(child));
	}
	return capacity;
}

unsigned
share_of(const struct supervisor *supervisor, unsigned number,
    const struct child *self)
{
	unsigned workers = supervisor->config.workers;
	unsigned limit =
	    limits_share(shared_capacity(supervisor), number, workers);

	for (const struct child *child = supervisor->children.first;
	     child != NULL; child = child->next) {
		if (child != self && child->number == number)
			limit = less(limit, open_of(child));
	}
	return limit;
}
