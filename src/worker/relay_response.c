/* SPDX-License-Identifier: MIT */
#include "worker/relay_response.h"

#include <errno.h>
#include <string.h>
#include <sys/socket.h>

#include "worker/asking.h"
#include "worker/authorization.h"
#include "worker/connection_log.h"
#include "worker/relay.h"
#include "worker/upstream_counts.h"
#include "worker/upstream_health.h"
#include "worker/worker.h"

static enum connection_state
bad_answer(
    struct worker *worker, struct connection *connection, const char *cause)
{
	upstream_health_suspect(worker, connection->upstream_index);
	return connection_fail(connection, FAILURE_MALFORMED,
	    "no valid answer from the upstream", cause);
}

static void
pass_on(struct worker *worker, struct connection *connection, struct span bytes)
{
	flow_push(worker, &connection->flows[UPSTREAM],
	    &connection->endpoints[UPSTREAM], &connection->endpoints[CLIENT],
	    bytes);
	relay_forget(connection->relay, bytes);
}

/* With credentials set an origin's 401 may be the upstream's. */
static void
warn_of_401(struct worker *worker, struct connection *connection)
{
	static const struct connection_failure refusal = { FAILURE_REFUSED,
		"upstream answered a request with 401", NULL };

	if (connection->relay->request.response.status == 401 &&
	    authorization_of(worker, connection) != NULL)
		connection_log_failure(worker, connection, &refusal, true);
}

static enum connection_state
refused(struct worker *worker, struct connection *connection)
{
	unsigned status = connection->relay->request.response.status;

	authorization_note(worker, connection, true);
	upstream_counts_refused(worker, connection, status);
	return connection_fail(
	    connection, FAILURE_REFUSED, "upstream refused the request", NULL);
}

/* The status is known: all bytes are the client's, or none but a 407's. */
static enum connection_state
take_status(struct worker *worker, struct connection *connection)
{
	if (connection->relay->request.response.status == 407)
		return refused(worker, connection);
	warn_of_401(worker, connection);
	authorization_note(worker, connection, false);
	connection->relay->is_answered = true;
	return CONNECTION_RELAYING;
}

static enum connection_state
take(struct worker *worker, struct connection *connection, struct span fresh)
{
	enum connection_state next = CONNECTION_RELAYING;
	enum connect_verdict verdict;
	struct span pass;

	request_note_first_bytes(&connection->relay->request, fresh);
	if (!relay_take_response(connection->relay, fresh, &verdict, &pass))
		return connection_fail(connection, FAILURE_INTERNAL,
		    "connection closed for want of memory", strerror(ENOMEM));
	if (verdict == CONNECT_OVERSIZED)
		return bad_answer(
		    worker, connection, "header longer than 16384 bytes");
	if (verdict == CONNECT_MALFORMED)
		return bad_answer(worker, connection, "malformed header");
	if (verdict != CONNECT_MORE)
		next = take_status(worker, connection);
	if (next == CONNECTION_RELAYING)
		pass_on(worker, connection, pass);
	return next;
}

static enum connection_state
read_head(struct worker *worker, struct connection *connection)
{
	struct endpoint *upstream = &connection->endpoints[UPSTREAM];
	ssize_t count =
	    recv(upstream->watch.fd, worker->buffer, WORKER_BUFFER_BYTES, 0);

	if (count > 0) {
		asking_answered(worker, connection);
		upstream_health_heard(worker, connection->upstream_index);
		counters_note_progress(worker->counters);
		return take(
		    worker, connection, span_of(worker->buffer, (size_t)count));
	}
	if (count == 0)
		endpoint_note_end(upstream);
	else
		endpoint_note_read_error(upstream, errno);
	return CONNECTION_RELAYING;
}

enum connection_state
relay_response_read(struct worker *worker, struct connection *connection)
{
	if (!connection->relay->is_answered)
		return read_head(worker, connection);
	if (flow_run(worker, &connection->flows[UPSTREAM],
		&connection->endpoints[UPSTREAM],
		&connection->endpoints[CLIENT]))
		upstream_health_heard(worker, connection->upstream_index);
	return CONNECTION_RELAYING;
}

/* The head of a 401 or 407, which is read for its challenges, may be cut. */
enum connection_state
relay_response_end(struct worker *worker, struct connection *connection)
{
	const struct connect_response *response =
	    &connection->relay->request.response;
	enum connection_state next;

	if (!connect_response_is_challenge(response) ||
	    !connect_response_is_final(response))
		return bad_answer(worker, connection,
		    connection->endpoints[UPSTREAM].incoming == INCOMING_FIN
			? "closed before the end of its status line"
			: strerror(ECONNRESET));
	next = take_status(worker, connection);
	if (next == CONNECTION_RELAYING)
		pass_on(worker, connection, relay_held(connection->relay));
	return next;
}
