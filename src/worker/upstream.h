/* SPDX-License-Identifier: MIT */
/* upstream.h - what this worker knows of one upstream: its addresses, which of
 * them answer, and whether it is down. */

#ifndef WORKER_UPSTREAM_H
#define WORKER_UPSTREAM_H

#include <stdbool.h>
#include <stdint.h>

#include "base/upstream_addresses.h"
#include "worker/brake.h"
#include "worker/probe.h"
#include "worker/ready_set.h"
#include "worker/requests.h"
#include "worker/silence_check.h"
#include "worker/upstream_choice.h"

struct config;

/* Stands for an upstream's index where a connection goes to its original
 * destination itself. */
enum { UPSTREAM_DIRECT = UPSTREAMS_MAX };

struct upstream {
	unsigned index; /* in the configuration's list */
	uint64_t hash; /* of its name and port, for -upstream-order spread */
	struct upstream_addresses addresses; /* count 0: none is known yet */
	unsigned generation; /* of the addresses */
	unsigned preferred; /* the index of the address that answered last */
	bool has_answered; /* it has: until then the list's order counts */
	struct requests requests; /* to it */
	struct brake brake;
	/* By address: it does not answer, and is passed over until then; 0: it
	 * answers, as far as is known. */
	int64_t silent_until_ms[UPSTREAM_ADDRESSES_MAX];
	uint32_t unchecked; /* silent as another worker says: a bit each */
	struct silence_check silence_check;
	int64_t lookup_from_ms; /* the master is not asked for others before */
	int64_t unresolved_ms; /* passed over from then on without addresses */

	struct ready_set ready;

	/* Of upstream_health.h. */
	bool has_alternative; /* is not alone in some list: can be down */
	bool is_down;
	int64_t heard_ms; /* last byte that came from it, or good probe */
	int64_t probe_from_ms; /* when the next probe is due */
	int64_t probed_ms; /* when the last one ended */
	unsigned good_probes; /* in a row, while it is down */
	struct probe probe;
};

/* The configuration's upstream with this index; `addresses` are known
 * already. */
void upstream_init(struct upstream *upstream, unsigned index,
    const struct config *config, const struct upstream_addresses *addresses,
    int64_t now_ms);

/* Replaces the addresses by those that the master sent. */
void upstream_take(
    struct upstream *upstream, const struct upstream_addresses *addresses);

/* Whether the address is one of the upstream's. */
bool upstream_has(
    const struct upstream *upstream, const struct address *address);

/* Its index, or -1. */
int upstream_find(
    const struct upstream *upstream, const struct address *address);

/* The address has answered: later connections begin with it, so that they need
 * not wait for a dead one first. */
void upstream_prefer(struct upstream *upstream, const struct address *address);

/* Asks the master for fresh addresses, at most once a second. */
void upstream_want_lookup(struct upstream *upstream, int64_t now_ms);

enum upstream_condition upstream_condition(
    const struct upstream *upstream, int64_t now_ms);

#endif
