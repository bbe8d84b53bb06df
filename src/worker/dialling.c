#include "worker/steps.h"

#include <errno.h>
#include <string.h>
#include <sys/socket.h>

#include "base/descriptor.h"
#include "worker/handshake.h"
#include "worker/upstream_socket.h"
#include "worker/worker.h"

static struct upstream *
upstream_of(struct worker *worker, const struct connection *connection)
{
	return &worker->upstreams[connection->upstream_index];
}

static enum connection_state
fail(struct worker *worker, struct connection *connection, int error)
{
	const char *cause = error == ETIMEDOUT ? "timed out" : strerror(error);

	upstream_want_lookup(upstream_of(worker, connection), worker->now_ms);
	if (connection->handshake->dial.no_local_port)
		return connection_fail(connection, FAILURE_NO_LOCAL_PORT,
		    "no local port left towards the upstream: see "
		    "ip_local_port_range and tcp_tw_reuse",
		    cause);
	return connection_fail(
	    connection, FAILURE_DIAL, "cannot connect to the upstream", cause);
}

/* As connect(2). An upstream on this host, or near, has often answered when
 * connect(2) returns EINPROGRESS: the second call then succeeds, and a turn of
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

/* As connect(2), with EINPROGRESS or EALREADY where it is in flight. The
 * reserved socket serves the first attempt if its family fits. */
static int
attempt(struct worker *worker, struct connection *connection,
    const struct address *address)
{
	struct endpoint *endpoint = &connection->endpoints[UPSTREAM];
	bool is_first = connection->handshake->dial.attempts == 1;

	connection->upstream = *address;
	if ((!is_first || address->any.sa_family != endpoint->family) &&
	    upstream_socket_open(worker, endpoint, address->any.sa_family) ==
		-1)
		return -1;
	return connect_soon(endpoint->watch.fd, address);
}

static enum connection_state
connected(struct worker *worker, const struct connection *connection)
{
	upstream_prefer(upstream_of(worker, connection), &connection->upstream);
	return CONNECTION_REQUESTING;
}

/* Tries the next address; `error` is what became of the one before. Without
 * IPv6 in the kernel, an IPv6 address fails by EADDRNOTAVAIL, too. */
static enum connection_state
dial_on(struct worker *worker, struct connection *connection, int error)
{
	const struct upstream *upstream = upstream_of(worker, connection);
	struct dial *dial = &connection->handshake->dial;
	const struct address *address;

	while ((address = dial_next(dial, upstream, worker->now_ms)) != NULL) {
		if (attempt(worker, connection, address) == 0)
			return connected(worker, connection);
		if (errno == EINPROGRESS || errno == EALREADY) {
			deadlines_move(&worker->deadlines,
			    &connection->deadline,
			    dial_give_up_ms(dial, upstream, worker->now_ms));
			return CONNECTION_DIALLING;
		}
		error = errno;
		dial->no_local_port |=
		    error == EADDRNOTAVAIL && address->any.sa_family == AF_INET;
	}
	return fail(worker, connection, error);
}

static enum connection_state
take_event(struct worker *worker, struct connection *connection,
    const struct wake *wake)
{
	if (wake->side == CLIENT)
		return CONNECTION_DIALLING;
	if ((wake->events & SOCKET_TROUBLE) == 0)
		return connected(worker, connection);
	return dial_on(worker, connection,
	    descriptor_socket_error(connection->endpoints[UPSTREAM].watch.fd));
}

enum connection_state
dialling_step(struct worker *worker, struct connection *connection,
    const struct wake *wake)
{
	switch (wake->reason) {
	case WAKE_ENTERED:
	case WAKE_DEADLINE:
		return dial_on(worker, connection, ETIMEDOUT);
	case WAKE_EVENT:
		return take_event(worker, connection, wake);
	case WAKE_NEWS:
		break;
	}
	return CONNECTION_DIALLING;
}
