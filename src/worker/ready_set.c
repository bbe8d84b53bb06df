/* SPDX-License-Identifier: MIT */
#include "worker/ready_set.h"

#include <stddef.h>

#include "event/deadlines.h"
#include "worker/watch_kind.h"

void
ready_set_init(struct ready_set *set)
{
	*set = (struct ready_set){ .is_wanted = false };
	for (unsigned i = 0; i < CONFIG_READY_MAX; i++)
		set->places[i].endpoint.watch =
		    (struct watch){ .fd = -1, .kind = WATCH_READY };
}

bool
ready_set_has(const struct ready_socket *socket)
{
	return socket->endpoint.watch.fd != -1;
}

unsigned
ready_set_count(const struct ready_set *set)
{
	unsigned count = 0;

	for (unsigned i = 0; i < CONFIG_READY_MAX; i++)
		count += ready_set_has(&set->places[i]);
	return count;
}

struct ready_socket *
ready_set_find_free(struct ready_set *set)
{
	for (unsigned i = 0; i < CONFIG_READY_MAX; i++) {
		if (!ready_set_has(&set->places[i]))
			return &set->places[i];
	}
	return NULL;
}

struct ready_socket *
ready_set_find_oldest(struct ready_set *set, int64_t opened_after_ms)
{
	struct ready_socket *oldest = NULL;

	for (unsigned i = 0; i < CONFIG_READY_MAX; i++) {
		struct ready_socket *socket = &set->places[i];

		if (!ready_set_has(socket) || !socket->is_connected ||
		    socket->opened_ms <= opened_after_ms)
			continue;
		if (oldest == NULL || socket->opened_ms < oldest->opened_ms)
			oldest = socket;
	}
	return oldest;
}

int64_t
ready_set_due_ms(const struct ready_set *set, int64_t timeout_ms)
{
	int64_t due_ms = set->is_wanted ? set->fill_from_ms : DEADLINE_NEVER;

	for (unsigned i = 0; i < CONFIG_READY_MAX; i++) {
		int64_t end_ms = set->places[i].opened_ms + timeout_ms;

		if (ready_set_has(&set->places[i]) && end_ms < due_ms)
			due_ms = end_ms;
	}
	return due_ms;
}
