/* SPDX-License-Identifier: MIT */
#include "worker/route.h"

#include <string.h>

#include "protocol/spread.h"
#include "worker/worker.h"

static uint64_t
hash_client(const struct address *client)
{
	if (client->any.sa_family == AF_INET6)
		return spread_hash(span_of(
		    &client->v6.sin6_addr, sizeof client->v6.sin6_addr));
	return spread_hash(
	    span_of(&client->v4.sin_addr, sizeof client->v4.sin_addr));
}

void
route_decide(struct route *route, const struct worker *worker,
    const struct address *client, const struct address *destination,
    const char *host)
{
	const struct config *config = worker->config;

	route->list = route_table_decide(&config->route_table, &config->routes,
	    destination,
	    host != NULL ? span_of(host, strlen(host)) : span_of("", 0));
	if (config->upstream_order == UPSTREAM_ORDER_SPREAD)
		route->client_hash = hash_client(client);
}

/* An upstream that refuses our credentials is as one that has refused this
 * connection, and none of those that are up. */
static void
pass_over(struct upstream_choice_input *input, unsigned member)
{
	input->conditions[member] = UPSTREAM_DOWN;
	input->tried |= (uint8_t)(1U << member);
	input->refused |= (uint8_t)(1U << member);
}

/* What is to be known of each member of the list. */
static struct upstream_choice_input
gather(const struct route *route, const struct worker *worker)
{
	struct upstream_choice_input input = {
		.list = route->list,
		.tried = route->tried,
		.refused = route->refused,
		.direct_tried = route->direct_tried,
	};

	for (unsigned i = 0; i < route->list->count; i++) {
		unsigned member = route->list->members[i];
		const struct upstream *upstream = &worker->upstreams[member];

		input.conditions[member] =
		    upstream_condition(upstream, worker->now_ms);
		if (brake_holds(&upstream->brake, worker->now_ms))
			pass_over(&input, member);
		if (worker->config->upstream_order == UPSTREAM_ORDER_SPREAD)
			input.weights[member] =
			    spread_weight(route->client_hash, upstream->hash);
	}
	return input;
}

enum upstream_choice
route_choose(
    const struct route *route, const struct worker *worker, unsigned *upstream)
{
	const struct upstream_choice_input input = gather(route, worker);
	enum upstream_choice choice = upstream_choose(&input, upstream);

	if (choice == CHOICE_DIRECT)
		*upstream = UPSTREAM_DIRECT;
	return choice;
}

static bool
is_alone(const struct upstream_list *list)
{
	return list->count + list->direct == 1;
}

bool
route_has_next(
    const struct route *route, const struct worker *worker, unsigned upstream)
{
	struct upstream_choice_input input;

	if (is_alone(route->list) || upstream == UPSTREAM_DIRECT)
		return false;
	input = gather(route, worker);
	return upstream_choice_has_next(&input, upstream);
}

bool
route_leads_away(
    const struct route *route, const struct worker *worker, unsigned upstream)
{
	unsigned next;

	if (upstream == UPSTREAM_DIRECT || !worker->upstreams[upstream].is_down)
		return false;
	switch (route_choose(route, worker, &next)) {
	case CHOICE_UPSTREAM:
		return !worker->upstreams[next].is_down;
	case CHOICE_DIRECT:
		return true;
	case CHOICE_WAIT:
	case CHOICE_NONE:
		break;
	}
	return false;
}

void
route_try(struct route *route, unsigned upstream)
{
	if (upstream == UPSTREAM_DIRECT)
		route->direct_tried = true;
	else
		route->tried |= (uint8_t)(1U << upstream);
}

unsigned
route_count_tried(const struct route *route)
{
	unsigned count = route->direct_tried;

	for (unsigned i = 0; i < UPSTREAMS_MAX; i++)
		count += route->tried >> i & 1;
	return count;
}
