/* SPDX-License-Identifier: MIT */
#include "worker/steps.h"

#include <errno.h>
#include <string.h>
#include <sys/socket.h>

#include "worker/asking.h"
#include "worker/authorization.h"
#include "worker/failover.h"
#include "worker/handshake.h"
#include "worker/ready_use.h"
#include "worker/relaying.h"
#include "worker/tunnel.h"
#include "worker/upstream_counts.h"
#include "worker/upstream_health.h"
#include "worker/worker.h"

static bool
is_challenge(const struct connection *connection)
{
	return connect_response_is_challenge(
	    &connection->handshake->request.response);
}

/* These speak of the proxy, or of its way to the origin, and may be otherwise
 * with another; any other status is the answer. One that took long was a
 * timeout of the proxy's own. */
static bool
leads_to_next(const struct worker *worker, const struct connection *connection)
{
	const struct request *request = &connection->handshake->request;

	if (worker->now_ms - request->asked_ms >
	    worker->config->failover_after_ms)
		return false;
	switch (request->response.status) {
	case 401:
	case 407:
	case 500:
	case 502:
	case 503:
	case 504:
		return true;
	default:
		return false;
	}
}

static enum connection_state
fail_refused(struct worker *worker, struct connection *connection)
{
	static const char words[] = "upstream refused the tunnel";

	if (is_challenge(connection))
		authorization_note(worker, connection, true);
	asking_answered(worker, connection);
	upstream_counts_refused(
	    worker, connection, connection->handshake->request.response.status);
	if (leads_to_next(worker, connection))
		return failover(
		    worker, connection, FAILURE_REFUSED, words, NULL);
	return connection_fail(connection, FAILURE_REFUSED, words, NULL);
}

/* A header that is cut short behind 401 or 407 refuses the tunnel, too. */
static enum connection_state
fail_bad_answer(
    struct worker *worker, struct connection *connection, const char *cause)
{
	if (is_challenge(connection))
		return fail_refused(worker, connection);
	return failover_bad_answer(worker, connection, cause);
}

/* The upstream has ended the connection: one that was ready may have been ended
 * before it was asked. */
static enum connection_state
fail_ended(
    struct worker *worker, struct connection *connection, const char *cause)
{
	return ready_was_taken(connection)
	    ? ready_retry(worker, connection, cause)
	    : fail_bad_answer(worker, connection, cause);
}

static enum connection_state
fail_timeout(struct worker *worker, struct connection *connection)
{
	if (is_challenge(connection))
		return fail_refused(worker, connection);
	return connection_fail(connection, FAILURE_RESPONSE_TIMEOUT,
	    "no answer from the upstream in time", "timed out");
}

/* An upstream that is tired of waiting says so, and our request crosses it. */
static bool
is_crossed(const struct connection *connection)
{
	return ready_was_taken(connection) &&
	    connection->handshake->request.response.status == 408;
}

static enum connection_state
take_answer(
    struct worker *worker, struct connection *connection, struct span fresh)
{
	size_t used;

	request_note_first_bytes(&connection->handshake->request, fresh);
	switch (connect_response_parse(
	    &connection->handshake->request.response, fresh, &used)) {
	case CONNECT_MORE:
		return CONNECTION_ANSWERING;
	case CONNECT_OPEN:
		authorization_note(worker, connection, false);
		asking_answered(worker, connection);
		tunnel_begin(worker, connection, span_after(fresh, used));
		return CONNECTION_TUNNELLING;
	case CONNECT_REFUSED:
		return is_crossed(connection)
		    ? ready_retry(worker, connection, "answered 408")
		    : fail_refused(worker, connection);
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
		    : fail_ended(worker, connection, strerror(errno));
	if (count == 0)
		return fail_ended(
		    worker, connection, "closed before the end of its header");
	upstream_health_heard(worker, connection->upstream_index);
	counters_note_progress(worker->counters);
	return take_answer(
	    worker, connection, span_of(worker->buffer, (size_t)count));
}

/* A relayed request is read on in RELAYING, once nothing can be repeated. */
static enum connection_state
look_for_response(struct worker *worker, struct connection *connection)
{
	char byte;
	ssize_t count = recv(connection->endpoints[UPSTREAM].watch.fd, &byte,
	    sizeof byte, MSG_PEEK);

	if (count > 0)
		return relaying_answered(worker, connection);
	if (count == -1 && (errno == EAGAIN || errno == EINTR))
		return CONNECTION_ANSWERING;
	return ready_retry(worker, connection,
	    count == 0 ? "closed before its response" : strerror(errno));
}

static enum connection_state
take_event(struct worker *worker, struct connection *connection)
{
	return connection->relay != NULL ? look_for_response(worker, connection)
					 : read_answer(worker, connection);
}

enum connection_state
answering_step(struct worker *worker, struct connection *connection,
    const struct wake *wake)
{
	switch (wake->reason) {
	case WAKE_ENTERED:
		break;
	case WAKE_EVENT:
		if (wake->side == UPSTREAM)
			return take_event(worker, connection);
		break;
	case WAKE_DEADLINE:
		return fail_timeout(worker, connection);
	case WAKE_NEWS:
		return failover_at_news(worker, connection);
	}
	return CONNECTION_ANSWERING;
}
