/* SPDX-License-Identifier: MIT */
#include "worker/authorization.h"

#include "worker/connection.h"
#include "worker/worker.h"

const struct credential *
authorization_of(
    const struct worker *worker, const struct connection *connection)
{
	const struct config *config = worker->config;

	return credentials_find(&config->upstream_credentials,
	    &config->upstreams.list[connection->upstream_index]);
}

bool
authorization_lets_pass(
    struct worker *worker, const struct connection *connection)
{
	return brake_lets_pass(
	    &worker->upstreams[connection->upstream_index].brake,
	    worker->now_ms);
}

/* Without credentials, none are refused. */
void
authorization_note(struct worker *worker, const struct connection *connection,
    bool was_refused)
{
	struct brake *brake =
	    &worker->upstreams[connection->upstream_index].brake;

	if (!was_refused)
		brake_release(brake);
	else if (authorization_of(worker, connection) != NULL)
		brake_refused(brake, worker->now_ms);
}
