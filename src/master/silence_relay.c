/* SPDX-License-Identifier: MIT */
#include "master/silence_relay.h"

/* A worker that was taken over may say it again and again. */
enum { PAUSE_MS = 1000 };

static int
find(const struct upstream_addresses *known, const struct address *address)
{
	for (unsigned i = 0; i < known->count; i++) {
		if (address_equal(&known->list[i], address))
			return (int)i;
	}
	return -1;
}

static bool
note(struct upstream *upstream, const struct address *address, int64_t now_ms)
{
	int index = find(&upstream->known, address);
	int64_t *silent_ms;

	if (index == -1)
		return false;
	silent_ms = &upstream->silent_ms[index];
	if (*silent_ms != 0 && now_ms < *silent_ms + PAUSE_MS)
		return false;
	*silent_ms = now_ms;
	return true;
}

bool
silence_relay_take(struct upstreams *upstreams, const struct children *children,
    const struct child *worker, const struct message_addresses *silent,
    int64_t now_ms)
{
	bool is_news = false;

	if (worker->upstream_generation != upstreams->generation)
		return true;
	if (silent->upstream >= upstreams->names.count)
		return false;
	for (unsigned i = 0; i < silent->known.count; i++)
		is_news |= note(&upstreams->list[silent->upstream],
		    &silent->known.list[i], now_ms);
	for (struct child *child = children->first; is_news && child != NULL;
	     child = child->next) {
		if (child != worker)
			child->told_silent &= ~(1U << silent->upstream);
	}
	return true;
}

static void
collect(const struct upstream *upstream, struct upstream_addresses *silent,
    int64_t now_ms, int64_t interval_ms)
{
	for (unsigned i = 0; i < upstream->known.count; i++) {
		if (upstream->silent_ms[i] != 0 &&
		    now_ms < upstream->silent_ms[i] + interval_ms)
			silent->list[silent->count++] = upstream->known.list[i];
	}
}

void
silence_relay_tell(const struct upstreams *upstreams, struct child *worker,
    int64_t now_ms, int64_t interval_ms)
{
	if (worker->upstream_generation != upstreams->generation)
		return;
	for (unsigned i = 0; i < upstreams->names.count; i++) {
		struct message message = {
			.kind = MESSAGE_SILENT,
			.addresses = { .upstream = i },
		};

		if ((worker->told_silent & 1U << i) != 0)
			continue;
		collect(&upstreams->list[i], &message.addresses.known, now_ms,
		    interval_ms);
		if (message.addresses.known.count == 0 ||
		    child_tell(worker, &message))
			worker->told_silent |= 1U << i;
	}
}
