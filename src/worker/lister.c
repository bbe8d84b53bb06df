/* SPDX-License-Identifier: MIT */
#include "worker/lister.h"

#include <stdbool.h>
#include <stdio.h>

#include "base/text.h"
#include "ipc/master_pipe.h"
#include "worker/connection.h"
#include "worker/connection_log.h"
#include "worker/samples.h"
#include "worker/worker.h"

enum {
	TURN_CONNECTIONS = 64,
	/* The heap changes meanwhile: what went from behind the place to before
	 * it is found at the second pass. */
	PASSES = 2,
	SAMPLE_WAIT_MS = 1000,
	RETRY_MS = 100,
};

void
lister_init(struct lister *lister, struct tunnel_list *list)
{
	lister->state = LISTER_IDLE;
	lister->due_ms = DEADLINE_NEVER;
	lister->list = list;
}

void
lister_clear(struct lister *lister)
{
	samples_clear(&lister->before);
	samples_clear(&lister->now);
}

static void
enter(struct lister *lister, enum lister_state state, int64_t due_ms)
{
	lister->state = state;
	lister->due_ms = due_ms;
}

/* --- a connection */

static enum tunnel_mode
mode_of(const struct connection *connection)
{
	if (connection->relay != NULL)
		return TUNNEL_RELAY;
	return connection->upstream_index == UPSTREAM_DIRECT ? TUNNEL_DIRECT
							     : TUNNEL_CONNECT;
}

static uint64_t
since_ms(const struct worker *worker, int64_t then_ms)
{
	return then_ms < worker->now_ms ? (uint64_t)(worker->now_ms - then_ms)
					: 0;
}

static void
write_numbers(const struct worker *worker, const struct connection *connection,
    struct tunnel *tunnel)
{
	int64_t active_ms = connection->active_ms > connection->started_ms
	    ? connection->active_ms
	    : connection->started_ms;

	*tunnel = (struct tunnel){
		.age_ms = since_ms(worker, connection->started_ms),
		.idle_ms = since_ms(worker, active_ms),
		.sent = connection->flows[CLIENT].moved_bytes,
		.received = connection->flows[UPSTREAM].moved_bytes,
		.mode = mode_of(connection),
		.state =
		    (uint32_t)connection->state - (uint32_t)CONNECTION_SNIFFING,
	};
}

/* Of a connection without a name the upstream is not chosen yet, either. */
static void
write_names(const struct worker *worker, const struct connection *connection,
    struct tunnel *tunnel)
{
	struct text upstream =
	    text_in(tunnel->upstream, sizeof tunnel->upstream);

	address_text(&connection->client, tunnel->client);
	address_text(&connection->destination, tunnel->destination);
	if (connection->state != CONNECTION_SNIFFING)
		connection_log_upstream(&upstream, worker, connection);
	if (connection->host != NULL)
		snprintf(
		    tunnel->host, sizeof tunnel->host, "%s", connection->host);
}

/* Its sample is taken for the next list. Most connections are looked at for
 * their numbers alone. */
static void
visit(struct worker *worker, struct connection *connection)
{
	struct lister *lister = &worker->lister;
	struct tunnel tunnel;
	unsigned slot;

	write_numbers(worker, connection, &tunnel);
	samples_rate(&lister->before, connection, worker->now_ms, &tunnel);
	if (!samples_add(&lister->now, connection, worker->now_ms) ||
	    lister->state == LISTER_SAMPLING ||
	    !ranking_offer(&lister->ranking,
		tunnel_key(&tunnel, (enum tunnel_order)lister->request.order),
		&slot))
		return;
	write_names(worker, connection, &tunnel);
	tunnel_list_write(lister->list, slot, &tunnel);
}

/* --- all of them */

static void
begin_walk(struct worker *worker, enum lister_state state)
{
	struct lister *lister = &worker->lister;

	samples_clear(&lister->before);
	lister->before = lister->now;
	lister->now = (struct samples){
		.begin_ms = worker->now_ms,
		.end_ms = worker->now_ms,
	};
	lister->place = 0;
	lister->passes = 0;
	ranking_begin(&lister->ranking, lister->request.limit);
	enter(lister, state, worker->now_ms);
}

/* True at the end. */
static bool
walk(struct worker *worker)
{
	struct lister *lister = &worker->lister;
	size_t end = lister->place + TURN_CONNECTIONS;

	while (lister->place < end && lister->place < worker->deadlines.count)
		visit(worker,
		    connection_of_deadline(
			worker->deadlines.heap[lister->place++]));
	if (lister->place < worker->deadlines.count)
		return false;
	lister->place = 0;
	return ++lister->passes == PASSES;
}

/* While samples are kept, a time is set for their end. They may have to become
 * old enough, and must not be too old when they are used. */
static void
begin(struct worker *worker)
{
	struct lister *lister = &worker->lister;
	int64_t age_ms = worker->now_ms - lister->now.begin_ms;

	if (lister->due_ms != DEADLINE_NEVER &&
	    age_ms < SAMPLE_MAX_MS - SAMPLE_MIN_MS)
		enter(
		    lister, LISTER_WAITING, lister->now.end_ms + SAMPLE_MIN_MS);
	else
		begin_walk(worker, LISTER_SAMPLING);
}

static void
answer(struct worker *worker)
{
	struct lister *lister = &worker->lister;
	const struct tunnel_answer answer = {
		.number = lister->request.number,
		.count = lister->ranking.count,
	};

	if (!master_pipe_listed(&answer)) {
		lister->due_ms = worker->now_ms + RETRY_MS;
		return;
	}
	enter(lister, LISTER_IDLE, worker->now_ms + SAMPLE_MAX_MS);
	if (lister->next.number == 0)
		return;
	lister->request = lister->next;
	lister->next.number = 0;
	begin(worker);
}

/* The memory of all goes back. */
static void
forget(struct lister *lister)
{
	lister_clear(lister);
	tunnel_list_empty(lister->list);
	lister->due_ms = DEADLINE_NEVER;
}

void
lister_ask(struct worker *worker, const struct tunnel_request *request)
{
	struct lister *lister = &worker->lister;

	if (lister->list == NULL)
		return;
	if (lister->state == LISTER_LISTING ||
	    lister->state == LISTER_ANSWERING) {
		lister->next = *request;
		return;
	}
	lister->request = *request;
	if (lister->state == LISTER_IDLE)
		begin(worker);
}

void
lister_run(struct worker *worker)
{
	struct lister *lister = &worker->lister;

	switch (lister->state) {
	case LISTER_IDLE:
		forget(lister);
		break;
	case LISTER_SAMPLING:
		if (walk(worker))
			enter(lister, LISTER_WAITING,
			    worker->now_ms + SAMPLE_WAIT_MS);
		break;
	case LISTER_WAITING:
		begin_walk(worker, LISTER_LISTING);
		break;
	case LISTER_LISTING:
		if (walk(worker))
			enter(lister, LISTER_ANSWERING, worker->now_ms);
		break;
	case LISTER_ANSWERING:
		answer(worker);
		break;
	}
}
