#include "master/share.h"

/* What is left of the capacity by workers whose number is not used any more
 * and that still have tunnels. */
static unsigned
shared_capacity(const struct supervisor *supervisor)
{
	unsigned capacity = supervisor->capacity.connections;

	for (const struct child *child = supervisor->children.first;
	     child != NULL; child = child->next) {
		uint32_t open;

		if (!child_is_worker(child) ||
		    child->number < supervisor->config.workers)
			continue;
		open = counter_now(&child->counters->open);
		capacity -= open < capacity ? open : capacity;
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
		uint32_t open;

		if (child == self || child->number != number)
			continue;
		open = counter_now(&child->counters->open);
		limit -= open < limit ? open : limit;
	}
	return limit;
}
