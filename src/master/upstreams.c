/* SPDX-License-Identifier: MIT */
#include "master/upstreams.h"

#include <string.h>

#include "base/log.h"
#include "base/text.h"

/* The resolver is asked once a second at most. An upstream that has news more
 * often than that is not itself. */
enum { LOOKUP_PAUSE_MS = 1000, ANSWERS_MS = 1000, ANSWERS_MAX = 5 };

enum { ADDRESSES_LOGGED = 8 };

static bool
is_name(const struct config_upstream *upstream)
{
	struct address address;

	return !address_parse(&address, upstream->host, 0);
}

bool
upstreams_need_resolver(const struct upstreams *upstreams, unsigned index)
{
	return index < upstreams->names.count &&
	    is_name(&upstreams->names.list[index]);
}

static bool
is_current(const struct upstreams *upstreams, const struct child *child)
{
	return child->upstream_generation == upstreams->generation;
}

void
upstreams_tell(const struct upstreams *upstreams, struct child *worker)
{
	if (!is_current(upstreams, worker))
		return;
	for (unsigned i = 0; i < upstreams->names.count; i++) {
		struct message message = {
			.kind = MESSAGE_ADDRESSES,
			.addresses = { i, upstreams->list[i].known },
		};

		if (upstreams->list[i].known.count > 0 &&
		    (worker->told_upstreams & 1U << i) == 0 &&
		    child_tell(worker, &message))
			worker->told_upstreams |= 1U << i;
	}
}

static void
log_addresses(const struct upstreams *upstreams, unsigned index)
{
	const struct upstream_addresses *known = &upstreams->list[index].known;
	char words[512], text[ADDRESS_TEXT_SIZE];
	struct text line = text_in(words, sizeof words);

	for (unsigned i = 0; i < known->count && i < ADDRESSES_LOGGED; i++)
		text_pair(
		    &line, "upstream", address_text(&known->list[i], text));
	if (known->count > ADDRESSES_LOGGED)
		text_format(&line, " more=%u", known->count - ADDRESSES_LOGGED);
	log_notice("the upstream %s is at%s", upstreams->names.list[index].host,
	    words);
}

/* Workers hear of them before the log's readers do. */
static void
use_addresses(struct upstreams *upstreams, const struct children *children,
    unsigned index, const struct upstream_addresses *addresses)
{
	upstreams->list[index].known = *addresses;
	memset(upstreams->list[index].silent_ms, 0,
	    sizeof upstreams->list[index].silent_ms);
	for (struct child *child = children->first; child != NULL;
	     child = child->next) {
		if (child->kind != CHILD_WORKER)
			continue;
		child->told_upstreams &= ~(1U << index);
		upstreams_tell(upstreams, child);
	}
	log_addresses(upstreams, index);
}

static void
configure_address(struct upstream *upstream, const struct config_upstream *name)
{
	struct upstream_addresses *known = &upstream->known;

	if (!address_parse(&known->list[0], name->host, name->port))
		return;
	address_unmap(&known->list[0]);
	known->count = 1;
}

static const struct upstream *
find_host(const struct upstreams *upstreams, const char *host)
{
	for (unsigned i = 0; i < upstreams->names.count; i++) {
		if (strcmp(upstreams->names.list[i].host, host) == 0)
			return &upstreams->list[i];
	}
	return NULL;
}

/* The host is the same, so its addresses are known; the port may be another. */
static void
inherit(struct upstreams *upstreams, const struct children *children,
    unsigned index, const struct upstreams *before)
{
	const struct config_upstream *name = &upstreams->names.list[index];
	const struct upstream *old = find_host(before, name->host);
	struct upstream_addresses addresses;

	if (old == NULL || old->known.count == 0)
		return;
	addresses = old->known;
	for (unsigned i = 0; i < addresses.count; i++)
		address_set_port(&addresses.list[i], name->port);
	upstreams->list[index].known = addresses;
	if (!upstream_addresses_equal(&addresses, &old->known))
		use_addresses(upstreams, children, index, &addresses);
}

void
upstreams_configure(struct upstreams *upstreams,
    const struct children *children, const struct upstream_set *names)
{
	struct upstreams before = *upstreams;

	if (memcmp(names, &before.names, sizeof *names) == 0)
		return;
	*upstreams = (struct upstreams){
		.names = *names,
		.generation = before.generation + 1,
	};
	for (unsigned i = 0; i < names->count; i++) {
		if (is_name(&names->list[i]))
			inherit(upstreams, children, i, &before);
		else
			configure_address(&upstreams->list[i], &names->list[i]);
	}
}

void
upstreams_lookup(struct upstreams *upstreams, unsigned index)
{
	upstreams->list[index].lookup_wanted =
	    is_name(&upstreams->names.list[index]);
}

void
upstreams_lookup_all(struct upstreams *upstreams)
{
	for (unsigned i = 0; i < upstreams->names.count; i++)
		upstreams_lookup(upstreams, i);
}

void
upstreams_ask_resolver(struct upstreams *upstreams,
    const struct children *children, int64_t now_ms)
{
	for (unsigned i = 0; i < upstreams->names.count; i++) {
		struct upstream *upstream = &upstreams->list[i];
		struct child *resolver =
		    children_serving(children, CHILD_RESOLVER, i);
		struct message message = {
			.kind = MESSAGE_LOOKUP,
			.upstream = i,
		};

		if (resolver == NULL || !is_current(upstreams, resolver) ||
		    !upstream->lookup_wanted ||
		    now_ms < upstream->lookup_from_ms ||
		    !child_tell(resolver, &message))
			continue;
		upstream->lookup_wanted = false;
		upstream->lookup_from_ms = now_ms + LOOKUP_PAUSE_MS;
	}
}

int64_t
upstreams_due_ms(const struct upstreams *upstreams, int64_t now_ms)
{
	int64_t due_ms = INT64_MAX;

	for (unsigned i = 0; i < upstreams->names.count; i++) {
		const struct upstream *upstream = &upstreams->list[i];

		if (upstream->lookup_wanted &&
		    upstream->lookup_from_ms > now_ms &&
		    upstream->lookup_from_ms < due_ms)
			due_ms = upstream->lookup_from_ms;
	}
	return due_ms;
}

/* The index and the port are ours to say. */
static bool
is_plausible(const struct upstreams *upstreams, const struct child *resolver,
    const struct message_addresses *answer)
{
	if (answer->upstream != resolver->number)
		return false;
	for (unsigned i = 0; i < answer->known.count; i++) {
		if (address_port(&answer->known.list[i]) !=
		    upstreams->names.list[answer->upstream].port)
			return false;
	}
	return true;
}

static bool
admit_answer(struct upstream *upstream, int64_t now_ms)
{
	if (now_ms - upstream->answers_since_ms >= ANSWERS_MS) {
		upstream->answers_since_ms = now_ms;
		upstream->answers = 0;
	}
	return ++upstream->answers <= ANSWERS_MAX;
}

void
upstreams_answer(struct upstreams *upstreams, const struct children *children,
    struct child *resolver, const struct message_addresses *answer,
    int64_t now_ms)
{
	struct upstream *upstream = &upstreams->list[answer->upstream];

	if (!is_current(upstreams, resolver))
		return;
	if (!is_plausible(upstreams, resolver, answer)) {
		children_close_messages(resolver);
		child_kill_rogue(resolver);
		return;
	}
	child_serve(resolver);
	if (!upstream_addresses_equal(&answer->known, &upstream->known) &&
	    admit_answer(upstream, now_ms))
		use_addresses(
		    upstreams, children, answer->upstream, &answer->known);
}
