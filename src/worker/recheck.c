/* SPDX-License-Identifier: MIT */
#include "worker/recheck.h"

#include "worker/connection.h"
#include "worker/vanished.h"
#include "worker/worker.h"

void
recheck_in(struct worker *worker, struct connection *connection, int64_t ms)
{
	if (connection->deadline.at_ms > worker->now_ms + ms)
		deadlines_move(&worker->deadlines, &connection->deadline,
		    worker->now_ms + ms);
}

int64_t
recheck_peers_left_ms(
    const struct worker *worker, struct connection *connection)
{
	int64_t left_ms = DEADLINE_NEVER;

	for (enum side side = CLIENT; side <= UPSTREAM; side++) {
		struct endpoint *endpoint = &connection->endpoints[side];
		int64_t side_left_ms = vanished_check(endpoint->watch.fd,
		    &endpoint->under_way_since_ms, worker->now_ms);

		if (!endpoint_is_reset(endpoint) && side_left_ms < left_ms)
			left_ms = side_left_ms;
	}
	return left_ms;
}
