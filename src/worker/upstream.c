/* SPDX-License-Identifier: MIT */
#include "worker/upstream.h"

#include <string.h>

#include "base/text.h"
#include "config/config.h"
#include "event/deadlines.h"
#include "ipc/master_pipe.h"
#include "protocol/spread.h"
#include "worker/watch_kind.h"

enum { LOOKUP_PAUSE_MS = 1000, UNRESOLVED_MS = 2000 };

static uint64_t
hash_name(const struct config_upstream *name)
{
	char bytes[CONFIG_HOST_SIZE + sizeof "[]:65535"];
	struct text text = text_in(bytes, sizeof bytes);

	text_host(&text, name->host, name->port);
	return spread_hash(span_of(bytes, text.length));
}

void
upstream_init(struct upstream *upstream, unsigned index,
    const struct config *config, const struct upstream_addresses *addresses,
    int64_t now_ms)
{
	*upstream = (struct upstream){
		.index = index,
		.hash = hash_name(&config->upstreams.list[index]),
		.addresses = *addresses,
		.unresolved_ms = now_ms + UNRESOLVED_MS,
		.has_alternative = route_table_can_fail_over(
		    &config->route_table, &config->routes, index),
		.probe_from_ms = DEADLINE_NEVER,
		.probe = { .watch = { .fd = -1, .kind = WATCH_PROBE } },
		.silence_check = { .watch = { .fd = -1,
				       .kind = WATCH_SILENCE_CHECK } },
	};
	ready_set_init(&upstream->ready);
}

/* What is known of an address goes with it. */
void
upstream_take(
    struct upstream *upstream, const struct upstream_addresses *addresses)
{
	const struct upstream before = *upstream;

	upstream->addresses = *addresses;
	upstream->generation++;
	upstream->preferred = 0;
	upstream->has_answered = false;
	upstream->unchecked = 0;
	memset(upstream->silent_until_ms, 0, sizeof upstream->silent_until_ms);
	for (unsigned i = 0; i < addresses->count; i++) {
		int old = upstream_find(&before, &addresses->list[i]);

		if (old == -1)
			continue;
		upstream->silent_until_ms[i] = before.silent_until_ms[old];
		if (!before.has_answered || (unsigned)old != before.preferred)
			continue;
		upstream->preferred = i;
		upstream->has_answered = true;
	}
}

int
upstream_find(const struct upstream *upstream, const struct address *address)
{
	for (unsigned i = 0; i < upstream->addresses.count; i++) {
		if (address_equal(&upstream->addresses.list[i], address))
			return (int)i;
	}
	return -1;
}

bool
upstream_has(const struct upstream *upstream, const struct address *address)
{
	return upstream_find(upstream, address) != -1;
}

void
upstream_prefer(struct upstream *upstream, const struct address *address)
{
	int index = upstream_find(upstream, address);

	if (index == -1)
		return;
	upstream->preferred = (unsigned)index;
	upstream->has_answered = true;
	upstream->silent_until_ms[index] = 0;
}

void
upstream_want_lookup(struct upstream *upstream, int64_t now_ms)
{
	if (now_ms < upstream->lookup_from_ms)
		return;
	upstream->lookup_from_ms = now_ms + LOOKUP_PAUSE_MS;
	master_pipe_lookup(upstream->index);
}

enum upstream_condition
upstream_condition(const struct upstream *upstream, int64_t now_ms)
{
	if (upstream->addresses.count == 0)
		return now_ms < upstream->unresolved_ms ? UPSTREAM_RESOLVING
							: UPSTREAM_UNRESOLVED;
	return upstream->is_down ? UPSTREAM_DOWN : UPSTREAM_UP;
}
