/* SPDX-License-Identifier: MIT */
/* requests.h - the requests that wait for one upstream's answer, oldest first.
 * How many there are and when the oldest was sent is in the worker's page of
 * counters, for the master's warning. */

#ifndef REQUESTS_H
#define REQUESTS_H

#include <stdint.h>

#include "ipc/counters.h"
#include "worker/request.h"

/* All bytes 0: none waits. The entries are not owned. */
struct requests {
	struct request *oldest;
	struct request *youngest;
	unsigned count;
};

/* Begins to wait, now. */
void requests_add(struct requests *requests, struct request *request,
    struct upstream_counters *counters, int64_t now_ms);

/* Nothing happens if it does not wait. */
void requests_remove(struct requests *requests, struct request *request,
    struct upstream_counters *counters);

/* When the oldest was sent; DEADLINE_NEVER: none waits. */
int64_t requests_oldest_ms(const struct requests *requests);

#endif
