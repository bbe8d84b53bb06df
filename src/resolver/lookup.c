/* SPDX-License-Identifier: MIT */
#include "resolver/lookup.h"

#include <assert.h>
#include <string.h>

/* From the begin of a round to the next one: after an answer, and until the
 * first one. */
enum { AGAIN_MS = 20 * 1000, IMPATIENT_MS = 2 * 1000 };

/* Connections wait for the first address. */
static bool
is_eager(const struct lookup *lookup)
{
	return !lookup->has_answer && !lookup->has_inherited;
}

bool
lookup_is_due(
    const struct lookup *lookup, enum lookup_family family, int64_t now_ms)
{
	const struct lookup_query *query = &lookup->queries[family];

	return !query->pending && !query->done && now_ms >= query->due_ms;
}

int64_t
lookup_due_ms(const struct lookup *lookup)
{
	int64_t due_ms = INT64_MAX;

	for (unsigned i = 0; i < LOOKUP_FAMILIES; i++) {
		const struct lookup_query *query = &lookup->queries[i];

		if (!query->pending && !query->done && query->due_ms < due_ms)
			due_ms = query->due_ms;
	}
	return due_ms;
}

void
lookup_ask(struct lookup *lookup, enum lookup_family family, int64_t now_ms)
{
	struct lookup_query *query = &lookup->queries[family];

	assert(!query->pending && !query->done);
	query->pending = true;
	query->begun_ms = now_ms;
}

void
lookup_want(struct lookup *lookup)
{
	for (unsigned i = 0; i < LOOKUP_FAMILIES; i++) {
		struct lookup_query *query = &lookup->queries[i];

		lookup->wanted |= query->pending || query->done;
		query->due_ms = 0;
	}
}

/* The other family's addresses stay, or are gone with its names. */
static void
query_settle(struct lookup_query *query)
{
	if (query->result.error == 0) {
		query->known = query->result.known;
		query->found = query->result.found;
	} else if (query->result.is_final) {
		query->known.count = 0;
		query->found = 0;
	}
}

/* The next round is due a while after the begin of this one. */
static void
round_end(struct lookup *lookup)
{
	int64_t begun_ms = INT64_MAX;

	for (unsigned i = 0; i < LOOKUP_FAMILIES; i++) {
		if (lookup->queries[i].begun_ms < begun_ms)
			begun_ms = lookup->queries[i].begun_ms;
	}
	for (unsigned i = 0; i < LOOKUP_FAMILIES; i++) {
		struct lookup_query *query = &lookup->queries[i];

		query->done = false;
		query->due_ms = lookup->wanted
		    ? 0
		    : begun_ms + (lookup->has_answer ? AGAIN_MS : IMPATIENT_MS);
	}
	lookup->wanted = false;
}

static enum lookup_news
take_eagerly(struct lookup *lookup, struct lookup_query *query,
    const struct lookup_query *other)
{
	if (query->result.error == 0) {
		query_settle(query);
		query->done = true;
		lookup->has_answer = true;
		return LOOKUP_ANSWER;
	}
	query->due_ms = query->begun_ms + IMPATIENT_MS;
	return other->result.error != 0 ? LOOKUP_FAILURE : LOOKUP_NOTHING;
}

enum lookup_news
lookup_take(struct lookup *lookup, const struct lookup_result *result)
{
	struct lookup_query *query = &lookup->queries[result->family];
	struct lookup_query *other = &lookup->queries[!result->family];
	bool answered;

	assert(query->pending);
	query->pending = false;
	query->result = *result;
	if (is_eager(lookup))
		return take_eagerly(lookup, query, other);
	query->done = true;
	if (!other->done)
		return LOOKUP_NOTHING;
	answered = query->result.error == 0 || other->result.error == 0;
	if (answered) {
		query_settle(query);
		query_settle(other);
		lookup->has_answer = true;
	}
	round_end(lookup);
	return answered ? LOOKUP_ANSWER : LOOKUP_FAILURE;
}

static void
add_new(struct upstream_addresses *addresses, const struct address *address)
{
	if (addresses->count < UPSTREAM_ADDRESSES_MAX &&
	    !upstream_addresses_has(addresses, address))
		addresses->list[addresses->count++] = *address;
}

unsigned
lookup_addresses(
    const struct lookup *lookup, struct upstream_addresses *addresses)
{
	unsigned found = 0;

	memset(addresses, 0, sizeof *addresses);
	for (unsigned i = 0; i < LOOKUP_FAMILIES; i++) {
		const struct lookup_query *query = &lookup->queries[i];

		found += query->found;
		for (unsigned j = 0; j < query->known.count; j++)
			add_new(addresses, &query->known.list[j]);
	}
	return found;
}

/* A name that has no IPv6 address fails for IPv6, whatever is wrong. */
const struct lookup_result *
lookup_cause(const struct lookup *lookup)
{
	return &lookup->queries[LOOKUP_IPV4].result;
}
