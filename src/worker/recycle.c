/* SPDX-License-Identifier: MIT */
#include "worker/recycle.h"

#include "worker/connection.h"
#include "worker/upstream_socket.h"
#include "worker/worker.h"

enum { RECYCLE_MAX_BYTES = 64 * 1024 };

/* The kernel has grown the buffers of a socket that carried much. Where no
 * other connection is open, none is expected soon. */
static bool
is_worth_it(const struct worker *worker, const struct connection *connection)
{
	return connection->flows[CLIENT].moved_bytes <= RECYCLE_MAX_BYTES &&
	    connection->flows[UPSTREAM].moved_bytes <= RECYCLE_MAX_BYTES &&
	    worker->open > 1 && !worker->draining;
}

bool
recycle_upstream(struct worker *worker, struct connection *connection)
{
	struct endpoint *upstream = &connection->endpoints[UPSTREAM];

	return upstream->outgoing == OUTGOING_FIN &&
	    is_worth_it(worker, connection) &&
	    upstream_socket_recycle(worker, upstream);
}
