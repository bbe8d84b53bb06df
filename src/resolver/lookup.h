/* SPDX-License-Identifier: MIT */
/* lookup.h - decides when the upstream's name is asked for, and what the
 * answers come to. IPv4 and IPv6 are asked for apart, so that a name server
 * which fails at one of them hides nothing of the other. Resolver only. Pure.
 */

#ifndef LOOKUP_H
#define LOOKUP_H

#include <stdbool.h>
#include <stdint.h>

#include "base/upstream_addresses.h"

enum lookup_family { LOOKUP_IPV4, LOOKUP_IPV6 };
enum { LOOKUP_FAMILIES = LOOKUP_IPV6 + 1 };

/* What getaddrinfo(3) said for one family; crosses a pipe at once. */
struct lookup_result {
	enum lookup_family family;
	bool is_final; /* an error that says that there is no address */
	int error; /* EAI_..., 0 for an answer */
	int error_number; /* with EAI_SYSTEM */
	unsigned found; /* addresses, of which those that fit are in known */
	struct upstream_addresses known;
};

struct lookup_query {
	bool pending; /* asked, and not answered */
	bool done; /* answered in this round */
	int64_t begun_ms;
	int64_t due_ms; /* not asked before */
	struct lookup_result result; /* the last one */
	struct upstream_addresses known; /* of the last answer */
	unsigned found;
};

struct lookup {
	bool has_answer;
	bool has_inherited; /* there are addresses from before the resolver */
	bool wanted; /* asked for again while a round was under way */
	struct lookup_query queries[LOOKUP_FAMILIES];
};

enum lookup_news {
	LOOKUP_NOTHING,
	LOOKUP_ANSWER, /* lookup_addresses() has addresses */
	LOOKUP_FAILURE, /* both families failed; lookup_cause() says why */
};

bool lookup_is_due(
    const struct lookup *lookup, enum lookup_family family, int64_t now_ms);

/* When the next of its queries is due; INT64_MAX while it waits for answers. */
int64_t lookup_due_ms(const struct lookup *lookup);

void lookup_ask(
    struct lookup *lookup, enum lookup_family family, int64_t now_ms);

/* To be asked as soon as the answers that are awaited have come. */
void lookup_want(struct lookup *lookup);

/* While no address is known, the first answer counts at once, and a family
 * that failed is asked again after two seconds. Otherwise both families have to
 * answer first, so that addresses of one are not lost while it is asked; an
 * error that may pass takes no address away. */
enum lookup_news lookup_take(
    struct lookup *lookup, const struct lookup_result *result);

/* IPv4 addresses first, each family in the name service's order. Returns how
 * many there are, with those that do not fit. */
unsigned lookup_addresses(
    const struct lookup *lookup, struct upstream_addresses *addresses);

const struct lookup_result *lookup_cause(const struct lookup *lookup);

#endif
