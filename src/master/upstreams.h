/* SPDX-License-Identifier: MIT */
/* upstreams.h - where the upstreams are: addresses come from the configuration
 * or, for those that have a name there, from a resolver process each. Decides
 * who is told what about them. Master only. */

#ifndef UPSTREAMS_H
#define UPSTREAMS_H

#include <stdbool.h>
#include <stdint.h>

#include "config/config.h"
#include "master/children.h"

struct upstream {
	struct upstream_addresses known;
	bool lookup_wanted;
	int64_t lookup_from_ms; /* not before */
	unsigned answers; /* of the resolver, within a second */
	int64_t answers_since_ms;
	/* By address: when a worker last said that it does not answer. */
	int64_t silent_ms[UPSTREAM_ADDRESSES_MAX];
};

struct upstreams {
	struct upstream_set names;
	unsigned generation; /* of the names */
	struct upstream list[UPSTREAMS_MAX]; /* by index */
};

/* At the start and after a reload. If they are others than before, the next
 * generation begins; a name that was there before keeps its addresses. */
void upstreams_configure(struct upstreams *upstreams,
    const struct children *children, const struct upstream_set *names);

/* Whether there is an upstream with this index, and it has a name. */
bool upstreams_need_resolver(const struct upstreams *upstreams, unsigned index);

/* Wants the names to be looked up: the resolver is asked when the last time is
 * a second ago. */
void upstreams_lookup(struct upstreams *upstreams, unsigned index);
void upstreams_lookup_all(struct upstreams *upstreams);
void upstreams_ask_resolver(struct upstreams *upstreams,
    const struct children *children, int64_t now_ms);

/* When the resolver is to be asked next: after now_ms, or INT64_MAX. */
int64_t upstreams_due_ms(const struct upstreams *upstreams, int64_t now_ms);

/* Tells the worker the addresses that it does not know, if its upstreams are of
 * this generation. One that drains may have connections that wait. */
void upstreams_tell(const struct upstreams *upstreams, struct child *worker);

/* The resolver has found these addresses. */
void upstreams_answer(struct upstreams *upstreams,
    const struct children *children, struct child *resolver,
    const struct message_addresses *answer, int64_t now_ms);

#endif
