#include "worker/steps.h"

#include "worker/authorization.h"
#include "worker/handshake.h"
#include "worker/original_destination.h"
#include "worker/worker.h"

static enum connection_state
name_unknown(struct worker *worker, struct connection *connection)
{
	upstream_want_lookup(
	    &worker->upstreams[connection->upstream_index], worker->now_ms);
	return connection_fail(connection, FAILURE_DIAL,
	    "cannot connect to the upstream", "name unknown");
}

enum connection_state
waiting_step(struct worker *worker, struct connection *connection,
    const struct wake *wake)
{
	const struct upstream *upstream =
	    &worker->upstreams[connection->upstream_index];
	const struct destination_refusal *refusal;

	if (wake->reason == WAKE_ENTERED)
		connection->handshake->dial.until_ms =
		    connection->deadline.at_ms;
	if (upstream->addresses.count == 0)
		return wake->reason == WAKE_DEADLINE
		    ? name_unknown(worker, connection)
		    : CONNECTION_WAITING;
	refusal = original_destination_loop(worker, &connection->destination);
	if (refusal != NULL)
		return connection_fail(connection, refusal->failure,
		    refusal->words, refusal->cause);
	if (!authorization_lets_pass(worker, connection))
		return connection_fail(connection, FAILURE_REFUSED,
		    "upstream not asked: it refused the credentials, and is "
		    "tried again once a minute",
		    "credentials refused");
	return CONNECTION_DIALLING;
}
