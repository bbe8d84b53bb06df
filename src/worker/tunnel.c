/* SPDX-License-Identifier: MIT */
#include "worker/tunnel.h"

#include <errno.h>
#include <sys/socket.h>

#include "base/descriptor.h"
#include "base/socket_options.h"
#include "worker/ends.h"
#include "worker/recheck.h"
#include "worker/recycle.h"
#include "worker/steps.h"
#include "worker/upstream_health.h"
#include "worker/worker.h"

/* Until it is asked whether a FIN arrived. */
enum { LAST_ACK_MS = 1000 };

static void
run(struct worker *worker, struct connection *connection, enum side from)
{
	bool has_read = flow_run(worker, &connection->flows[from],
	    &connection->endpoints[from],
	    &connection->endpoints[side_other(from)]);

	if (has_read && from == UPSTREAM)
		upstream_health_heard(worker, connection->upstream_index);
}

void
tunnel_begin(
    struct worker *worker, struct connection *connection, struct span early)
{
	struct endpoint *endpoints = connection->endpoints;

	counter_add(connection->upstream_index == UPSTREAM_DIRECT
		? &worker->counters->direct
		: &worker->counters->tunnelled,
	    1);
	connection->active_ms = worker->now_ms;
	connection_end_handshake(worker, connection);
	flow_push(worker, &connection->flows[UPSTREAM], &endpoints[UPSTREAM],
	    &endpoints[CLIENT], early);
}

static bool
wants_read(const struct connection *connection, enum side side)
{
	const struct flow *flow = &connection->flows[side];

	return endpoint_is_readable(&connection->endpoints[side]) &&
	    connection->endpoints[side_other(side)].outgoing == OUTGOING_OPEN &&
	    !flow_has_unsent(flow) && !flow->is_starved;
}

static bool
wants_write(const struct connection *connection, enum side side)
{
	const struct flow *flow = &connection->flows[side_other(side)];

	return connection->endpoints[side].outgoing == OUTGOING_OPEN &&
	    flow_has_unsent(flow) && !flow->is_starved;
}

uint32_t
tunnel_interest(const struct connection *connection, enum side side)
{
	return (wants_read(connection, side) ? SOCKET_READABLE : 0u) |
	    (wants_write(connection, side) ? SOCKET_WRITABLE : 0u);
}

static enum stream
stream(const struct connection *connection, enum side from)
{
	return ends_stream(&connection->endpoints[from],
	    &connection->endpoints[side_other(from)],
	    flow_has_unsent(&connection->flows[from]));
}

/* A client's FIN is held until the origin has ended, if that is wanted and
 * the client can still receive. */
static bool
is_held(const struct worker *worker, const struct connection *connection,
    enum side from)
{
	return from == CLIENT &&
	    worker->config->half_close == HALF_CLOSE_HOLD &&
	    connection->upstream_index != UPSTREAM_DIRECT &&
	    stream(connection, UPSTREAM) == STREAM_MOVING;
}

/* ENOTCONN: the sink was reset, which its next read will tell. */
static void
pass_fin(struct worker *worker, struct connection *connection, enum side from)
{
	struct endpoint *sink = &connection->endpoints[side_other(from)];

	if (stream(connection, from) != STREAM_FIN_DUE ||
	    is_held(worker, connection, from))
		return;
	if (shutdown(sink->watch.fd, SHUT_WR) == 0)
		sink->outgoing = OUTGOING_FIN;
	else
		endpoint_note_error(sink, errno == ENOTCONN ? EPIPE : errno);
}

static enum connection_state
close_both(struct worker *worker, struct connection *connection)
{
	const struct endpoint *endpoints = connection->endpoints;

	socket_options_end_with_fin(endpoints[CLIENT].watch.fd);
	if (!recycle_upstream(worker, connection))
		socket_options_end_with_fin(endpoints[UPSTREAM].watch.fd);
	return CONNECTION_DONE;
}

static bool
has_reset(const struct connection *connection)
{
	return endpoint_is_reset(&connection->endpoints[CLIENT]) ||
	    endpoint_is_reset(&connection->endpoints[UPSTREAM]);
}

static enum connection_result
reset_result(const struct connection *connection)
{
	const struct endpoint *endpoints = connection->endpoints;

	if (endpoints[CLIENT].incoming == INCOMING_BROKEN ||
	    endpoints[UPSTREAM].incoming == INCOMING_BROKEN)
		return RESULT_ERROR;
	return endpoint_is_reset(&endpoints[CLIENT]) ? RESULT_CLIENT_RESET
						     : RESULT_UPSTREAM_RESET;
}

static enum connection_state
reset_both(struct connection *connection)
{
	connection->result = reset_result(connection);
	return CONNECTION_DONE;
}

/* The FIN behind which a RST is due has arrived, and all before it. */
static enum connection_state
reset_when_acked(struct worker *worker, struct connection *connection)
{
	enum side alive = endpoint_is_reset(&connection->endpoints[CLIENT])
	    ? UPSTREAM
	    : CLIENT;

	if (descriptor_unacknowledged(connection->endpoints[alive].watch.fd) <=
	    0)
		return reset_both(connection);
	recheck_in(worker, connection, LAST_ACK_MS);
	return CONNECTION_TUNNELLING;
}

/* What came before a RST is read at once: a dead socket has nothing to wait
 * for. Bytes for it have nowhere to go. */
static void
take_reset(struct worker *worker, struct connection *connection, enum side side)
{
	if (!endpoint_is_reset(&connection->endpoints[side]))
		return;
	flow_clear(worker, &connection->flows[side_other(side)]);
	if (wants_read(connection, side))
		run(worker, connection, side);
}

static enum ends_verdict
verdict(const struct connection *connection)
{
	return ends_verdict(
	    stream(connection, CLIENT), stream(connection, UPSTREAM));
}

/* What follows from what is known of both ends. A FIN that cannot be passed on
 * tells of a RST, hence two rounds. The last FIN is passed on by close(2). */
static enum connection_state
conclude(struct worker *worker, struct connection *connection)
{
	for (unsigned round = 0; round < 2; round++) {
		take_reset(worker, connection, CLIENT);
		take_reset(worker, connection, UPSTREAM);
		if (verdict(connection) == ENDS_CLOSE)
			return close_both(worker, connection);
		pass_fin(worker, connection, CLIENT);
		pass_fin(worker, connection, UPSTREAM);
	}
	if (connection->flows[CLIENT].is_starved ||
	    connection->flows[UPSTREAM].is_starved)
		recheck_in(worker, connection, RECHECK_SHORTAGE_MS);
	switch (verdict(connection)) {
	case ENDS_CONTINUE:
		break;
	case ENDS_CLOSE:
		return close_both(worker, connection);
	case ENDS_RESET:
		return reset_both(connection);
	case ENDS_RESET_WHEN_ACKED:
		return reset_when_acked(worker, connection);
	}
	return CONNECTION_TUNNELLING;
}

static bool
is_half_closed(const struct connection *connection)
{
	return connection->endpoints[CLIENT].incoming != INCOMING_OPEN ||
	    connection->endpoints[UPSTREAM].incoming != INCOMING_OPEN ||
	    has_reset(connection);
}

/* The moment at which silence ends the tunnel. The deadline is not moved for
 * each byte: when it comes, this says whether it has really come. */
static int64_t
silent_until_ms(
    const struct worker *worker, const struct connection *connection)
{
	int64_t limit_ms = is_half_closed(connection)
	    ? worker->config->half_closed_timeout_ms
	    : worker->config->idle_timeout_ms;

	return limit_ms == 0 ? DEADLINE_NEVER
			     : connection->active_ms + limit_ms;
}

static enum connection_state
end(struct connection *connection, enum connection_result result)
{
	connection->result =
	    has_reset(connection) ? reset_result(connection) : result;
	return CONNECTION_DONE;
}

static enum connection_state
expire(struct worker *worker, struct connection *connection)
{
	int64_t until_ms = silent_until_ms(worker, connection);
	int64_t left_ms;

	if (worker->now_ms >= until_ms)
		return end(connection, RESULT_IDLE_TIMEOUT);
	if ((left_ms = recheck_peers_left_ms(worker, connection)) <= 0)
		return end(connection, RESULT_ERROR);
	deadlines_move(&worker->deadlines, &connection->deadline, until_ms);
	if (left_ms != DEADLINE_NEVER)
		recheck_in(worker, connection, left_ms);
	for (enum side side = CLIENT; side <= UPSTREAM; side++) {
		if (connection->flows[side].is_starved)
			run(worker, connection, side);
	}
	return conclude(worker, connection);
}

/* SO_ERROR is read first: reading it clears it, and later reads would return 0
 * for a RST as for a FIN. */
static void
run_flows(struct worker *worker, struct connection *connection, enum side side,
    uint32_t events)
{
	struct endpoint *endpoint = &connection->endpoints[side];

	if ((events & SOCKET_ERROR) != 0)
		endpoint_note_error(
		    endpoint, descriptor_socket_error(endpoint->watch.fd));
	if ((events & (SOCKET_READABLE | SOCKET_TROUBLE)) != 0 &&
	    wants_read(connection, side))
		run(worker, connection, side);
	if ((events & (SOCKET_WRITABLE | SOCKET_TROUBLE)) != 0 &&
	    wants_write(connection, side))
		run(worker, connection, side_other(side));
}

/* Once a side has reset, nothing prolongs the time for the bytes before it. On
 * entry the client's bytes are probably there: the handshake took its time. */
static enum connection_state
take_event(struct worker *worker, struct connection *connection,
    const struct wake *wake)
{
	bool was_half_closed =
	    wake->reason == WAKE_EVENT && is_half_closed(connection);

	if (!has_reset(connection))
		connection->active_ms = worker->now_ms;
	if (wake->reason == WAKE_ENTERED)
		run(worker, connection, CLIENT);
	else
		run_flows(worker, connection, wake->side, wake->events);
	if (!was_half_closed && is_half_closed(connection))
		deadlines_move(&worker->deadlines, &connection->deadline,
		    silent_until_ms(worker, connection));
	recheck_in(worker, connection, RECHECK_PEERS_MS);
	return conclude(worker, connection);
}

enum connection_state
tunnelling_step(struct worker *worker, struct connection *connection,
    const struct wake *wake)
{
	switch (wake->reason) {
	case WAKE_ENTERED:
	case WAKE_EVENT:
		return take_event(worker, connection, wake);
	case WAKE_DEADLINE:
		return expire(worker, connection);
	case WAKE_NEWS:
		break;
	}
	return CONNECTION_TUNNELLING;
}
