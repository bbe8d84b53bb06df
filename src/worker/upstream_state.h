/* SPDX-License-Identifier: MIT */
/* upstream_state.h - what a worker keeps for all upstreams together; what it
 * keeps for each is in upstream.h. */

#ifndef UPSTREAM_STATE_H
#define UPSTREAM_STATE_H

#include <stdbool.h>
#include <stdint.h>

/* Of upstream_health.h. */
struct health {
	bool has_news; /* pending connections are to look at their upstreams */
	int64_t due_ms; /* a probe, or a look at the requests that wait */
};

/* Of ready.h. */
struct ready {
	unsigned sockets; /* of all upstreams */
	int64_t due_ms; /* a socket expires, or is to be opened */
};

#endif
