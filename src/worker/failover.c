/* SPDX-License-Identifier: MIT */
#include "worker/failover.h"

#include <stddef.h>

#include "worker/connection_log.h"
#include "worker/handshake.h"
#include "worker/upstream_counts.h"
#include "worker/upstream_health.h"
#include "worker/worker.h"

/* The failure is noted in the connection. */
static enum connection_state
ask_next(struct worker *worker, struct connection *connection)
{
	struct route *route = &connection->handshake->route;
	unsigned next;

	if (!dial_has_time(&connection->handshake->dial, worker->now_ms) ||
	    route_choose(route, worker, &next) == CHOICE_NONE)
		return CONNECTION_DONE;
	connection_log_passed_over(worker, connection, next);
	return CONNECTION_ROUTING;
}

enum connection_state
failover(struct worker *worker, struct connection *connection,
    enum failure kind, const char *words, const char *cause)
{
	if (cause == NULL)
		connection->handshake->route.refused |=
		    (uint8_t)(1U << connection->upstream_index);
	connection_fail(connection, kind, words, cause);
	upstream_counts_failed(worker, connection);
	return ask_next(worker, connection);
}

enum connection_state
failover_bad_answer(
    struct worker *worker, struct connection *connection, const char *cause)
{
	upstream_health_suspect(worker, connection->upstream_index);
	return failover(worker, connection, FAILURE_MALFORMED,
	    "no valid answer from the upstream", cause);
}

enum connection_state
failover_at_news(struct worker *worker, struct connection *connection)
{
	if (!route_leads_away(&connection->handshake->route, worker,
		connection->upstream_index))
		return connection->state;
	connection_fail(connection, FAILURE_DIAL, "cannot go by the upstream",
	    "upstream is down");
	return ask_next(worker, connection);
}
