/* SPDX-License-Identifier: MIT */
/* probe.h - asks an upstream for a sign of life, without a client: a connect
 * and `OPTIONS * HTTP/1.0`, which no proxy passes on. A probe is a little
 * connection of its own, with a watch in the socket set and a deadline. */

#ifndef PROBE_H
#define PROBE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/upstream_addresses.h"
#include "event/socket_set.h"

enum { PROBE_ANSWER_BYTES = 12 }; /* "HTTP/1.0 200" */

struct probe {
	struct watch watch; /* owns its socket; -1: the probe does not run */
	unsigned first; /* address that the next attempt begins with */
	unsigned attempts; /* addresses that were tried */
	bool has_asked;
	unsigned char answer[PROBE_ANSWER_BYTES];
	size_t answer_length;
	int64_t until_ms; /* of all attempts */
	int64_t attempt_until_ms;
	const char *cause; /* of a bad end; lives at least until the next */
};

enum probe_verdict {
	PROBE_RUNS,
	PROBE_GOOD, /* an HTTP status line came */
	PROBE_BAD,
	PROBE_IMPOSSIBLE, /* this host had no socket for it: no verdict */
};

/* Why a probe's step runs: it begins, its socket has events, its deadline has
 * come. */
enum probe_reason { PROBE_BEGINS, PROBE_EVENT, PROBE_DEADLINE };

/* Runs the probe on: against these addresses, of which there is one at least.
 * A probe that is to begin does not run. */
enum probe_verdict probe_step(struct probe *probe, struct socket_set *sockets,
    const struct upstream_addresses *addresses, int64_t now_ms,
    enum probe_reason reason, uint32_t events);

/* DEADLINE_NEVER if it does not run. */
int64_t probe_due_ms(const struct probe *probe);

void probe_close(struct probe *probe);

#endif
