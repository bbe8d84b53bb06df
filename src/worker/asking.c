/* SPDX-License-Identifier: MIT */
#include "worker/asking.h"

#include <assert.h>

#include "worker/connection.h"
#include "worker/handshake.h"
#include "worker/relay.h"
#include "worker/upstream_counts.h"
#include "worker/upstream_health.h"
#include "worker/worker.h"

static struct request *
request_of(const struct connection *connection)
{
	if (connection->relay != NULL)
		return &connection->relay->request;
	return connection->handshake != NULL ? &connection->handshake->request
					     : NULL;
}

void
asking_begin(struct worker *worker, struct connection *connection)
{
	struct request *request = request_of(connection);
	unsigned index = connection->upstream_index;

	assert(request != NULL);
	requests_add(&worker->upstreams[index].requests, request,
	    &worker->counters->upstreams[index], worker->now_ms);
	upstream_health_expect(worker, index);
}

void
asking_answered(struct worker *worker, struct connection *connection)
{
	const struct request *request = request_of(connection);

	assert(request != NULL);
	if (!request->is_waiting)
		return;
	connection->answer_ms = worker->now_ms - request->asked_ms;
	upstream_counts_answered(worker, connection);
	asking_end(worker, connection);
}

void
asking_end(struct worker *worker, struct connection *connection)
{
	struct request *request = request_of(connection);
	unsigned index = connection->upstream_index;

	if (request == NULL || index == UPSTREAM_DIRECT)
		return;
	requests_remove(&worker->upstreams[index].requests, request,
	    &worker->counters->upstreams[index]);
}
