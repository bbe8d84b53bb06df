/* SPDX-License-Identifier: MIT */
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

static bool
is_reading_head(const struct connection *connection)
{
	return connection->handshake->sniff.relay_verdict == RELAY_MORE;
}

/* The most bytes that are read in this state. */
static size_t
limit_bytes(const struct worker *worker, const struct connection *connection)
{
	return is_reading_head(connection)
	    ? RELAY_HEAD_FRONT_BYTES + RELAY_HEAD_LIMIT_BYTES
	    : worker->config->sniff_limit_bytes;
}

/* It is over. */
static enum connection_state
end(struct worker *worker, enum sniff_outcome outcome)
{
	counter_add(&worker->counters->sniffs[outcome], 1);
	return CONNECTION_ROUTING;
}

static enum connection_state
take_name(struct worker *worker, struct connection *connection,
    const struct host_name *name)
{
	bool is_tls = connection->handshake->sniff.tls_verdict == SCAN_FOUND;

	if ((connection->host = strdup(name->text)) == NULL)
		return no_memory(connection);
	return end(worker, is_tls ? SNIFF_TLS : SNIFF_HTTP);
}

/* Looks for a name in the fresh bytes. */
static enum connection_state
look(struct worker *worker, struct connection *connection, struct span fresh)
{
	struct host_name name;
	enum scan verdict =
	    sniff_scan(&connection->handshake->sniff, fresh, &name);

	if (verdict == SCAN_FOUND)
		return take_name(worker, connection, &name);
	if (verdict != SCAN_MORE)
		return end(worker, SNIFF_NO_NAME);
	return connection->flows[CLIENT].unsent.length <
		worker->config->sniff_limit_bytes
	    ? CONNECTION_SNIFFING
	    : end(worker, SNIFF_LIMIT);
}

/* No request to relay: from here on all is as on other ports. The scanners see
 * what has come so far, as much of it as they would have seen. */
static enum connection_state
tunnel_instead(struct worker *worker, struct connection *connection)
{
	const struct flow *flow = &connection->flows[CLIENT];
	size_t limit = worker->config->sniff_limit_bytes;
	struct span seen = unsent_span(&flow->unsent);
	int64_t until_ms =
	    connection->started_ms + worker->config->sniff_timeout_ms;
	enum connection_state next;

	connection->handshake->sniff.relay_verdict = RELAY_TUNNEL;
	if (seen.length > limit)
		seen.length = limit;
	next = look(worker, connection, seen);
	if (next != CONNECTION_SNIFFING)
		return next;
	if (until_ms <= worker->now_ms)
		return end(worker, SNIFF_TIMEOUT);
	deadlines_move(&worker->deadlines, &connection->deadline, until_ms);
	return CONNECTION_SNIFFING;
}

/* Reads on in the head of a request. */
static enum connection_state
take_head(struct worker *worker, struct connection *connection)
{
	const struct flow *flow = &connection->flows[CLIENT];
	struct span whole = unsent_span(&flow->unsent);
	struct sniff *sniff = &connection->handshake->sniff;
	struct host_name name;

	switch (relay_head_scan(&sniff->relay, whole)) {
	case RELAY_MORE:
		return CONNECTION_SNIFFING;
	case RELAY_TUNNEL:
		return tunnel_instead(worker, connection);
	case RELAY_REQUEST:
		break;
	}
	sniff->relay_verdict = RELAY_REQUEST;
	return relay_head_name(&sniff->relay, whole, &name)
	    ? take_name(worker, connection, &name)
	    : end(worker, SNIFF_NO_NAME);
}

static enum connection_state
take_bytes(
    struct worker *worker, struct connection *connection, struct span fresh)
{
	if (!unsent_append(&connection->flows[CLIENT].unsent, fresh))
		return no_memory(connection);
	return is_reading_head(connection) ? take_head(worker, connection)
					   : look(worker, connection, fresh);
}

static enum connection_state
take_end(struct worker *worker, struct connection *connection)
{
	enum connection_state next = CONNECTION_SNIFFING;

	endpoint_note_end(&connection->endpoints[CLIENT]);
	if (is_reading_head(connection))
		next = tunnel_instead(worker, connection);
	return next == CONNECTION_SNIFFING ? end(worker, SNIFF_CLIENT_END)
					   : next;
}

static enum connection_state
read_client(struct worker *worker, struct connection *connection)
{
	size_t left = limit_bytes(worker, connection) -
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
	if (count == 0)
		return take_end(worker, connection);
	counters_note_progress(worker->counters);
	return take_bytes(
	    worker, connection, span_of(worker->buffer, (size_t)count));
}

/* Browsers open connections ahead of need. */
static enum connection_state
expire(struct worker *worker, struct connection *connection)
{
	end(worker, SNIFF_TIMEOUT);
	if (!is_reading_head(connection))
		return CONNECTION_ROUTING;
	connection->result = RESULT_IDLE_TIMEOUT;
	return CONNECTION_DONE;
}

static enum connection_state
enter(struct worker *worker, struct connection *connection)
{
	if (is_reading_head(connection))
		deadlines_move(&worker->deadlines, &connection->deadline,
		    worker->now_ms + worker->config->http_head_timeout_ms);
	return CONNECTION_SNIFFING;
}

enum connection_state
sniffing_step(struct worker *worker, struct connection *connection,
    const struct wake *wake)
{
	switch (wake->reason) {
	case WAKE_ENTERED:
		return enter(worker, connection);
	case WAKE_EVENT:
		return read_client(worker, connection);
	case WAKE_DEADLINE:
		return expire(worker, connection);
	case WAKE_NEWS:
		break;
	}
	return CONNECTION_SNIFFING;
}
