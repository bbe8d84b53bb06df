/* SPDX-License-Identifier: MIT */
#include "worker/connection.h"

#include <assert.h>
#include <errno.h>
#include <stddef.h>
#include <stdlib.h>

#include "worker/handshake.h"
#include "worker/relay.h"
#include "worker/upstream_socket.h"
#include "worker/worker.h"

static struct connection *
containing(void *part, size_t offset)
{
	return (struct connection *)(void *)((unsigned char *)part - offset);
}

struct connection *
connection_of_watch(struct watch *watch, enum side *side)
{
	*side = watch->kind == WATCH_UPSTREAM ? UPSTREAM : CLIENT;
	return containing(watch,
	    offsetof(struct connection, endpoints) +
		*side * sizeof(struct endpoint) +
		offsetof(struct endpoint, watch));
}

struct connection *
connection_of_deadline(struct deadline *deadline)
{
	return containing(deadline, offsetof(struct connection, deadline));
}

struct connection *
connection_of_pending(struct pending_entry *entry)
{
	return containing(entry, offsetof(struct connection, pending));
}

static void
endpoint_init(struct endpoint *endpoint, enum watch_kind kind)
{
	endpoint->watch.fd = -1;
	endpoint->watch.kind = (uint8_t)kind;
}

struct connection *
connection_reserve(struct worker *worker)
{
	struct connection *connection = slab_pool_take(&worker->connections);

	if (connection == NULL)
		return NULL;
	connection->connect_ms = connection->answer_ms = -1;
	endpoint_init(&connection->endpoints[CLIENT], WATCH_CLIENT);
	endpoint_init(&connection->endpoints[UPSTREAM], WATCH_UPSTREAM);
	connection->handshake = slab_pool_take(&worker->handshakes);
	if (connection->handshake == NULL ||
	    upstream_socket_reserve(worker, &connection->endpoints[UPSTREAM]) ==
		-1 ||
	    deadlines_reserve(&worker->deadlines) == -1 ||
	    clients_reserve(&worker->clients) == -1) {
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
	assert(!connection->handshake->request.is_waiting);
	slab_pool_give(&worker->handshakes, connection->handshake);
	connection->handshake = NULL;
}

void
connection_release(struct worker *worker, struct connection *connection)
{
	int saved_errno = errno;

	watch_close(&connection->endpoints[CLIENT].watch);
	watch_close(&connection->endpoints[UPSTREAM].watch);
	flow_clear(worker, &connection->flows[CLIENT]);
	flow_clear(worker, &connection->flows[UPSTREAM]);
	connection_end_handshake(worker, connection);
	relay_free(&connection->relay);
	free(connection->host);
	connection->host = NULL;
	connection->next_done = worker->done;
	worker->done = connection;
	errno = saved_errno;
}

void
connection_sweep(struct worker *worker)
{
	while (worker->done != NULL) {
		struct connection *connection = worker->done;

		worker->done = connection->next_done;
		slab_pool_give(&worker->connections, connection);
	}
}

enum connection_state
connection_fail(struct connection *connection, enum failure kind,
    const char *words, const char *cause)
{
	connection->result = RESULT_ERROR;
	connection->failure = (struct connection_failure){ kind, words, cause };
	return CONNECTION_DONE;
}

void
connection_clear_failure(struct connection *connection)
{
	connection->result = RESULT_DONE;
	connection->failure = (struct connection_failure){ .words = NULL };
}
