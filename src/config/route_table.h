/* SPDX-License-Identifier: MIT */
/* route_table.h - chooses the upstreams of a connection by the rules of
 * -route. A decision takes as long with 256 matches as with one. Made when the
 * options are complete, then read by workers. Pure. A value without
 * pointers. */

#ifndef ROUTE_TABLE_H
#define ROUTE_TABLE_H

#include <stdint.h>

#include "base/address.h"
#include "base/span.h"
#include "config/routes.h"

enum {
	ROUTE_RANGES_MAX = 2 * ROUTE_MATCHES_MAX + 1,
	ROUTE_SLOTS = 2 * ROUTE_MATCHES_MAX, /* a power of two */
	ROUTE_NONE = ROUTE_MATCHES_MAX, /* no match: larger than any */
};

/* Of the addresses from `first` up to the next range's: the first match. */
struct route_range {
	struct network_key first;
	uint16_t match;
};

/* A name of the rules: the first match for it, and for what is below it. */
struct route_name {
	uint16_t spelt; /* the match that has the text; ROUTE_NONE: free slot */
	uint16_t itself;
	uint16_t below;
};

struct route_table {
	uint16_t any; /* the first match for all connections, or ROUTE_NONE */
	uint16_t range_count;
	struct route_range ranges[ROUTE_RANGES_MAX]; /* ascending */
	struct route_name names[ROUTE_SLOTS]; /* open addressing */
	struct upstream_list
	    via[ROUTE_MATCHES_MAX + 1]; /* at ROUTE_NONE: -upstream-proxy's */
};

/* Connections without a match go by `via`. `map` translates the rules' indices
 * of upstreams into indices of the configuration's set. */
void route_table_make(struct route_table *table, const struct routes *routes,
    const struct upstream_list *via, const uint8_t map[UPSTREAMS_MAX]);

/* host is the sniffed name, or of length 0 where there is none; destination is
 * of IPv4 or IPv6. */
const struct upstream_list *route_table_decide(const struct route_table *table,
    const struct routes *routes, const struct address *destination,
    struct span host);

/* Whether some connections go to their destination itself. */
bool route_table_has_direct(
    const struct route_table *table, const struct routes *routes);

/* Whether the upstream is not alone in some list: others are asked then. */
bool route_table_can_fail_over(const struct route_table *table,
    const struct routes *routes, unsigned upstream);

#endif
