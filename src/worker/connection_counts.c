/* SPDX-License-Identifier: MIT */
#include "worker/connection_counts.h"

#include <stddef.h>

#include "ipc/client_key.h"
#include "worker/connection.h"
#include "worker/upstream_counts.h"
#include "worker/worker.h"

/* A client's bytes are counted when there are so many, or those that came since
 * have waited so long. */
enum { STEP_BYTES = 64 * 1024, STEP_MS = 1000 };

_Static_assert(CONNECTION_RELAYING - CONNECTION_SNIFFING + 1 == STATE_COUNTERS,
    "each state of a connection with a client has its counter");

static void
step_state(struct worker *worker, enum connection_state state, int32_t amount)
{
	if (state >= CONNECTION_SNIFFING && state <= CONNECTION_RELAYING)
		counter_step(
		    &worker->counters->states[state - CONNECTION_SNIFFING],
		    amount);
}

void
connection_counts_state(struct worker *worker,
    const struct connection *connection, enum connection_state next)
{
	step_state(worker, connection->state, -1);
	step_state(worker, next, 1);
	if (connection->state == CONNECTION_DIALLING)
		upstream_counts_dialling(worker, connection, false);
	if (next == CONNECTION_DIALLING)
		upstream_counts_dialling(worker, connection, true);
}

/* A connection that was refused has no record of its client. */
static void
add_use(struct worker *worker, const struct connection *connection,
    const struct client_use *use)
{
	unsigned unknown = HEAVY_CLIENTS;

	if (worker->clients.heavy != NULL)
		heavy_clients_add(worker->clients.heavy,
		    client_key(&connection->client),
		    connection->client_record != NULL
			? &connection->client_record->heavy_place
			: &unknown,
		    use);
}

static void
add_bytes(
    struct worker *worker, struct connection *connection, struct client_use use)
{
	uint64_t sent = connection->flows[CLIENT].moved_bytes;
	uint64_t received = connection->flows[UPSTREAM].moved_bytes;

	use.sent = sent - connection->counted_sent;
	use.received = received - connection->counted_received;
	connection->counted_sent = sent;
	connection->counted_received = received;
	connection->counted_ms = worker->now_ms;
	add_use(worker, connection, &use);
}

void
connection_counts_begin(struct worker *worker, struct connection *connection)
{
	const struct client_use use = { .accepted = 1 };

	worker->open++;
	counter_step(&worker->counters->open, 1);
	add_use(worker, connection, &use);
}

static bool
is_step_due(const struct worker *worker, const struct connection *connection)
{
	uint64_t bytes = connection->flows[CLIENT].moved_bytes +
	    connection->flows[UPSTREAM].moved_bytes - connection->counted_sent -
	    connection->counted_received;

	return bytes >= STEP_BYTES ||
	    (bytes > 0 && worker->now_ms - connection->counted_ms >= STEP_MS);
}

void
connection_counts_progress(struct worker *worker, struct connection *connection)
{
	if (worker->clients.heavy != NULL &&
	    connection->state != CONNECTION_DONE &&
	    is_step_due(worker, connection))
		add_bytes(worker, connection, (struct client_use){ 0 });
}

void
connection_counts_end(struct worker *worker, struct connection *connection)
{
	const struct connection_failure *failure = &connection->failure;
	bool has_begun = connection->client_record != NULL;
	bool has_failed = failure->words != NULL;

	counter_add(has_failed ? &worker->counters->failed[failure->kind]
			       : &worker->counters->ended[connection->result],
	    1);
	if (has_failed)
		upstream_counts_failed(worker, connection);
	add_bytes(worker, connection,
	    (struct client_use){
		.accepted = has_begun ? 0 : 1,
		.failed = has_failed ? 1 : 0,
	    });
}
