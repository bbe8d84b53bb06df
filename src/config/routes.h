/* SPDX-License-Identifier: MIT */
/* routes.h - the rules of -route: which destinations go another way than by
 * -upstream-proxy. Any process. Pure. A value without pointers, all bytes 0
 * behind its end. */

#ifndef ROUTES_H
#define ROUTES_H

#include "base/span.h"
#include "base/text.h"
#include "config/network.h"
#include "config/upstream_list.h"

enum { ROUTE_MATCHES_MAX = 256, ROUTE_NAME_SIZE = 254 };

enum route_kind {
	ROUTE_NETWORK, /* the original destination is in the network */
	ROUTE_NAME, /* the sniffed name is the name or below it */
	ROUTE_BELOW_NAME, /* it is below the name */
	ROUTE_ANY,
};

/* Matches stand in the order in which they are asked: that of the rules. */
struct route_match {
	enum route_kind kind;
	struct network network; /* of ROUTE_NETWORK */
	char
	    name[ROUTE_NAME_SIZE]; /* in lower case, without dots at its ends */
	struct upstream_list via; /* indices into the upstreams of the rules */
};

struct routes {
	unsigned count;
	struct route_match matches[ROUTE_MATCHES_MAX];
	struct upstream_set upstreams;
};

/* Appends the rule "MATCH[,MATCH]... VIA". False with what is expected instead
 * in *expected; *routes is then undefined. */
bool routes_add(struct routes *routes, struct span rule, struct text *expected);

/* The first match by name; NULL if there is none. */
const struct route_match *routes_by_name(const struct routes *routes);

#endif
