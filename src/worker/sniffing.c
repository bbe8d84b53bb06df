#include "worker/steps.h"

#include <errno.h>
#include <string.h>
#include <sys/socket.h>

#include "worker/handshake.h"
#include "worker/worker.h"

static enum connection_state
no_memory(struct connection *connection)
{
	return connection_fail(connection, FAILURE_INTERNAL,
	    "connection closed for want of memory", strerror(ENOMEM));
}

/* Keeps the fresh bytes, and looks for a name in them. */
static enum connection_state
take(struct worker *worker, struct connection *connection, struct span fresh)
{
	struct flow *flow = &connection->flows[CLIENT];
	struct host_name name;
	enum scan verdict;

	if (!unsent_append(&flow->unsent, fresh))
		return no_memory(connection);
	verdict = sniff_scan(&connection->handshake->sniff, fresh, &name);
	if (verdict == SCAN_FOUND &&
	    (connection->host = strdup(name.text)) == NULL)
		return no_memory(connection);
	return verdict == SCAN_MORE &&
		flow->unsent.length < worker->config->sniff_limit_bytes
	    ? CONNECTION_SNIFFING
	    : CONNECTION_ROUTING;
}

static enum connection_state
read_client(struct worker *worker, struct connection *connection)
{
	size_t left = worker->config->sniff_limit_bytes -
	    connection->flows[CLIENT].unsent.length;
	ssize_t count;

	if (left > WORKER_BUFFER_BYTES)
		left = WORKER_BUFFER_BYTES;
	count = recv(
	    connection->endpoints[CLIENT].watch.fd, worker->buffer, left, 0);
	if (count == -1 && (errno == EAGAIN || errno == EINTR))
		return CONNECTION_SNIFFING;
	if (count == -1 && errno == ENOMEM)
		return no_memory(connection);
	if (count == -1) {
		connection->result = RESULT_CLIENT_RESET;
		return CONNECTION_DONE;
	}
	if (count == 0) {
		endpoint_note_end(&connection->endpoints[CLIENT]);
		return CONNECTION_ROUTING;
	}
	counters_progress(worker->counters);
	return take(worker, connection, span_of(worker->buffer, (size_t)count));
}

enum connection_state
sniffing_step(struct worker *worker, struct connection *connection,
    const struct wake *wake)
{
	switch (wake->reason) {
	case WAKE_EVENT:
		return read_client(worker, connection);
	case WAKE_DEADLINE:
		return CONNECTION_ROUTING;
	case WAKE_ENTERED:
	case WAKE_NEWS:
		break;
	}
	return CONNECTION_SNIFFING;
}
