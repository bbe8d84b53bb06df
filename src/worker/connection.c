#include "worker/connection.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/descriptor.h"
#include "worker/dial.h"
#include "worker/handshake.h"
#include "worker/request.h"
#include "worker/sniff.h"
#include "worker/tunnel.h"
#include "worker/upstream_socket.h"
#include "worker/worker.h"

typedef enum connection_state step(struct worker *worker,
    struct connection *connection, enum side side, uint32_t events);

/* The timeout is a field of struct config, in milliseconds; 0 means none. To a
 * connection without a client, or one that is DONE, nothing happens. */
static const struct state {
	step *step;
	size_t timeout_offset;
} states[CONNECTION_STATES] = {
	[CONNECTION_SNIFFING] = { sniff_step,
	    offsetof(struct config, sniff_timeout_ms) },
	[CONNECTION_DIALLING] = { dial_step,
	    offsetof(struct config, dial_timeout_ms) },
	[CONNECTION_REQUESTING] = { request_step,
	    offsetof(struct config, response_timeout_ms) },
	[CONNECTION_ANSWERING] = { answer_step,
	    offsetof(struct config, response_timeout_ms) },
	[CONNECTION_TUNNELLING] = { tunnel_step,
	    offsetof(struct config, idle_timeout_ms) },
};

static uint64_t
connection_tag(struct connection *connection, enum side side)
{
	return (uint64_t)(uintptr_t)connection | (uint64_t)side;
}

struct connection *
connection_of_tag(uint64_t tag, enum side *side)
{
	*side = (tag & 1) != 0 ? UPSTREAM : CLIENT;
	return (struct connection *)(uintptr_t)(tag & ~(uint64_t)1);
}

struct connection *
connection_reserve(struct worker *worker)
{
	struct connection *connection = slab_pool_take(&worker->connections);

	if (connection == NULL)
		return NULL;
	connection->endpoints[CLIENT].fd = -1;
	connection->endpoints[UPSTREAM].fd = -1;
	connection->handshake = slab_pool_take(&worker->handshakes);
	if (connection->handshake == NULL ||
	    upstream_socket_reserve(worker, connection) == -1 ||
	    deadlines_reserve(&worker->deadlines) == -1) {
		connection_release(worker, connection);
		return NULL;
	}
	return connection;
}

void
connection_end_handshake(struct worker *worker, struct connection *connection)
{
	if (connection->handshake == NULL)
		return;
	free(connection->handshake->sniffed);
	slab_pool_give(&worker->handshakes, connection->handshake);
	connection->handshake = NULL;
}

void
connection_release(struct worker *worker, struct connection *connection)
{
	int saved_errno = errno;

	descriptor_close(&connection->endpoints[CLIENT].fd);
	descriptor_close(&connection->endpoints[UPSTREAM].fd);
	tunnel_clear(worker, connection);
	connection_end_handshake(worker, connection);
	free(connection->host);
	connection->host = NULL;
	connection->next = worker->done;
	worker->done = connection;
	errno = saved_errno;
}

void
connection_sweep(struct worker *worker)
{
	while (worker->done != NULL) {
		struct connection *connection = worker->done;

		worker->done = connection->next;
		slab_pool_give(&worker->connections, connection);
	}
}

/* DONE: says so and gives up everything. */
static void
finish(struct worker *worker, struct connection *connection)
{
	connection_log_closed(worker, connection);
	deadlines_remove(&worker->deadlines, &connection->deadline);
	connection_release(worker, connection);
	worker->open--;
	counter_step(&worker->counters->open, -1);
	acceptor_capacity_freed(worker);
}

static void
enter(struct worker *worker, struct connection *connection,
    enum connection_state next)
{
	const char *config = (const char *)worker->config;
	int64_t timeout_ms;

	worker_progress(worker);
	if (connection->state < CONNECTION_TUNNELLING &&
	    next >= CONNECTION_TUNNELLING)
		pending_remove(&worker->pending, connection);
	if (next == CONNECTION_DONE) {
		finish(worker, connection); /* the log wants the old state */
		connection->state = next;
		return;
	}
	memcpy(&timeout_ms, config + states[next].timeout_offset,
	    sizeof timeout_ms);
	connection->state = next;
	deadlines_move(&worker->deadlines, &connection->deadline,
	    timeout_ms == 0 ? DEADLINE_NEVER : worker->now_ms + timeout_ms);
}

/* The one place that says which events each end is waiting for. */
static uint32_t
interest(const struct connection *connection, enum side side)
{
	switch (connection->state) {
	case CONNECTION_SNIFFING:
		return side == CLIENT ? SOCKET_READABLE : 0;
	case CONNECTION_DIALLING:
		return side == UPSTREAM &&
			connection->upstream.any.sa_family != AF_UNSPEC
		    ? SOCKET_WRITABLE
		    : 0;
	case CONNECTION_REQUESTING:
		return side == UPSTREAM ? SOCKET_WRITABLE : 0;
	case CONNECTION_ANSWERING:
		return side == UPSTREAM ? SOCKET_READABLE : 0;
	case CONNECTION_TUNNELLING:
		return tunnel_interest(connection, side);
	case CONNECTION_RESERVED:
	case CONNECTION_DONE:
		break;
	}
	return 0;
}

/* Changes what an end is waited for only when it must: to hear of something
 * new, to hear no more of what just came and is not wanted, and of room to
 * write, of which there nearly always is some. A client is watched from the
 * start, for its RST. */
static int
watch(struct worker *worker, struct connection *connection, enum side side,
    uint32_t came)
{
	struct endpoint *endpoint = &connection->endpoints[side];
	uint32_t wanted = interest(connection, side);
	uint32_t unwanted = endpoint->wanted & ~wanted;
	uint64_t tag = connection_tag(connection, side);

	if (!endpoint->watched) {
		if (wanted == 0 && (side == UPSTREAM || endpoint->hup_seen))
			return 0;
		endpoint->watched = true;
		endpoint->wanted = wanted;
		return socket_set_add(
		    &worker->sockets, endpoint->fd, wanted, tag);
	}
	if (wanted == 0 && endpoint->hup_seen) {
		endpoint->watched = false;
		socket_set_remove(&worker->sockets, endpoint->fd);
		return 0;
	}
	if ((wanted & ~endpoint->wanted) == 0 &&
	    (unwanted & (came | SOCKET_WRITABLE)) == 0)
		return 0;
	endpoint->wanted = wanted;
	return socket_set_want(&worker->sockets, endpoint->fd, wanted, tag);
}

/* Runs through the states until one waits. */
static void
follow(struct worker *worker, struct connection *connection,
    enum connection_state next)
{
	while (next != connection->state) {
		enter(worker, connection, next);
		if (next == CONNECTION_DONE)
			return;
		next = states[next].step(worker, connection, CLIENT, 0);
	}
}

static void
watch_both(struct worker *worker, struct connection *connection, enum side side,
    uint32_t events)
{
	if (connection->state == CONNECTION_DONE)
		return;
	if (watch(worker, connection, side, events) == 0 &&
	    watch(worker, connection, side_other(side), 0) == 0)
		return;
	follow(worker, connection,
	    connection_fail(worker, connection, FAILURE_INTERNAL,
		"connection closed: its socket cannot be watched",
		strerror(errno)));
}

void
connection_step(struct worker *worker, struct connection *connection,
    enum side side, uint32_t events)
{
	enum connection_state state = connection->state;

	if (state == CONNECTION_DONE)
		return;
	if ((events & SOCKET_TROUBLE) != 0)
		connection->endpoints[side].hup_seen = true;
	if ((events & SOCKET_TROUBLE) != 0 && side == CLIENT &&
	    state < CONNECTION_TUNNELLING) {
		connection_abort(worker, connection, RESULT_CLIENT_RESET);
		return;
	}
	follow(worker, connection,
	    states[state].step(worker, connection, side, events));
	watch_both(worker, connection, side, events);
}

void
connection_review(struct worker *worker, struct connection *connection)
{
	worker_progress(worker);
	follow(worker, connection,
	    states[connection->state].step(worker, connection, CLIENT, 0));
	watch_both(worker, connection, CLIENT, 0);
}

void
connection_begin(struct worker *worker, struct connection *connection)
{
	bool sniffs = sniff_begin(worker, connection);

	worker->open++;
	counter_step(&worker->counters->open, 1);
	connection->started_ms = worker->now_ms;
	pending_add(&worker->pending, connection);
	deadlines_add(
	    &worker->deadlines, &connection->deadline, DEADLINE_NEVER);
	follow(worker, connection,
	    sniffs ? CONNECTION_SNIFFING : CONNECTION_DIALLING);
	watch_both(worker, connection, CLIENT, 0);
}

void
connection_abort(struct worker *worker, struct connection *connection,
    enum connection_result result)
{
	connection->result = result;
	follow(worker, connection, CONNECTION_DONE);
}

void
connection_evict(struct worker *worker, struct connection *connection)
{
	follow(worker, connection,
	    connection_fail(worker, connection, FAILURE_EVICTED,
		"connection closed, too many wait for their tunnels",
		"evicted"));
}

enum connection_state
connection_fail(struct worker *worker, struct connection *connection,
    enum failure kind, const char *words, const char *cause)
{
	connection->result = RESULT_ERROR;
	connection_log_failure(worker, connection, kind, words, cause);
	return CONNECTION_DONE;
}

const char *
connection_result_name(enum connection_result result)
{
	static const char *const names[] = {
		[RESULT_DONE] = "done",
		[RESULT_CLIENT_RESET] = "client_reset",
		[RESULT_UPSTREAM_RESET] = "upstream_reset",
		[RESULT_IDLE_TIMEOUT] = "idle_timeout",
		[RESULT_DRAINED] = "drained",
		[RESULT_ERROR] = "error",
	};

	return names[result];
}
