/* SPDX-License-Identifier: MIT */
/* dial.h - the addresses of an upstream in turn: which one a connection tries
 * next, and how long it may take. Rounds of growing patience, without those
 * that lately did not answer others. No I/O. */

#ifndef DIAL_H
#define DIAL_H

#include <stdbool.h>
#include <stdint.h>

#include "base/upstream_addresses.h"

struct upstream;

/* All bytes 0: nothing has been dialled. */
struct dial {
	int64_t until_ms; /* all dials of the connection together */
	int64_t paused_ms; /* since then an upstream is asked; 0: none is */
	int64_t begun_ms; /* of this upstream */
	unsigned generation; /* of its addresses, as the next are numbered */
	unsigned round;
	uint32_t tried; /* addresses in this round: a bit each */
	uint32_t silent; /* did not answer this connection, in any round */
	bool waits_in_round; /* an address did not answer in this round */
	bool has_used_socket; /* the reserved one */
	bool no_local_port; /* was the cause for an IPv4 address */
};

/* Another upstream is dialled now, whose addresses are of this generation. */
void dial_begin(struct dial *dial, unsigned generation, int64_t now_ms);

/* An upstream is asked from now on, and the time for dials does not run; it
 * runs on where the upstream has failed. */
void dial_pause(struct dial *dial, int64_t now_ms);
void dial_resume(struct dial *dial, int64_t now_ms);

/* Whether the time for dials, which does not run while an upstream is asked, is
 * not over. */
bool dial_has_time(const struct dial *dial, int64_t now_ms);

/* The index of the next address to try; -1: all have failed. An address that
 * is silent for others is tried by one connection each `interval_ms`. */
int dial_next(struct dial *dial, struct upstream *upstream, int64_t now_ms,
    int64_t interval_ms);

/* The address was given no more time. */
void dial_was_silent(struct dial *dial, unsigned index);

/* How long an address may take in this round; DEADLINE_NEVER: as long as there
 * is time, since it is the only one. */
int64_t dial_patience_ms(
    const struct dial *dial, const struct upstream *upstream);

/* The addresses are of another generation now; `current` (-1: none) is being
 * tried. */
void dial_renumber(struct dial *dial, unsigned generation, int current);

/* Others have found the address silent that is being tried, and there is one
 * that may answer at once. */
bool dial_has_better(const struct dial *dial, const struct upstream *upstream,
    unsigned current, int64_t now_ms);

#endif
