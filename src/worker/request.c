#include "worker/request.h"

#include <arpa/inet.h>
#include <errno.h>
#include <string.h>
#include <sys/socket.h>

#include "protocol/connect_request.h"
#include "worker/handshake.h"
#include "worker/tunnel.h"
#include "worker/worker.h"

static enum connection_state
fail_bad_answer(
    struct worker *worker, struct connection *connection, const char *cause)
{
	return connection_fail(worker, connection, FAILURE_MALFORMED,
	    "no valid answer from the upstream", cause);
}

static enum connection_state
fail_timeout(struct worker *worker, struct connection *connection)
{
	return connection_fail(worker, connection, FAILURE_RESPONSE_TIMEOUT,
	    "no answer from the upstream in time", "timed out");
}

static enum connection_state
fail_refused(struct worker *worker, struct connection *connection)
{
	const struct connect_response *response =
	    &connection->handshake->response;

	connection->result = RESULT_ERROR;
	connection_log_refusal(worker, connection,
	    response->status == 407
		? "upstream refused the tunnel: it wants credentials; put a "
		  "proxy that adds them, such as cNTLM, in between"
		: "upstream refused the tunnel",
	    response->status,
	    span_of(response->reason, response->reason_length));
	return CONNECTION_DONE;
}

static size_t
write_request(const struct connection *connection, char *request, size_t size)
{
	char ip[INET_ADDRSTRLEN];
	const char *target = connection->host;

	if (target == NULL)
		target = inet_ntop(AF_INET,
		    &connection->destination.v4.sin_addr, ip, sizeof ip);
	return connect_request_write(request, size,
	    span_of(target, strlen(target)),
	    address_port(&connection->destination));
}

/* The request is written anew for each part that the socket takes: nearly
 * always it takes the whole. */
enum connection_state
request_step(struct worker *worker, struct connection *connection,
    enum side side, uint32_t events)
{
	struct handshake *handshake = connection->handshake;
	char request[CONNECT_REQUEST_SIZE];
	size_t length = write_request(connection, request, sizeof request);
	ssize_t count;

	(void)side, (void)events;
	if (worker->now_ms >= connection->deadline.at_ms)
		return fail_timeout(worker, connection);
	count = send(connection->endpoints[UPSTREAM].fd,
	    request + handshake->requested, length - handshake->requested,
	    MSG_NOSIGNAL);
	if (count == -1 && errno != EAGAIN && errno != EINTR)
		return fail_bad_answer(worker, connection, strerror(errno));
	if (count > 0)
		handshake->requested += (size_t)count;
	if (handshake->requested < length)
		return CONNECTION_REQUESTING;
	connect_response_init(&handshake->response);
	return CONNECTION_ANSWERING;
}

enum connection_state
answer_step(struct worker *worker, struct connection *connection,
    enum side side, uint32_t events)
{
	size_t used;
	struct span fresh;
	ssize_t count;

	if (worker->now_ms >= connection->deadline.at_ms)
		return fail_timeout(worker, connection);
	if (side == CLIENT || events == 0)
		return CONNECTION_ANSWERING;
	count = recv(connection->endpoints[UPSTREAM].fd, worker->buffer,
	    WORKER_BUFFER_BYTES, 0);
	if (count == -1)
		return errno == EAGAIN || errno == EINTR
		    ? CONNECTION_ANSWERING
		    : fail_bad_answer(worker, connection, strerror(errno));
	if (count == 0)
		return fail_bad_answer(
		    worker, connection, "closed before the end of its header");
	worker_progress(worker);
	fresh = span_of(worker->buffer, (size_t)count);
	switch (connect_response_parse(
	    &connection->handshake->response, fresh, &used)) {
	case CONNECT_MORE:
		return CONNECTION_ANSWERING;
	case CONNECT_OPEN:
		tunnel_begin(worker, connection, span_after(fresh, used));
		return CONNECTION_TUNNELLING;
	case CONNECT_REFUSED:
		return fail_refused(worker, connection);
	case CONNECT_OVERSIZED:
		return fail_bad_answer(
		    worker, connection, "header longer than 16384 bytes");
	case CONNECT_MALFORMED:
		break;
	}
	return fail_bad_answer(worker, connection, "malformed header");
}
