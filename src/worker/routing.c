/* SPDX-License-Identifier: MIT */
#include "worker/steps.h"

#include <assert.h>
#include <stddef.h>

#include "worker/authorization.h"
#include "worker/handshake.h"
#include "worker/original_destination.h"
#include "worker/ready_use.h"
#include "worker/relay.h"
#include "worker/worker.h"

static void
begin(struct worker *worker, struct connection *connection)
{
	struct handshake *handshake = connection->handshake;

	route_decide(&handshake->route, worker, &connection->client,
	    &connection->destination, connection->host);
	handshake->dial.until_ms =
	    worker->now_ms + worker->config->dial_timeout_ms;
}

/* The connection is at that upstream from now on. */
static void
turn_to(struct worker *worker, struct connection *connection, unsigned upstream)
{
	connection_clear_failure(connection);
	connection->upstream_index = upstream;
	connection->connect_ms = connection->answer_ms = -1;
	connection->upstream =
	    (struct address){ .v4 = { .sin_family = AF_UNSPEC } };
	relay_free(&connection->relay);
	request_begin(&connection->handshake->request);
	dial_begin(&connection->handshake->dial,
	    upstream == UPSTREAM_DIRECT
		? 0
		: worker->upstreams[upstream].generation,
	    worker->now_ms);
}

static unsigned
find_braked(const struct worker *worker, const struct upstream_list *list)
{
	unsigned i = 0;

	while (!brake_holds(
	    &worker->upstreams[list->members[i]].brake, worker->now_ms)) {
		i++;
		assert(i < list->count);
	}
	return list->members[i];
}

/* Nothing was tried: all that could be are braked. */
static enum connection_state
credentials_refused(struct worker *worker, struct connection *connection)
{
	turn_to(worker, connection,
	    find_braked(worker, connection->handshake->route.list));
	return connection_fail(connection, FAILURE_REFUSED,
	    "upstream not asked: it refused the credentials, and is tried "
	    "again once a minute",
	    "credentials refused");
}

static enum connection_state
dial(struct worker *worker, struct connection *connection, unsigned upstream)
{
	const struct destination_refusal *refusal =
	    original_destination_refuse_loop(
		worker, &connection->client, &connection->destination);

	turn_to(worker, connection, upstream);
	if (refusal != NULL)
		return connection_fail(connection, refusal->failure,
		    refusal->words, refusal->cause);
	if (upstream != UPSTREAM_DIRECT &&
	    !authorization_lets_pass(worker, connection))
		return credentials_refused(worker, connection);
	route_try(&connection->handshake->route, upstream);
	return ready_take(worker, connection) ? CONNECTION_REQUESTING
					      : CONNECTION_DIALLING;
}

enum connection_state
routing_step(struct worker *worker, struct connection *connection,
    const struct wake *wake)
{
	struct handshake *handshake = connection->handshake;
	unsigned upstream;

	assert(wake->reason == WAKE_ENTERED);
	if (handshake->route.list == NULL)
		begin(worker, connection);
	dial_resume(&handshake->dial, worker->now_ms);
	switch (route_choose(&handshake->route, worker, &upstream)) {
	case CHOICE_WAIT:
		turn_to(worker, connection, upstream);
		return CONNECTION_WAITING;
	case CHOICE_UPSTREAM:
	case CHOICE_DIRECT:
		return dial(worker, connection, upstream);
	case CHOICE_NONE:
		break;
	}
	return connection->failure.words != NULL
	    ? CONNECTION_DONE
	    : credentials_refused(worker, connection);
}
