#include "worker/steps.h"

#include <errno.h>
#include <string.h>
#include <sys/socket.h>

#include "worker/authorization.h"
#include "worker/handshake.h"
#include "worker/tunnel.h"
#include "worker/worker.h"

static bool
is_challenge(const struct connection *connection)
{
	return connect_response_is_challenge(
	    &connection->handshake->request.response);
}

static enum connection_state
fail_refused(struct worker *worker, struct connection *connection)
{
	if (is_challenge(connection))
		authorization_note(worker, connection, true);
	return connection_fail(
	    connection, FAILURE_REFUSED, "upstream refused the tunnel", NULL);
}

/* A header that is cut short behind 401 or 407 refuses the tunnel, too. */
static enum connection_state
fail_bad_answer(
    struct worker *worker, struct connection *connection, const char *cause)
{
	if (is_challenge(connection))
		return fail_refused(worker, connection);
	return connection_fail(connection, FAILURE_MALFORMED,
	    "no valid answer from the upstream", cause);
}

static enum connection_state
fail_timeout(struct worker *worker, struct connection *connection)
{
	if (is_challenge(connection))
		return fail_refused(worker, connection);
	return connection_fail(connection, FAILURE_RESPONSE_TIMEOUT,
	    "no answer from the upstream in time", "timed out");
}

static enum connection_state
take(struct worker *worker, struct connection *connection, struct span fresh)
{
	size_t used;

	switch (connect_response_parse(
	    &connection->handshake->request.response, fresh, &used)) {
	case CONNECT_MORE:
		return CONNECTION_ANSWERING;
	case CONNECT_OPEN:
		authorization_note(worker, connection, false);
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

static enum connection_state
read_answer(struct worker *worker, struct connection *connection)
{
	ssize_t count = recv(connection->endpoints[UPSTREAM].watch.fd,
	    worker->buffer, WORKER_BUFFER_BYTES, 0);

	if (count == -1)
		return errno == EAGAIN || errno == EINTR
		    ? CONNECTION_ANSWERING
		    : fail_bad_answer(worker, connection, strerror(errno));
	if (count == 0)
		return fail_bad_answer(
		    worker, connection, "closed before the end of its header");
	counters_progress(worker->counters);
	return take(worker, connection, span_of(worker->buffer, (size_t)count));
}

enum connection_state
answering_step(struct worker *worker, struct connection *connection,
    const struct wake *wake)
{
	switch (wake->reason) {
	case WAKE_ENTERED:
		connect_response_init(&connection->handshake->request.response);
		break;
	case WAKE_EVENT:
		if (wake->side == UPSTREAM)
			return read_answer(worker, connection);
		break;
	case WAKE_DEADLINE:
		return fail_timeout(worker, connection);
	case WAKE_NEWS:
		break;
	}
	return CONNECTION_ANSWERING;
}
