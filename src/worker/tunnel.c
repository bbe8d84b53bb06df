#include "worker/tunnel.h"

#include <errno.h>
#include <sys/socket.h>

#include "base/descriptor.h"
#include "base/socket_options.h"
#include "worker/steps.h"
#include "worker/upstream_health.h"
#include "worker/upstream_socket.h"
#include "worker/worker.h"

/* How often a side that reset is looked after while the other one's kernel
 * still sends what came before. */
enum { LAST_BYTES_MS = 1000 };

/* How many reads of a turn may be for one dead socket. */
enum { LAST_READS = 128 };

enum { RECYCLE_MAX_BYTES = 64 * 1024 };

static const enum connection_result reset_results[] = {
	[CLIENT] = RESULT_CLIENT_RESET,
	[UPSTREAM] = RESULT_UPSTREAM_RESET,
};

static bool
run(struct worker *worker, struct connection *connection, enum side from)
{
	const struct flow *flow = &connection->flows[from];
	uint64_t moved_bytes = flow->moved_bytes;
	bool result = flow_run(worker, &connection->flows[from],
	    &connection->endpoints[from],
	    &connection->endpoints[side_other(from)]);

	if (from == UPSTREAM && flow->moved_bytes != moved_bytes)
		upstream_health_heard(worker, connection->upstream_index);
	return result;
}

void
tunnel_begin(
    struct worker *worker, struct connection *connection, struct span early)
{
	struct endpoint *endpoints = connection->endpoints;
	struct flow *flows = connection->flows;

	counter_add(&worker->counters->tunnelled, 1);
	connection->active_ms = worker->now_ms;
	flow_count(worker, &flows[CLIENT], &endpoints[CLIENT],
	    flows[CLIENT].unsent_length);
	connection_end_handshake(worker, connection);
	flow_push(worker, &flows[UPSTREAM], &endpoints[UPSTREAM],
	    &endpoints[CLIENT], early);
}

static void
tunnel_break(struct connection *connection)
{
	for (enum side side = CLIENT; side <= UPSTREAM; side++) {
		connection->endpoints[side].failed = true;
		connection->endpoints[side].broken = true;
	}
}

uint32_t
tunnel_interest(const struct connection *connection, enum side side)
{
	const struct flow *out_of = &connection->flows[side];
	const struct flow *into = &connection->flows[side_other(side)];
	uint32_t wanted = 0;

	if (!connection->endpoints[side].eof && !flow_has_unsent(out_of))
		wanted |= SOCKET_READABLE;
	if (flow_has_unsent(into))
		wanted |= SOCKET_WRITABLE;
	return wanted;
}

/* All that the side sent is read and handed on, up to its FIN or RST. */
static bool
is_delivered(const struct connection *connection, enum side from)
{
	return connection->endpoints[from].eof &&
	    !flow_has_unsent(&connection->flows[from]);
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
	    !connection->endpoints[UPSTREAM].eof &&
	    !connection->endpoints[CLIENT].reset_after_fin;
}

static bool
has_failed(const struct connection *connection)
{
	return connection->endpoints[CLIENT].failed ||
	    connection->endpoints[UPSTREAM].failed;
}

/* A sink that was reset is not connected any more. */
static void
pass_fin(struct worker *worker, struct connection *connection, enum side from)
{
	struct endpoint *sink = &connection->endpoints[side_other(from)];

	if (sink->fin_sent || has_failed(connection) ||
	    !is_delivered(connection, from) ||
	    is_held(worker, connection, from))
		return;
	sink->fin_sent = true;
	if (shutdown(sink->watch.fd, SHUT_WR) == 0)
		return;
	if (errno == ENOTCONN)
		sink->reset_after_fin = true;
	else
		tunnel_break(connection);
}

/* An error that no read will come across, because none is due: the RST came
 * after the FIN, or while the other side takes nothing. Asking for it makes
 * the system forget it, so the answer is noted. */
static void
note_trouble(struct connection *connection, enum side side)
{
	struct endpoint *endpoint = &connection->endpoints[side];
	int error;

	if (endpoint->reset_after_fin || endpoint->failed ||
	    (!endpoint->eof && !flow_has_unsent(&connection->flows[side])))
		return;
	error = descriptor_socket_error(endpoint->watch.fd);
	if (error == 0)
		return;
	if (endpoint->eof || error == EPIPE)
		endpoint->reset_after_fin = true;
	else if (error == ECONNRESET)
		endpoint->failed = true;
	else
		tunnel_break(connection);
}

static void
note_reset(struct connection *connection, enum side side)
{
	connection->result = connection->endpoints[side].broken
	    ? RESULT_ERROR
	    : reset_results[side];
}

/* What a side sent before its RST is written to the other side first, however
 * slow that is; then both get a RST. Where both are broken nothing is left to
 * wait for. */
static enum connection_state
end_by_failure(struct connection *connection, enum side side)
{
	note_reset(connection, side);
	return is_delivered(connection, side) ||
		connection->endpoints[side_other(side)].failed
	    ? CONNECTION_DONE
	    : CONNECTION_TUNNELLING;
}

/* The side was reset after its FIN. What it sent before still has to arrive,
 * with the FIN; then the other side gets the RST. */
static enum connection_state
end_by_reset(
    struct worker *worker, struct connection *connection, enum side side)
{
	struct endpoint *other = &connection->endpoints[side_other(side)];

	note_reset(connection, side);
	if (is_delivered(connection, side) &&
	    descriptor_unacknowledged(other->watch.fd) <= 0)
		return CONNECTION_DONE;
	if (connection->deadline.at_ms > worker->now_ms + LAST_BYTES_MS)
		deadlines_move(&worker->deadlines, &connection->deadline,
		    worker->now_ms + LAST_BYTES_MS);
	return CONNECTION_TUNNELLING;
}

/* The kernel has grown the buffers of a socket that carried much. Where no
 * other connection is open, none is expected soon. */
static bool
is_worth_recycling(
    const struct worker *worker, const struct connection *connection)
{
	const struct endpoint *endpoint = &connection->endpoints[UPSTREAM];

	return endpoint->fin_sent && !endpoint->reset_after_fin &&
	    connection->flows[CLIENT].moved_bytes <= RECYCLE_MAX_BYTES &&
	    connection->flows[UPSTREAM].moved_bytes <= RECYCLE_MAX_BYTES &&
	    worker->open > 1 && !worker->draining;
}

/* Both have sent all that they wanted to send. */
static enum connection_state
end_delivered(struct worker *worker, struct connection *connection)
{
	struct endpoint *upstream = &connection->endpoints[UPSTREAM];

	for (enum side side = CLIENT; side <= UPSTREAM; side++) {
		if (connection->endpoints[side].reset_after_fin)
			note_reset(connection, side);
	}
	socket_options_end_with_fin(connection->endpoints[CLIENT].watch.fd);
	if (!is_worth_recycling(worker, connection) ||
	    !upstream_socket_recycle(worker, upstream))
		socket_options_end_with_fin(upstream->watch.fd);
	return CONNECTION_DONE;
}

/* A dead socket has nothing to wait for but what it got before. */
static void
read_remaining(
    struct worker *worker, struct connection *connection, enum side side)
{
	const struct endpoint *endpoint = &connection->endpoints[side];

	for (unsigned i = 0; i < LAST_READS; i++) {
		if ((!endpoint->failed && !endpoint->reset_after_fin) ||
		    endpoint->eof || flow_has_unsent(&connection->flows[side]))
			break;
		run(worker, connection, side);
	}
}

/* What follows from what is known of both ends. */
static enum connection_state
conclude(struct worker *worker, struct connection *connection)
{
	read_remaining(worker, connection, CLIENT);
	read_remaining(worker, connection, UPSTREAM);
	if (!has_failed(connection) && is_delivered(connection, CLIENT) &&
	    is_delivered(connection, UPSTREAM))
		return end_delivered(worker, connection);
	pass_fin(worker, connection, CLIENT);
	pass_fin(worker, connection, UPSTREAM);
	read_remaining(worker, connection, CLIENT);
	read_remaining(worker, connection, UPSTREAM);
	for (enum side side = CLIENT; side <= UPSTREAM; side++) {
		if (connection->endpoints[side].failed)
			return end_by_failure(connection, side);
	}
	for (enum side side = CLIENT; side <= UPSTREAM; side++) {
		if (connection->endpoints[side].reset_after_fin)
			return end_by_reset(worker, connection, side);
	}
	return CONNECTION_TUNNELLING;
}

static bool
is_half_closed(const struct connection *connection)
{
	return connection->endpoints[CLIENT].eof ||
	    connection->endpoints[UPSTREAM].eof || has_failed(connection);
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
expire(struct worker *worker, struct connection *connection)
{
	int64_t until_ms = silent_until_ms(worker, connection);

	if (worker->now_ms >= until_ms) {
		connection->result = RESULT_IDLE_TIMEOUT;
		return CONNECTION_DONE;
	}
	deadlines_move(&worker->deadlines, &connection->deadline, until_ms);
	return conclude(worker, connection);
}

static void
run_flows(struct worker *worker, struct connection *connection, enum side side,
    uint32_t events)
{
	if ((events & (SOCKET_READABLE | SOCKET_TROUBLE)) != 0 &&
	    !flow_has_unsent(&connection->flows[side]))
		run(worker, connection, side);
	if ((events & (SOCKET_WRITABLE | SOCKET_TROUBLE)) != 0 &&
	    flow_has_unsent(&connection->flows[side_other(side)]))
		run(worker, connection, side_other(side));
	if ((events & SOCKET_ERROR) != 0)
		note_trouble(connection, side);
}

/* On entry the client's bytes are likely to be there already: it has had all
 * the time of the handshake to send them. */
static enum connection_state
take(struct worker *worker, struct connection *connection,
    const struct wake *wake)
{
	bool was_half_closed =
	    wake->reason == WAKE_EVENT && is_half_closed(connection);

	connection->active_ms = worker->now_ms;
	if (wake->reason == WAKE_ENTERED)
		run(worker, connection, CLIENT);
	else
		run_flows(worker, connection, wake->side, wake->events);
	if (!was_half_closed && is_half_closed(connection))
		deadlines_move(&worker->deadlines, &connection->deadline,
		    silent_until_ms(worker, connection));
	return conclude(worker, connection);
}

enum connection_state
tunnelling_step(struct worker *worker, struct connection *connection,
    const struct wake *wake)
{
	switch (wake->reason) {
	case WAKE_ENTERED:
	case WAKE_EVENT:
		return take(worker, connection, wake);
	case WAKE_DEADLINE:
		return expire(worker, connection);
	case WAKE_NEWS:
		break;
	}
	return CONNECTION_TUNNELLING;
}
