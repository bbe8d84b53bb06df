/* SPDX-License-Identifier: MIT */
#include "worker/steps.h"

#include <errno.h>
#include <string.h>
#include <sys/socket.h>

#include "protocol/connect_request.h"
#include "worker/asking.h"
#include "worker/authorization.h"
#include "worker/failover.h"
#include "worker/handshake.h"
#include "worker/ready_use.h"
#include "worker/recheck.h"
#include "worker/relay.h"
#include "worker/relaying.h"
#include "worker/worker.h"

/* Room for the longest request. */
enum {
	REQUEST_SIZE = CONNECT_REQUEST_SIZE +
	    CONNECT_FIELDS_SIZE(
		CREDENTIALS_ENCODED_SIZE - 1, CONNECT_HEADER_SIZE - 1),
};

static struct span
span_of_text(const char *text)
{
	return span_of(text, strlen(text));
}

_Static_assert((int)CONNECT_HEADERS_MAX <= (int)CONNECT_FIELDS_MAX,
    "the request must have room for each field");

static struct connect_fields
fields_of(const struct worker *worker, const struct connection *connection)
{
	const struct connect_headers *headers =
	    &worker->config->connect_headers;
	const struct credential *credential =
	    authorization_of(worker, connection);
	struct connect_fields fields = { .count = headers->count };

	if (credential != NULL)
		fields.credentials = span_of_text(credential->encoded);
	for (unsigned i = 0; i < headers->count; i++)
		fields.list[i] = span_of_text(headers->list[i]);
	return fields;
}

static size_t
write_request(const struct worker *worker, const struct connection *connection,
    char *request, size_t size)
{
	struct connect_fields fields = fields_of(worker, connection);
	char ip[ADDRESS_TEXT_SIZE];
	const char *target = connection->host;

	if (target == NULL)
		target = address_ip_text(&connection->destination, ip);
	return connect_request_write(request, size, span_of_text(target),
	    address_port(&connection->destination), &fields);
}

static enum connection_state
take_error(struct worker *worker, struct connection *connection, int error)
{
	switch (error) {
	case ENOMEM:
	case ENOBUFS:
		connection->handshake->request.is_starved = true;
		return CONNECTION_REQUESTING;
	case EAGAIN:
	case EINTR:
		return CONNECTION_REQUESTING;
	default:
		return ready_was_taken(connection)
		    ? ready_retry(worker, connection, strerror(error))
		    : failover_bad_answer(worker, connection, strerror(error));
	}
}

/* The request is written anew for each part that the socket takes: nearly
 * always it takes the whole. */
static enum connection_state
send_rest(
    struct worker *worker, struct connection *connection, struct span whole)
{
	struct request *request = &connection->handshake->request;
	struct span rest = span_after(whole, request->sent_bytes);
	ssize_t count = send(connection->endpoints[UPSTREAM].watch.fd,
	    rest.bytes, rest.length, MSG_NOSIGNAL);

	if (count == -1)
		return take_error(worker, connection, errno);
	request->sent_bytes += (size_t)count;
	return (size_t)count < rest.length ? CONNECTION_REQUESTING
					   : CONNECTION_ANSWERING;
}

static enum connection_state
send_connect(struct worker *worker, struct connection *connection)
{
	char bytes[REQUEST_SIZE];
	size_t length = write_request(worker, connection, bytes, sizeof bytes);

	return send_rest(worker, connection, span_of(bytes, length));
}

/* A ready socket may be stale: what the client sent is kept until the response
 * begins. */
static enum connection_state
send_repeatable(struct worker *worker, struct connection *connection)
{
	struct unsent whole = { .bytes = NULL };
	enum connection_state next;

	if (!relaying_write(worker, connection, &whole))
		return relaying_no_memory(connection);
	next = send_rest(worker, connection, unsent_span(&whole));
	unsent_clear(&whole, &worker->buffers);
	if (next == CONNECTION_ANSWERING)
		asking_begin(worker, connection);
	else
		relay_free(&connection->relay);
	return next;
}

static bool
is_relayed(const struct connection *connection)
{
	return sniff_is_relayed(&connection->handshake->sniff);
}

static enum connection_state
send_request(struct worker *worker, struct connection *connection)
{
	if (!is_relayed(connection))
		return send_connect(worker, connection);
	return ready_was_taken(connection) ? send_repeatable(worker, connection)
					   : relaying_begin(worker, connection);
}

static enum connection_state
send_on(struct worker *worker, struct connection *connection)
{
	struct request *request = &connection->handshake->request;
	enum connection_state next;

	request->is_starved = false;
	next = send_request(worker, connection);
	if (next != CONNECTION_REQUESTING)
		return next;
	deadlines_move(
	    &worker->deadlines, &connection->deadline, request->until_ms);
	if (request->is_starved)
		recheck_in(worker, connection, RECHECK_SHORTAGE_MS);
	return next;
}

/* How long a relayed request has waited is counted from its last byte. */
static enum connection_state
begin(struct worker *worker, struct connection *connection)
{
	connection->handshake->request.until_ms = connection->deadline.at_ms;
	if (!is_relayed(connection))
		asking_begin(worker, connection);
	return send_on(worker, connection);
}

static enum connection_state
expire(struct worker *worker, struct connection *connection)
{
	if (worker->now_ms < connection->handshake->request.until_ms)
		return send_on(worker, connection);
	return connection_fail(connection, FAILURE_RESPONSE_TIMEOUT,
	    "no answer from the upstream in time", "timed out");
}

/* In a shortage the socket is writable all the time. */
uint32_t
requesting_interest(const struct connection *connection, enum side side)
{
	return side == UPSTREAM && !connection->handshake->request.is_starved
	    ? SOCKET_WRITABLE
	    : 0u;
}

enum connection_state
requesting_step(struct worker *worker, struct connection *connection,
    const struct wake *wake)
{
	switch (wake->reason) {
	case WAKE_ENTERED:
		return begin(worker, connection);
	case WAKE_EVENT:
		return send_on(worker, connection);
	case WAKE_DEADLINE:
		return expire(worker, connection);
	case WAKE_NEWS:
		return failover_at_news(worker, connection);
	}
	return CONNECTION_REQUESTING;
}
