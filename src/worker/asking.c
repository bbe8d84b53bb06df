#include "worker/asking.h"

#include "worker/connection.h"
#include "worker/handshake.h"
#include "worker/upstream_health.h"
#include "worker/worker.h"

void
asking_begin(struct worker *worker, struct connection *connection)
{
	unsigned index = connection->upstream_index;

	requests_add(&worker->upstreams[index].requests,
	    &connection->handshake->request,
	    &worker->counters->upstreams[index], worker->now_ms);
	upstream_health_expect(worker, index);
}

void
asking_answered(struct worker *worker, struct connection *connection)
{
	connection->answer_ms =
	    worker->now_ms - connection->handshake->request.asked_ms;
	asking_end(worker, connection);
}

void
asking_end(struct worker *worker, struct connection *connection)
{
	unsigned index = connection->upstream_index;

	if (connection->handshake == NULL || index == UPSTREAM_DIRECT)
		return;
	requests_remove(&worker->upstreams[index].requests,
	    &connection->handshake->request,
	    &worker->counters->upstreams[index]);
}
