/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "protocol/relay_head_write.h"
#include "worker/authorization.h"
#include "worker/failover.h"
#include "worker/handshake.h"
#include "worker/relay.h"
#include "worker/relaying.h"
#include "worker/worker.h"

/* Makes the bytes that are sent first: the rewritten head and what has come of
 * the body. The bytes that were read stay. False without memory. */
static bool
rewrite(const struct connection *connection, const struct relay_target *target,
    struct unsent *request)
{
	const struct relay_head *head = &connection->handshake->sniff.relay;
	struct span whole = unsent_span(&connection->flows[CLIENT].unsent);
	struct span behind = span_after(whole, head->scanned);
	size_t body = relay_take_body(connection->relay, behind);
	size_t size = relay_head_room(head, target);
	uint64_t *named = calloc(head->fields.named + 1, sizeof *named);
	char *out = malloc(size + body);
	bool has_memory = named != NULL && out != NULL;

	if (has_memory) {
		size = relay_head_write(out, size, head, whole, target, named);
		memcpy(out + size, behind.bytes, body);
		has_memory = unsent_append(request, span_of(out, size + body));
	}
	free(named);
	free(out);
	return has_memory;
}

bool
relaying_write(const struct worker *worker, struct connection *connection,
    struct unsent *request)
{
	const struct credential *credential =
	    authorization_of(worker, connection);
	struct relay_target target = {
		.port = address_port(&connection->destination),
	};
	char text[ADDRESS_TEXT_SIZE];
	const char *host = connection->host;

	if (host == NULL)
		host = address_ip_text(&connection->destination, text);
	target.host = span_of(host, strlen(host));
	if (credential != NULL)
		target.credentials =
		    span_of(credential->encoded, strlen(credential->encoded));
	connection->relay = relay_new(&connection->handshake->sniff.relay);
	return connection->relay != NULL &&
	    rewrite(connection, &target, request);
}

/* Sends the request in place of the bytes that were read. If no byte is taken,
 * they are in their place again, and the result is false. */
static bool
send_first(struct worker *worker, struct connection *connection,
    const struct unsent *request)
{
	struct flow *flow = &connection->flows[CLIENT];
	struct endpoint *upstream = &connection->endpoints[UPSTREAM];
	struct unsent original = flow->unsent;

	flow->unsent = *request;
	flow_flush(worker, flow, upstream);
	if (flow->moved_bytes > 0) {
		unsent_clear(&original, &worker->buffers);
		return true;
	}
	connection->handshake->request.is_starved = flow->is_starved;
	flow_clear(worker, flow);
	flow->unsent = original;
	return false;
}

/* The request is made anew for the next attempt, by this upstream or by another
 * one. */
static enum connection_state
not_sent(struct worker *worker, struct connection *connection)
{
	relay_free(&connection->relay);
	return endpoint_is_reset(&connection->endpoints[UPSTREAM])
	    ? failover_bad_answer(worker, connection, strerror(ECONNRESET))
	    : CONNECTION_REQUESTING;
}

enum connection_state
relaying_malformed(struct connection *connection)
{
	return connection_fail(connection, FAILURE_MALFORMED_REQUEST,
	    "connection closed: its request is malformed",
	    "malformed request body");
}

enum connection_state
relaying_no_memory(struct connection *connection)
{
	return connection_fail(connection, FAILURE_INTERNAL,
	    "connection closed for want of memory", strerror(ENOMEM));
}

/* No other upstream is asked any more. */
static enum connection_state
begin(struct worker *worker, struct connection *connection)
{
	connection->relay->tried =
	    route_count_tried(&connection->handshake->route);
	counter_add(&worker->counters->relayed, 1);
	connection->active_ms = worker->now_ms;
	connection_end_handshake(worker, connection);
	return CONNECTION_RELAYING;
}

/* The client's bytes are replaced by the request, which has been sent. */
enum connection_state
relaying_answered(struct worker *worker, struct connection *connection)
{
	struct flow *flow = &connection->flows[CLIENT];

	flow_clear(worker, flow);
	flow_note_moved(worker, flow, &connection->endpoints[UPSTREAM],
	    connection->handshake->request.sent_bytes);
	return begin(worker, connection);
}

enum connection_state
relaying_begin(struct worker *worker, struct connection *connection)
{
	struct unsent request = { .bytes = NULL };

	if (!relaying_write(worker, connection, &request))
		return relaying_no_memory(connection);
	if (connection->relay->body_malformed) {
		unsent_clear(&request, &worker->buffers);
		return relaying_malformed(connection);
	}
	if (!send_first(worker, connection, &request))
		return not_sent(worker, connection);
	return begin(worker, connection);
}
