#include "worker/dial.h"

#include <errno.h>
#include <string.h>
#include <sys/socket.h>

#include "base/descriptor.h"
#include "ipc/log_pipe.h"
#include "worker/handshake.h"
#include "worker/original_destination.h"
#include "worker/upstream_socket.h"
#include "worker/worker.h"

enum { LOOKUP_PAUSE_MS = 1000 };

/* Asks the master for fresh addresses, if they came from a name at all. */
static void
want_lookup(struct worker *worker)
{
	if (worker->now_ms < worker->lookup_from_ms)
		return;
	worker->lookup_from_ms = worker->now_ms + LOOKUP_PAUSE_MS;
	log_pipe_signal(LOG_RECORD_LOOKUP);
}

static enum connection_state
fail(struct worker *worker, struct connection *connection, const char *cause)
{
	want_lookup(worker);
	if (connection->handshake->no_local_port)
		return connection_fail(worker, connection,
		    FAILURE_NO_LOCAL_PORT,
		    "no local port left towards the upstream: see "
		    "ip_local_port_range and tcp_tw_reuse",
		    cause);
	return connection_fail(worker, connection, FAILURE_DIAL,
	    "cannot connect to the upstream", cause);
}

/* An upstream on this host, or near, has often answered when connect(2)
 * returns, though it says EINPROGRESS: asked again, it says so, and a turn of
 * the loop is saved. */
static int
connect_soon(int fd, const struct address *address)
{
	socklen_t length = address_length(address);

	if (connect(fd, &address->any, length) == 0)
		return 0;
	if (errno == EINPROGRESS &&
	    (connect(fd, &address->any, length) == 0 || errno == EISCONN))
		return 0;
	return -1;
}

/* As connect(2), with EINPROGRESS and EALREADY where it is under way. The
 * socket that was reserved serves the first attempt if its family fits. */
static int
attempt(struct worker *worker, struct connection *connection,
    const struct address *address, bool first)
{
	struct endpoint *endpoint = &connection->endpoints[UPSTREAM];
	int family = address->any.sa_family;

	connection->upstream = *address;
	if (!first || family != connection->handshake->family) {
		descriptor_close(&endpoint->fd);
		*endpoint = (struct endpoint){ .fd = upstream_socket_take(
						   worker, family) };
		if (endpoint->fd == -1)
			return -1;
	}
	return connect_soon(endpoint->fd, address);
}

/* So that the next connection need not wait for a dead address first. */
static void
prefer(struct worker *worker, const struct address *address)
{
	for (unsigned i = 0; i < worker->upstream.count; i++) {
		if (address_equal(&worker->upstream.list[i], address))
			worker->preferred = i;
	}
}

static enum connection_state
dialled(struct worker *worker, const struct connection *connection)
{
	prefer(worker, &connection->upstream);
	return CONNECTION_REQUESTING;
}

/* The next address in turn; `error` is what became of the one before. */
static enum connection_state
dial_next(struct worker *worker, struct connection *connection, int error)
{
	struct handshake *handshake = connection->handshake;
	const struct upstream_addresses *known = &worker->upstream;
	int64_t left_ms = handshake->dial_until_ms - worker->now_ms;

	while (handshake->attempts < known->count && left_ms > 0) {
		unsigned left = known->count - handshake->attempts;
		unsigned index = handshake->first + handshake->attempts;
		bool first = handshake->attempts++ == 0;

		if (attempt(worker, connection,
			&known->list[index % known->count], first) == 0)
			return dialled(worker, connection);
		if (errno == EINPROGRESS || errno == EALREADY) {
			deadlines_move(&worker->deadlines,
			    &connection->deadline,
			    worker->now_ms + (left_ms + left - 1) / left);
			return CONNECTION_DIALLING;
		}
		error = errno;
		handshake->no_local_port |= error == EADDRNOTAVAIL &&
		    connection->upstream.any.sa_family == AF_INET;
	}
	return fail(worker, connection,
	    error == ETIMEDOUT ? "timed out" : strerror(error));
}

static enum connection_state
dial_begin(struct worker *worker, struct connection *connection)
{
	const struct destination_refusal *refusal =
	    original_destination_loop(worker, &connection->destination);

	if (refusal != NULL)
		return connection_fail(worker, connection, refusal->failure,
		    refusal->words, refusal->cause);
	connection->handshake->first = worker->preferred;
	return dial_next(worker, connection, ETIMEDOUT);
}

bool
dial_is_waiting(const struct connection *connection)
{
	return connection->state == CONNECTION_DIALLING &&
	    connection->handshake->attempts == 0;
}

enum connection_state
dial_step(struct worker *worker, struct connection *connection, enum side side,
    uint32_t events)
{
	struct handshake *handshake = connection->handshake;
	bool expired = worker->now_ms >= connection->deadline.at_ms;

	if (handshake->dial_until_ms == 0)
		handshake->dial_until_ms = connection->deadline.at_ms;
	if (handshake->attempts == 0) {
		if (worker->upstream.count > 0)
			return dial_begin(worker, connection);
		return expired ? fail(worker, connection, "name unknown")
			       : CONNECTION_DIALLING;
	}
	if (events == 0)
		return expired ? dial_next(worker, connection, ETIMEDOUT)
			       : CONNECTION_DIALLING;
	if (side == CLIENT)
		return CONNECTION_DIALLING;
	if ((events & SOCKET_TROUBLE) != 0)
		return dial_next(worker, connection,
		    descriptor_socket_error(
			connection->endpoints[UPSTREAM].fd));
	return dialled(worker, connection);
}
