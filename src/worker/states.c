/* SPDX-License-Identifier: MIT */
#include "worker/states.h"

#include <assert.h>
#include <errno.h>
#include <stddef.h>
#include <string.h>

#include "base/log.h"
#include "worker/asking.h"
#include "worker/connection_counts.h"
#include "worker/connection_log.h"
#include "worker/handshake.h"
#include "worker/relaying.h"
#include "worker/tunnel.h"
#include "worker/worker.h"

enum { KEEPS_DEADLINE = 0 };

/* The timeout is a field of struct config in milliseconds, where 0 means none;
 * KEEPS_DEADLINE: that of the state before. */
static const struct state {
	connection_step *step; /* NULL: nothing happens to it */
	size_t timeout_offset;
	bool is_pending; /* not yet a tunnel: has its handshake */
	bool has_upstream; /* the log names the upstream */
	bool is_at_upstream; /* counts among its connections */
	bool asks; /* its request may wait for an answer */
	const char *words; /* for the log; NULL: no line */
	uint32_t wanted[2]; /* events, by side */
	uint32_t (*interest)(const struct connection *connection,
	    enum side side); /* asked instead, unless NULL */
} states[CONNECTION_STATES] = {
	[CONNECTION_RESERVED] = { .step = NULL },
	[CONNECTION_SNIFFING] = {
		.words = "sniffing",
		.step = sniffing_step,
		.timeout_offset = offsetof(struct config, sniff_timeout_ms),
		.is_pending = true,
		.wanted = { [CLIENT] = SOCKET_READABLE },
	},
	[CONNECTION_ROUTING] = {
		.words = "routing",
		.step = routing_step,
		.timeout_offset = KEEPS_DEADLINE,
		.is_pending = true,
		.has_upstream = true,
	},
	[CONNECTION_WAITING] = {
		.words = "waiting for an address",
		.step = waiting_step,
		.timeout_offset = KEEPS_DEADLINE,
		.is_pending = true,
		.has_upstream = true,
	},
	[CONNECTION_DIALLING] = {
		.words = "dialling",
		.step = dialling_step,
		.timeout_offset = KEEPS_DEADLINE,
		.is_pending = true,
		.has_upstream = true,
		.is_at_upstream = true,
		.wanted = { [UPSTREAM] = SOCKET_WRITABLE },
	},
	[CONNECTION_REQUESTING] = {
		.words = "sending a request",
		.asks = true,
		.step = requesting_step,
		.timeout_offset = offsetof(struct config, response_timeout_ms),
		.is_pending = true,
		.has_upstream = true,
		.is_at_upstream = true,
		.interest = requesting_interest,
	},
	[CONNECTION_ANSWERING] = {
		.words = "waiting for the answer",
		.asks = true,
		.step = answering_step,
		.timeout_offset = offsetof(struct config, response_timeout_ms),
		.is_pending = true,
		.has_upstream = true,
		.is_at_upstream = true,
		.wanted = { [UPSTREAM] = SOCKET_READABLE },
	},
	[CONNECTION_TUNNELLING] = {
		.words = "tunnelling",
		.step = tunnelling_step,
		.timeout_offset = offsetof(struct config, idle_timeout_ms),
		.has_upstream = true,
		.is_at_upstream = true,
		.interest = tunnel_interest,
	},
	[CONNECTION_RELAYING] = {
		.step = relaying_step,
		.words = "relaying a request",
		.asks = true,
		.timeout_offset = offsetof(struct config, idle_timeout_ms),
		.has_upstream = true,
		.is_at_upstream = true,
		.interest = relaying_interest,
	},
	[CONNECTION_DONE] = { .step = NULL },
};

/* The way out of all connections that had a client: each is counted once. */
static void
report(struct worker *worker, struct connection *connection)
{
	const struct connection_failure *failure = &connection->failure;

	connection_counts_end(worker, connection);
	if (failure->words != NULL)
		connection_log_failure(worker, connection, failure,
		    states[connection->state].has_upstream);
}

static void
finish(struct worker *worker, struct connection *connection)
{
	assert(worker->open > 0);
	report(worker, connection);
	connection_log_closed(
	    worker, connection, states[connection->state].has_upstream);
	deadlines_remove(&worker->deadlines, &connection->deadline);
	silent_remove(&worker->silent, &connection->silent);
	connection_release(worker, connection);
	worker->open--;
	worker->ended++;
	counter_step(&worker->counters->open, -1);
	clients_leave(&worker->clients, connection->client_record);
}

static void
set_timeout(struct worker *worker, struct connection *connection, size_t offset)
{
	const char *config = (const char *)worker->config;
	int64_t timeout_ms;

	if (offset == KEEPS_DEADLINE)
		return;
	memcpy(&timeout_ms, config + offset, sizeof timeout_ms);
	deadlines_move(&worker->deadlines, &connection->deadline,
	    timeout_ms == 0 ? DEADLINE_NEVER : worker->now_ms + timeout_ms);
}

static void
count_upstream(struct worker *worker, const struct connection *connection,
    const struct state *from, const struct state *to)
{
	if (from->is_at_upstream != to->is_at_upstream)
		counter_step(
		    &worker->counters->upstreams[connection->upstream_index]
			 .open,
		    to->is_at_upstream ? 1 : -1);
}

/* The one place that assigns the state. */
static void
enter(struct worker *worker, struct connection *connection,
    enum connection_state next)
{
	const struct state *state = &states[connection->state];

	assert(connection->state != CONNECTION_DONE);
	counters_note_progress(worker->counters);
	if (state->asks && !states[next].asks)
		asking_end(worker, connection);
	if (state->is_pending && !states[next].is_pending)
		pending_remove(&worker->pending, &connection->pending);
	if (!state->is_pending && states[next].is_pending)
		pending_add(&worker->pending, &connection->pending,
		    connection->started_ms);
	connection_counts_state(worker, connection, next);
	count_upstream(worker, connection, state, &states[next]);
	if (next == CONNECTION_DONE)
		finish(worker, connection); /* reads the old state */
	connection->state = next;
	if (next == CONNECTION_DONE)
		return;
	assert((connection->handshake != NULL) == states[next].is_pending);
	set_timeout(worker, connection, states[next].timeout_offset);
	if (log_is_wanted(LOG_LEVEL_DEBUG))
		connection_log_state(worker, connection, states[next].words,
		    state->has_upstream && states[next].has_upstream);
}

static uint32_t
interest(const struct connection *connection, enum side side)
{
	const struct state *state = &states[connection->state];

	return state->interest != NULL ? state->interest(connection, side)
				       : state->wanted[side];
}

/* Calls epoll_ctl(2) only if a wanted event is missing, an unwanted one has
 * just come, or SOCKET_WRITABLE, which is nearly always ready, is wanted no
 * more. A client is watched from the start, for its RST. */
static int
watch(struct worker *worker, struct connection *connection, enum side side,
    uint32_t came)
{
	struct endpoint *endpoint = &connection->endpoints[side];
	uint32_t wanted = interest(connection, side);
	uint32_t unwanted = endpoint->watch.wanted & ~wanted;

	if (wanted == 0 && endpoint->hup_seen)
		return socket_set_remove(&worker->sockets, &endpoint->watch);
	if (!endpoint->watch.in_set) {
		if (wanted == 0 && side == UPSTREAM)
			return 0;
	} else if ((wanted & ~endpoint->watch.wanted) == 0 &&
	    (unwanted & (came | SOCKET_WRITABLE)) == 0)
		return 0;
	return socket_set_want(&worker->sockets, &endpoint->watch, wanted);
}

/* Runs through the states until one waits. */
static void
follow(struct worker *worker, struct connection *connection,
    enum connection_state next)
{
	const struct wake entered = { .reason = WAKE_ENTERED };

	while (next != connection->state) {
		enter(worker, connection, next);
		if (next == CONNECTION_DONE)
			return;
		next = states[next].step(worker, connection, &entered);
	}
}

/* Runs its step, and the states that follow. */
static void
wake(struct worker *worker, struct connection *connection,
    const struct wake *why)
{
	follow(worker, connection,
	    states[connection->state].step(worker, connection, why));
	if (silent_has(&connection->silent) &&
	    connection->flows[UPSTREAM].moved_bytes > 0)
		silent_remove(&worker->silent, &connection->silent);
	connection_counts_progress(worker, connection);
}

static void
watch_both(struct worker *worker, struct connection *connection, enum side side,
    uint32_t events)
{
	if (connection->state == CONNECTION_DONE)
		return;
	if (watch(worker, connection, side, events) == 0 &&
	    watch(worker, connection, side_other(side), 0) == 0)
		return;
	states_fail(worker, connection, FAILURE_INTERNAL,
	    "connection closed: its socket cannot be watched", strerror(errno));
}

void
states_step(struct worker *worker, struct connection *connection,
    enum side side, uint32_t events)
{
	const struct wake why = { WAKE_EVENT, side, events };

	if (connection->state == CONNECTION_DONE)
		return;
	if ((events & SOCKET_TROUBLE) != 0)
		connection->endpoints[side].hup_seen = true;
	if ((events & SOCKET_TROUBLE) != 0 && side == CLIENT &&
	    states[connection->state].is_pending) {
		states_abort(worker, connection, RESULT_CLIENT_RESET);
		return;
	}
	wake(worker, connection, &why);
	watch_both(worker, connection, side, events);
}

void
states_wake(struct worker *worker, struct connection *connection,
    enum wake_reason reason)
{
	const struct wake why = { .reason = reason };

	counters_note_progress(worker->counters);
	wake(worker, connection, &why);
	watch_both(worker, connection, CLIENT, 0);
	assert(reason != WAKE_DEADLINE ||
	    connection->state == CONNECTION_DONE ||
	    connection->deadline.at_ms > worker->now_ms);
}

/* A connection may leave the list when it hears of it. */
void
states_wake_pending(struct worker *worker, enum wake_reason reason)
{
	struct pending_entry *next;

	for (struct pending_entry *entry = worker->pending.oldest;
	     entry != NULL; entry = next) {
		next = entry->next;
		states_wake(worker, connection_of_pending(entry), reason);
	}
}

void
states_begin(struct worker *worker, struct connection *connection)
{
	bool sniffs = sniff_init(&connection->handshake->sniff, worker->config,
	    address_port(&connection->destination));

	connection->client_record =
	    clients_join(&worker->clients, &connection->client);
	connection_counts_begin(worker, connection);
	connection->pending.of_client = &connection->client_record->pending;
	connection->started_ms = worker->now_ms;
	deadlines_add(
	    &worker->deadlines, &connection->deadline, DEADLINE_NEVER);
	follow(worker, connection,
	    sniffs ? CONNECTION_SNIFFING : CONNECTION_ROUTING);
	watch_both(worker, connection, CLIENT, 0);
}

void
states_refuse(struct worker *worker, struct connection *connection,
    enum failure kind, const char *words, const char *cause)
{
	assert(connection->state == CONNECTION_RESERVED);
	connection_fail(connection, kind, words, cause);
	report(worker, connection);
	connection_release(worker, connection);
}

void
states_abort(struct worker *worker, struct connection *connection,
    enum connection_result result)
{
	connection->result = result;
	follow(worker, connection, CONNECTION_DONE);
}

void
states_fail(struct worker *worker, struct connection *connection,
    enum failure kind, const char *words, const char *cause)
{
	follow(worker, connection,
	    connection_fail(connection, kind, words, cause));
}
