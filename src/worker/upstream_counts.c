/* SPDX-License-Identifier: MIT */
#include "worker/upstream_counts.h"

#include <stdio.h>

#include "worker/connection.h"
#include "worker/handshake.h"
#include "worker/relay.h"
#include "worker/worker.h"

static struct upstream_counters *
counters_of(struct worker *worker, const struct connection *connection)
{
	return &worker->counters->upstreams[connection->upstream_index];
}

void
upstream_counts_dialling(struct worker *worker,
    const struct connection *connection, bool is_dialling)
{
	struct upstream_counters *counters = counters_of(worker, connection);

	if (connection->upstream_index == UPSTREAM_DIRECT)
		return;
	if (is_dialling)
		upstream_counters_begin_dial(counters, worker->now_ms);
	else
		upstream_counters_end_dial(counters);
}

void
upstream_counts_connected(
    struct worker *worker, const struct connection *connection)
{
	struct upstream_counters *counters = counters_of(worker, connection);

	counter_add(&counters->dialled, 1);
	upstream_counters_note_dial(counters, worker->now_ms, false);
	duration_counters_add(&counters->connect, connection->connect_ms);
	if (connection->upstream_index != UPSTREAM_DIRECT)
		counter_set(&counters->address,
		    worker->upstreams[connection->upstream_index].preferred);
}

void
upstream_counts_dial_failed(
    struct worker *worker, const struct connection *connection)
{
	struct upstream_counters *counters = counters_of(worker, connection);

	counter_add(&counters->dial_failures, 1);
	upstream_counters_note_dial(counters, worker->now_ms, true);
}

void
upstream_counts_answered(
    struct worker *worker, const struct connection *connection)
{
	duration_counters_add(
	    &counters_of(worker, connection)->answer, connection->answer_ms);
}

void
upstream_counts_refused(
    struct worker *worker, const struct connection *connection, unsigned status)
{
	counter_add(&worker->counters->refused[refusal_index(status)], 1);
	counter_add(&counters_of(worker, connection)->refused, 1);
}

static unsigned
status_of(const struct connection *connection)
{
	const struct request *request = connection->relay != NULL
	    ? &connection->relay->request
	    : &connection->handshake->request;

	return request->response.status;
}

static bool
is_of_upstream(enum failure kind)
{
	return kind == FAILURE_DIAL || kind == FAILURE_NO_LOCAL_PORT ||
	    kind == FAILURE_REFUSED || kind == FAILURE_MALFORMED ||
	    kind == FAILURE_RESPONSE_TIMEOUT;
}

/* Where a failure has no cause, the upstream's answer is the cause. */
void
upstream_counts_failed(
    struct worker *worker, const struct connection *connection)
{
	struct last_failure *last =
	    &counters_of(worker, connection)->last_failure;
	const struct connection_failure *failure = &connection->failure;
	char words[FAILURE_WORDS_SIZE];

	if (!is_of_upstream(failure->kind))
		return;
	if (failure->cause != NULL) {
		last_failure_set(last, worker->now_ms, failure->cause);
		return;
	}
	snprintf(words, sizeof words, "status %u", status_of(connection));
	last_failure_set(last, worker->now_ms, words);
}
