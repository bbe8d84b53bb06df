/* SPDX-License-Identifier: MIT */
#include "worker/relaying.h"

#include <errno.h>
#include <sys/socket.h>

#include "base/descriptor.h"
#include "base/socket_options.h"
#include "worker/asking.h"
#include "worker/recheck.h"
#include "worker/recycle.h"
#include "worker/relay.h"
#include "worker/relay_response.h"
#include "worker/steps.h"
#include "worker/worker.h"

/* True while the upstream is to get more of the body. */
static bool
has_body_left(const struct connection *connection)
{
	const struct endpoint *upstream = &connection->endpoints[UPSTREAM];

	return !connection->relay->body_ended &&
	    upstream->outgoing == OUTGOING_OPEN &&
	    endpoint_is_readable(upstream);
}

static bool
is_sent(const struct connection *connection)
{
	return connection->relay->body_ended &&
	    !flow_has_unsent(&connection->flows[CLIENT]);
}

/* The client is read to its end: what is behind the body is thrown away. */
static bool
wants_read(const struct connection *connection, enum side side)
{
	const struct flow *flow = &connection->flows[side];

	if (!endpoint_is_readable(&connection->endpoints[side]))
		return false;
	if (flow->is_starved)
		return false;
	if (side == CLIENT)
		return !has_body_left(connection) || !flow_has_unsent(flow);
	return connection->endpoints[CLIENT].outgoing == OUTGOING_OPEN &&
	    !flow_has_unsent(flow);
}

static bool
wants_write(const struct connection *connection, enum side side)
{
	const struct flow *flow = &connection->flows[side_other(side)];

	return connection->endpoints[side].outgoing == OUTGOING_OPEN &&
	    flow_has_unsent(flow) && !flow->is_starved;
}

uint32_t
relaying_interest(const struct connection *connection, enum side side)
{
	return (wants_read(connection, side) ? SOCKET_READABLE : 0u) |
	    (wants_write(connection, side) ? SOCKET_WRITABLE : 0u);
}

static void
take_client_bytes(
    struct worker *worker, struct connection *connection, struct span fresh)
{
	worker->turn_bytes += fresh.length; /* those for nobody, too */
	counters_note_progress(worker->counters);
	if (!has_body_left(connection))
		return;
	fresh.length = relay_take_body(connection->relay, fresh);
	if (!connection->relay->body_malformed)
		flow_push(worker, &connection->flows[CLIENT],
		    &connection->endpoints[CLIENT],
		    &connection->endpoints[UPSTREAM], fresh);
}

static void
read_client(struct worker *worker, struct connection *connection)
{
	struct endpoint *client = &connection->endpoints[CLIENT];
	ssize_t count =
	    recv(client->watch.fd, worker->buffer, flow_read_bytes(worker), 0);

	if (count > 0)
		take_client_bytes(
		    worker, connection, span_of(worker->buffer, (size_t)count));
	else if (count == 0)
		endpoint_note_end(client);
	else if (errno == ENOMEM || errno == ENOBUFS)
		connection->flows[CLIENT].is_starved =
		    !connection->relay->is_over;
	else
		endpoint_note_read_error(client, errno);
}

static void
leave_upstream(struct worker *worker, struct connection *connection)
{
	struct endpoint *upstream = &connection->endpoints[UPSTREAM];

	if (is_sent(connection) && upstream->outgoing == OUTGOING_OPEN &&
	    shutdown(upstream->watch.fd, SHUT_WR) == 0)
		upstream->outgoing = OUTGOING_FIN;
	if (!recycle_upstream(worker, connection)) {
		socket_set_remove(&worker->sockets, &upstream->watch);
		socket_options_end_with_fin(upstream->watch.fd);
		watch_close(&upstream->watch);
	}
	upstream->outgoing = OUTGOING_CLOSED;
}

/* The response is delivered, and our FIN follows it. Then the client's bytes
 * are thrown away until its own FIN: closing before would reset the connection,
 * and the client would lose what it has not read. */
static enum connection_state
end_response(struct worker *worker, struct connection *connection)
{
	struct endpoint *client = &connection->endpoints[CLIENT];
	int64_t limit_ms = worker->config->half_closed_timeout_ms;

	connection->relay->is_over = true;
	leave_upstream(worker, connection);
	flow_clear(worker, &connection->flows[CLIENT]);
	shutdown(client->watch.fd, SHUT_WR);
	client->outgoing = OUTGOING_FIN;
	socket_options_end_with_fin(client->watch.fd);
	deadlines_move(&worker->deadlines, &connection->deadline,
	    limit_ms == 0 ? DEADLINE_NEVER : worker->now_ms + limit_ms);
	return endpoint_is_readable(client) ? CONNECTION_RELAYING
					    : CONNECTION_DONE;
}

static enum connection_state
end(struct connection *connection, enum connection_result result)
{
	connection->result = result;
	return CONNECTION_DONE;
}

/* All that the upstream sent is read, and has gone to the client. */
static bool
is_delivered(const struct connection *connection)
{
	return !endpoint_is_readable(&connection->endpoints[UPSTREAM]) &&
	    !flow_has_unsent(&connection->flows[UPSTREAM]);
}

static enum connection_state
conclude_upstream(struct worker *worker, struct connection *connection)
{
	enum connection_state next = CONNECTION_RELAYING;

	if (connection->endpoints[UPSTREAM].outgoing == OUTGOING_CLOSED)
		flow_clear(worker, &connection->flows[CLIENT]);
	if (!is_delivered(connection))
		return next;
	if (!connection->relay->is_answered)
		next = relay_response_end(worker, connection);
	if (next != CONNECTION_RELAYING || !is_delivered(connection))
		return next;
	switch (connection->endpoints[UPSTREAM].incoming) {
	case INCOMING_FIN:
		return end_response(worker, connection);
	case INCOMING_RESET:
		return end(connection, RESULT_UPSTREAM_RESET);
	default:
		return end(connection, RESULT_ERROR);
	}
}

/* What follows from what is known of both ends. */
static enum connection_state
conclude(struct worker *worker, struct connection *connection)
{
	const struct relay *relay = connection->relay;
	const struct endpoint *client = &connection->endpoints[CLIENT];

	if (relay->is_over)
		return endpoint_is_readable(client) &&
			client->outgoing != OUTGOING_CLOSED
		    ? CONNECTION_RELAYING
		    : CONNECTION_DONE;
	if (client->incoming == INCOMING_BROKEN)
		return end(connection, RESULT_ERROR);
	if (client->outgoing == OUTGOING_CLOSED)
		return end(connection, RESULT_CLIENT_RESET);
	if (relay->body_malformed)
		return relaying_malformed(connection);
	if (!endpoint_is_readable(client) && has_body_left(connection))
		return end(connection, RESULT_CLIENT_RESET);
	if (connection->flows[CLIENT].is_starved ||
	    connection->flows[UPSTREAM].is_starved)
		recheck_in(worker, connection, RECHECK_SHORTAGE_MS);
	return conclude_upstream(worker, connection);
}

/* Silence ends it; while the whole request waits for the first byte of its
 * response, -response-timeout does. */
static int64_t
due_ms(const struct worker *worker, const struct connection *connection)
{
	const struct config *config = worker->config;
	int64_t limit_ms = endpoint_is_readable(&connection->endpoints[CLIENT])
	    ? config->idle_timeout_ms
	    : config->half_closed_timeout_ms;

	if (connection->relay->request.is_waiting)
		limit_ms = config->response_timeout_ms;
	return limit_ms == 0 ? DEADLINE_NEVER
			     : connection->active_ms + limit_ms;
}

/* What the kernel had no memory for, and the peers that may have vanished. */
static enum connection_state
look_again(struct worker *worker, struct connection *connection)
{
	enum connection_state next = CONNECTION_RELAYING;
	int64_t left_ms = recheck_peers_left_ms(worker, connection);

	if (left_ms <= 0)
		return end(connection, RESULT_ERROR);
	deadlines_move(&worker->deadlines, &connection->deadline,
	    due_ms(worker, connection));
	if (left_ms != DEADLINE_NEVER)
		recheck_in(worker, connection, left_ms);
	if (connection->flows[CLIENT].is_starved)
		flow_flush(worker, &connection->flows[CLIENT],
		    &connection->endpoints[UPSTREAM]);
	if (connection->flows[UPSTREAM].is_starved)
		next = relay_response_read(worker, connection);
	return next == CONNECTION_RELAYING ? conclude(worker, connection)
					   : next;
}

static enum connection_state
expire(struct worker *worker, struct connection *connection)
{
	if (connection->relay->is_over)
		return CONNECTION_DONE;
	if (worker->now_ms < due_ms(worker, connection))
		return look_again(worker, connection);
	if (connection->relay->request.is_waiting)
		return connection_fail(connection, FAILURE_RESPONSE_TIMEOUT,
		    "no answer from the upstream in time", "timed out");
	return end(connection, RESULT_IDLE_TIMEOUT);
}

/* SO_ERROR is read first, as in a tunnel. */
static enum connection_state
take_event(struct worker *worker, struct connection *connection,
    const struct wake *wake)
{
	enum side side = wake->side;
	struct endpoint *endpoint = &connection->endpoints[side];

	if (endpoint->watch.fd == -1) /* closed earlier in this turn */
		return CONNECTION_RELAYING;
	if ((wake->events & SOCKET_ERROR) != 0)
		endpoint_note_error(
		    endpoint, descriptor_socket_error(endpoint->watch.fd));
	if ((wake->events & (SOCKET_WRITABLE | SOCKET_TROUBLE)) != 0 &&
	    wants_write(connection, side))
		flow_flush(
		    worker, &connection->flows[side_other(side)], endpoint);
	if ((wake->events & (SOCKET_READABLE | SOCKET_TROUBLE)) == 0 ||
	    !wants_read(connection, side))
		return CONNECTION_RELAYING;
	if (side == UPSTREAM)
		return relay_response_read(worker, connection);
	read_client(worker, connection);
	return CONNECTION_RELAYING;
}

/* All is sent now: the upstream is to answer. */
static void
set_deadline(
    struct worker *worker, struct connection *connection, bool was_sent)
{
	if (!was_sent && is_sent(connection) &&
	    !connection->relay->is_answered &&
	    !connection->relay->request.is_waiting)
		asking_begin(worker, connection);
	deadlines_move(&worker->deadlines, &connection->deadline,
	    due_ms(worker, connection));
	recheck_in(worker, connection, RECHECK_PEERS_MS);
}

static enum connection_state
run(struct worker *worker, struct connection *connection,
    const struct wake *wake)
{
	bool was_sent = wake->reason == WAKE_EVENT && is_sent(connection);
	enum connection_state next = CONNECTION_RELAYING;

	if (!connection->relay->is_over)
		connection->active_ms = worker->now_ms;
	if (wake->reason == WAKE_EVENT)
		next = take_event(worker, connection, wake);
	if (next != CONNECTION_RELAYING)
		return next;
	if (!connection->relay->is_over)
		set_deadline(worker, connection, was_sent);
	return conclude(worker, connection);
}

enum connection_state
relaying_step(struct worker *worker, struct connection *connection,
    const struct wake *wake)
{
	switch (wake->reason) {
	case WAKE_ENTERED:
	case WAKE_EVENT:
		return run(worker, connection, wake);
	case WAKE_DEADLINE:
		return expire(worker, connection);
	case WAKE_NEWS:
		break;
	}
	return CONNECTION_RELAYING;
}
