/* SPDX-License-Identifier: MIT */
#include "worker/steps.h"

#include <errno.h>
#include <string.h>
#include <sys/socket.h>

#include "base/descriptor.h"
#include "base/socket_options.h"
#include "worker/failover.h"
#include "worker/handshake.h"
#include "worker/ready.h"
#include "worker/silence.h"
#include "worker/tunnel.h"
#include "worker/upstream_counts.h"
#include "worker/upstream_health.h"
#include "worker/upstream_socket.h"
#include "worker/worker.h"

static bool
is_direct(const struct connection *connection)
{
	return connection->upstream_index == UPSTREAM_DIRECT;
}

static struct upstream *
upstream_of(struct worker *worker, const struct connection *connection)
{
	return &worker->upstreams[connection->upstream_index];
}

/* What this host lacks is no evidence against the upstream. */
static bool
is_evidence(const struct connection *connection, int error)
{
	return !is_direct(connection) &&
	    !connection->handshake->dial.no_local_port && error != EMFILE &&
	    error != ENFILE && error != ENOMEM && error != ENOBUFS;
}

static enum connection_state
fail(struct worker *worker, struct connection *connection, int error)
{
	const char *cause = error == ETIMEDOUT ? "timed out" : strerror(error);

	upstream_counts_dial_failed(worker, connection);
	if (!is_direct(connection))
		upstream_want_lookup(
		    upstream_of(worker, connection), worker->now_ms);
	if (is_evidence(connection, error))
		upstream_health_dial_failed(
		    worker, connection->upstream_index, cause);
	if (connection->handshake->dial.no_local_port)
		return failover(worker, connection, FAILURE_NO_LOCAL_PORT,
		    "no local port left towards the upstream: see "
		    "ip_local_port_range and tcp_tw_reuse",
		    cause);
	return failover(worker, connection, FAILURE_DIAL,
	    is_direct(connection) ? "cannot connect to the destination"
				  : "cannot connect to the upstream",
	    cause);
}

/* As connect(2). An origin may speak first: a second connect(2) that finds a
 * RST loses its bytes. */
static int
connect_direct(struct endpoint *endpoint, const struct address *address)
{
	socket_options_hear_first(endpoint->watch.fd);
	endpoint->serves_once = true;
	return connect(
	    endpoint->watch.fd, &address->any, address_length(address));
}

/* As connect(2), with EINPROGRESS or EALREADY where it is in flight. The
 * reserved socket serves the first attempt if its family fits. */
static int
attempt(struct worker *worker, struct connection *connection,
    const struct address *address)
{
	struct endpoint *endpoint = &connection->endpoints[UPSTREAM];
	struct dial *dial = &connection->handshake->dial;
	bool is_first = !dial->has_used_socket;

	dial->has_used_socket = true;
	connection->upstream = *address;
	if ((!is_first || address->any.sa_family != endpoint->family) &&
	    upstream_socket_open(worker, endpoint, address->any.sa_family) ==
		-1)
		return -1;
	return is_direct(connection)
	    ? connect_direct(endpoint, address)
	    : upstream_socket_connect(endpoint, address);
}

static void
note_connected(struct worker *worker, struct connection *connection)
{
	struct dial *dial = &connection->handshake->dial;

	connection->connect_ms = worker->now_ms - dial->begun_ms;
	if (!is_direct(connection)) {
		upstream_prefer(
		    upstream_of(worker, connection), &connection->upstream);
		dial_pause(dial, worker->now_ms);
		ready_want(worker, connection->upstream_index);
	}
	upstream_counts_connected(worker, connection);
}

static enum connection_state
begin_tunnel(struct worker *worker, struct connection *connection)
{
	tunnel_begin(worker, connection, span_of("", 0));
	return CONNECTION_TUNNELLING;
}

static enum connection_state
connected(struct worker *worker, struct connection *connection)
{
	note_connected(worker, connection);
	if (is_direct(connection))
		return begin_tunnel(worker, connection);
	return CONNECTION_REQUESTING;
}

/* A refusal is another error. */
static bool
is_reset(int error)
{
	return error == ECONNRESET || error == EPIPE;
}

/* It was connected, and was reset before that was noticed. */
static enum connection_state
connected_and_reset(
    struct worker *worker, struct connection *connection, int error)
{
	note_connected(worker, connection);
	if (!is_direct(connection))
		return failover_bad_answer(worker, connection, strerror(error));
	endpoint_note_error(&connection->endpoints[UPSTREAM], error);
	return begin_tunnel(worker, connection);
}

/* The upstream gets less time while another one is left. */
static int64_t
limit_ms(const struct worker *worker, const struct connection *connection)
{
	const struct dial *dial = &connection->handshake->dial;
	int64_t limit = dial->begun_ms + worker->config->failover_after_ms;

	return limit < dial->until_ms &&
		route_has_next(&connection->handshake->route, worker,
		    connection->upstream_index)
	    ? limit
	    : dial->until_ms;
}

/* The index of the address that is dialled, or -1. The addresses may be others
 * since the last look at them. */
static int
find_current(struct worker *worker, struct connection *connection)
{
	struct upstream *upstream = upstream_of(worker, connection);
	struct dial *dial = &connection->handshake->dial;
	int index = upstream_find(upstream, &connection->upstream);

	if (dial->generation != upstream->generation)
		dial_renumber(dial, upstream->generation, index);
	return index;
}

/* The address to try next; NULL: none is left. */
static const struct address *
next_address(struct worker *worker, struct connection *connection)
{
	struct dial *dial = &connection->handshake->dial;
	struct upstream *upstream;
	int index;

	if (is_direct(connection)) {
		if (dial->tried != 0)
			return NULL;
		dial->tried = 1;
		return &connection->destination;
	}
	upstream = upstream_of(worker, connection);
	find_current(worker, connection);
	index = dial_next(
	    dial, upstream, worker->now_ms, worker->config->check_interval_ms);
	return index == -1 ? NULL : &upstream->addresses.list[index];
}

static void
set_deadline(
    struct worker *worker, struct connection *connection, int64_t limit)
{
	int64_t until_ms = limit;

	if (!is_direct(connection)) {
		int64_t patience_ms =
		    dial_patience_ms(&connection->handshake->dial,
			upstream_of(worker, connection));

		if (patience_ms < limit - worker->now_ms)
			until_ms = worker->now_ms + patience_ms;
	}
	deadlines_move(&worker->deadlines, &connection->deadline, until_ms);
}

/* Tries the next address; `error` is what became of the one before. Without
 * IPv6 in the kernel, an IPv6 address fails by EADDRNOTAVAIL, too. */
static enum connection_state
dial_on(struct worker *worker, struct connection *connection, int error)
{
	struct dial *dial = &connection->handshake->dial;
	int64_t limit = limit_ms(worker, connection);
	const struct address *address;

	while (worker->now_ms < limit &&
	    (address = next_address(worker, connection)) != NULL) {
		if (attempt(worker, connection, address) == 0)
			return connected(worker, connection);
		if (errno == EINPROGRESS || errno == EALREADY) {
			set_deadline(worker, connection, limit);
			return CONNECTION_DIALLING;
		}
		error = errno;
		if (is_reset(error))
			return connected_and_reset(worker, connection, error);
		dial->no_local_port |=
		    error == EADDRNOTAVAIL && address->any.sa_family == AF_INET;
	}
	return fail(worker, connection, error);
}

/* The connection itself tries the address again in a later round, unless the
 * network says that it cannot be reached. */
static void
note_silence(struct worker *worker, struct connection *connection, int error)
{
	int index;

	if (is_direct(connection))
		return;
	index = find_current(worker, connection);
	if (index == -1)
		return;
	if (error == ETIMEDOUT)
		dial_was_silent(&connection->handshake->dial, (unsigned)index);
	silence_found(worker, connection->upstream_index, (unsigned)index);
}

static bool
is_silence(int error)
{
	return error == ETIMEDOUT || error == EHOSTUNREACH;
}

static enum connection_state
take_event(struct worker *worker, struct connection *connection,
    const struct wake *wake)
{
	int error;

	if (wake->side == CLIENT)
		return CONNECTION_DIALLING;
	if ((wake->events & SOCKET_TROUBLE) == 0)
		return connected(worker, connection);
	error =
	    descriptor_socket_error(connection->endpoints[UPSTREAM].watch.fd);
	if (is_reset(error))
		return connected_and_reset(worker, connection, error);
	if (is_silence(error))
		note_silence(worker, connection, error);
	return dial_on(worker, connection, error);
}

/* The addresses may be others, and the one that is dialled may be known to be
 * silent by now. */
static enum connection_state
take_news(struct worker *worker, struct connection *connection)
{
	int index;

	if (is_direct(connection))
		return CONNECTION_DIALLING;
	index = find_current(worker, connection);
	if (index == -1 ||
	    dial_has_better(&connection->handshake->dial,
		upstream_of(worker, connection), (unsigned)index,
		worker->now_ms))
		return dial_on(worker, connection, ETIMEDOUT);
	return failover_at_news(worker, connection);
}

enum connection_state
dialling_step(struct worker *worker, struct connection *connection,
    const struct wake *wake)
{
	switch (wake->reason) {
	case WAKE_DEADLINE:
		note_silence(worker, connection, ETIMEDOUT);
		return dial_on(worker, connection, ETIMEDOUT);
	case WAKE_ENTERED:
		return dial_on(worker, connection, ETIMEDOUT);
	case WAKE_EVENT:
		return take_event(worker, connection, wake);
	case WAKE_NEWS:
		return take_news(worker, connection);
	}
	return CONNECTION_DIALLING;
}
