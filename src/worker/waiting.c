/* SPDX-License-Identifier: MIT */
#include "worker/steps.h"

#include "worker/handshake.h"
#include "worker/worker.h"

/* The failure stands if nothing is left that could be tried. */
static enum connection_state
look_again(struct worker *worker, struct connection *connection)
{
	connection_fail(connection, FAILURE_DIAL,
	    "cannot connect to the upstream", "name unknown");
	if (worker->now_ms < connection->handshake->dial.until_ms)
		return CONNECTION_ROUTING;
	upstream_want_lookup(
	    &worker->upstreams[connection->upstream_index], worker->now_ms);
	return CONNECTION_DONE;
}

/* Until the time for dials is over, or until the upstream is to be passed over
 * for another one. */
static void
set_deadline(struct worker *worker, struct connection *connection)
{
	const struct upstream *upstream =
	    &worker->upstreams[connection->upstream_index];
	int64_t until_ms = connection->handshake->dial.until_ms;

	if (upstream->unresolved_ms > worker->now_ms &&
	    upstream->unresolved_ms < until_ms)
		until_ms = upstream->unresolved_ms;
	deadlines_move(&worker->deadlines, &connection->deadline, until_ms);
}

enum connection_state
waiting_step(struct worker *worker, struct connection *connection,
    const struct wake *wake)
{
	switch (wake->reason) {
	case WAKE_ENTERED:
		set_deadline(worker, connection);
		break;
	case WAKE_DEADLINE:
	case WAKE_NEWS:
		return look_again(worker, connection);
	case WAKE_EVENT:
		break;
	}
	return CONNECTION_WAITING;
}
