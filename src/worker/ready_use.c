/* SPDX-License-Identifier: MIT */
#include "worker/ready_use.h"

#include <errno.h>
#include <stddef.h>
#include <sys/socket.h>

#include "worker/asking.h"
#include "worker/connection_log.h"
#include "worker/handshake.h"
#include "worker/ready.h"
#include "worker/relay.h"
#include "worker/upstream_socket.h"
#include "worker/worker.h"

/* A request that goes out twice must do what it does once, and be whole. */
static bool
may_be_repeated(const struct connection *connection)
{
	const struct sniff *sniff = &connection->handshake->sniff;

	return !sniff_is_relayed(sniff) ||
	    relay_head_is_repeatable(
		&sniff->relay, unsent_span(&connection->flows[CLIENT].unsent));
}

/* Anything readable is the upstream's end, or no answer to us. */
static bool
is_quiet(const struct ready_socket *socket)
{
	char byte;

	return recv(socket->endpoint.watch.fd, &byte, sizeof byte, MSG_PEEK) ==
	    -1 &&
	    (errno == EAGAIN || errno == EINTR);
}

/* The socket takes the place of the connection's own, which no client has used
 * unless it was dialled before. */
static bool
hand_over(struct worker *worker, struct connection *connection,
    struct ready_socket *socket)
{
	struct endpoint *endpoint = &connection->endpoints[UPSTREAM];
	struct dial *dial = &connection->handshake->dial;

	if (dial->has_used_socket)
		watch_close(&endpoint->watch);
	else
		upstream_socket_return(worker, endpoint);
	dial->has_used_socket = true;
	*endpoint = (struct endpoint){
		.watch = { .fd = -1, .kind = endpoint->watch.kind },
		.family = socket->endpoint.family,
		.serves_once = socket->endpoint.serves_once,
	};
	return socket_set_move(&worker->sockets, &socket->endpoint.watch,
		   &endpoint->watch) == 0;
}

static void
note_taken(struct worker *worker, struct connection *connection,
    const struct address *address)
{
	struct handshake *handshake = connection->handshake;

	worker->ready.sockets--;
	counter_add(&worker->counters->ready_taken, 1);
	connection->upstream = *address;
	handshake->request.has_ready_socket = true;
	dial_pause(&handshake->dial, worker->now_ms);
	ready_want(worker, connection->upstream_index);
}

bool
ready_take(struct worker *worker, struct connection *connection)
{
	unsigned index = connection->upstream_index;
	struct ready_set *set;
	struct ready_socket *socket;

	if (worker->ready.sockets == 0 || index == UPSTREAM_DIRECT ||
	    !may_be_repeated(connection))
		return false;
	set = &worker->upstreams[index].ready;
	while (
	    (socket = ready_set_find_oldest(set,
		 worker->now_ms - worker->config->ready_timeout_ms)) != NULL) {
		if (is_quiet(socket) && hand_over(worker, connection, socket)) {
			note_taken(worker, connection, &socket->address);
			return true;
		}
		ready_discard(worker, socket);
	}
	return false;
}

bool
ready_was_taken(const struct connection *connection)
{
	return connection->handshake->request.has_ready_socket;
}

/* The request has waited for nothing: it is as if it had not been asked. */
enum connection_state
ready_retry(
    struct worker *worker, struct connection *connection, const char *cause)
{
	struct handshake *handshake = connection->handshake;
	unsigned index = connection->upstream_index;

	counter_add(&worker->counters->ready_stale, 1);
	connection_log_stale(worker, connection, cause);
	asking_end(worker, connection);
	relay_free(&connection->relay);
	request_begin(&handshake->request);
	dial_resume(&handshake->dial, worker->now_ms);
	dial_begin(&handshake->dial, worker->upstreams[index].generation,
	    worker->now_ms);
	return CONNECTION_DIALLING;
}
