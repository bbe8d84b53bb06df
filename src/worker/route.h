/* SPDX-License-Identifier: MIT */
/* route.h - the way of a connection: its list of upstreams, and what became of
 * those that it has tried. Decides nothing by itself: see route_table.h and
 * upstream_choice.h. */

#ifndef ROUTE_H
#define ROUTE_H

#include <stdbool.h>
#include <stdint.h>

#include "worker/upstream_choice.h"

struct address;
struct worker;

/* All bytes 0: not decided yet. */
struct route {
	const struct upstream_list *list; /* the configuration's, or NULL */
	uint64_t client_hash; /* for -upstream-order spread */
	uint8_t tried; /* upstreams dialled or asked: a bit each */
	uint8_t refused; /* of these: answered with a status */
	bool direct_tried;
};

/* Sets the list. host: the sniffed name, or NULL. */
void route_decide(struct route *route, const struct worker *worker,
    const struct address *client, const struct address *destination,
    const char *host);

/* *upstream: as in upstream_choose(); UPSTREAM_DIRECT for CHOICE_DIRECT. */
enum upstream_choice route_choose(
    const struct route *route, const struct worker *worker, unsigned *upstream);

/* Whether something is left to try should a dial to `upstream` fail. */
bool route_has_next(
    const struct route *route, const struct worker *worker, unsigned upstream);

/* Whether a connection that waits for `upstream` is to leave it: it is down,
 * and another is up. */
bool route_leads_away(
    const struct route *route, const struct worker *worker, unsigned upstream);

/* The upstream is dialled now. */
void route_try(struct route *route, unsigned upstream);

/* Upstreams that were dialled or asked. */
unsigned route_count_tried(const struct route *route);

#endif
