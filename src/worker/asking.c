#include "worker/asking.h"

#include <assert.h>

#include "worker/connection.h"
#include "worker/handshake.h"
#include "worker/relay.h"
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
	unsigned index = connection->upstream_index;

	assert(connection->handshake != NULL);
	requests_add(&worker->upstreams[index].requests, request_of(connection),
	    &worker->counters->upstreams[index], worker->now_ms);
	upstream_health_expect(worker, index);
}

void
asking_answered(struct worker *worker, struct connection *connection)
{
	if (!request_of(connection)->is_waiting)
		return;
	assert(connection->handshake != NULL);
	connection->answer_ms =
	    worker->now_ms - request_of(connection)->asked_ms;
	asking_end(worker, connection);
}

void
asking_end(struct worker *worker, struct connection *connection)
{
	unsigned index = connection->upstream_index;

	if (request_of(connection) == NULL || index == UPSTREAM_DIRECT)
		return;
	requests_remove(&worker->upstreams[index].requests,
	    request_of(connection), &worker->counters->upstreams[index]);
}
