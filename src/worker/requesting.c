#include "worker/steps.h"

#include <arpa/inet.h>
#include <errno.h>
#include <string.h>
#include <sys/socket.h>

#include "protocol/connect_request.h"
#include "worker/asking.h"
#include "worker/authorization.h"
#include "worker/failover.h"
#include "worker/handshake.h"
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
	char ip[INET_ADDRSTRLEN];
	const char *target = connection->host;

	if (target == NULL)
		target = inet_ntop(AF_INET,
		    &connection->destination.v4.sin_addr, ip, sizeof ip);
	return connect_request_write(request, size, span_of_text(target),
	    address_port(&connection->destination), &fields);
}

/* The request is written anew for each part that the socket takes: nearly
 * always it takes the whole. */
static enum connection_state
send_request(struct worker *worker, struct connection *connection)
{
	struct request *request = &connection->handshake->request;
	char bytes[REQUEST_SIZE];
	size_t length = write_request(worker, connection, bytes, sizeof bytes);
	ssize_t count = send(connection->endpoints[UPSTREAM].watch.fd,
	    bytes + request->sent_bytes, length - request->sent_bytes,
	    MSG_NOSIGNAL);

	if (count == -1 && errno != EAGAIN && errno != EINTR)
		return failover_bad_answer(worker, connection, strerror(errno));
	if (count > 0)
		request->sent_bytes += (size_t)count;
	return request->sent_bytes < length ? CONNECTION_REQUESTING
					    : CONNECTION_ANSWERING;
}

enum connection_state
requesting_step(struct worker *worker, struct connection *connection,
    const struct wake *wake)
{
	switch (wake->reason) {
	case WAKE_ENTERED:
		asking_begin(worker, connection);
		return send_request(worker, connection);
	case WAKE_EVENT:
		return send_request(worker, connection);
	case WAKE_DEADLINE:
		return connection_fail(connection, FAILURE_RESPONSE_TIMEOUT,
		    "no answer from the upstream in time", "timed out");
	case WAKE_NEWS:
		return failover_at_news(worker, connection);
	}
	return CONNECTION_REQUESTING;
}
