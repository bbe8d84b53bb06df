/* SPDX-License-Identifier: MIT */
#include "worker/acceptor.h"

#include <errno.h>
#include <string.h>
#include <sys/socket.h>

#include "base/descriptor.h"
#include "base/log.h"
#include "ipc/master_pipe.h"
#include "worker/original_destination.h"
#include "worker/ready.h"
#include "worker/states.h"
#include "worker/worker.h"

/* Clients at a time, so that the other workers get theirs. */
enum { ACCEPT_BURST = 16 };

enum { RETRY_MS = 1000 };

enum { ON_DUTY = 2, DUTY_MS = 10 };

static bool
has_pending_capacity(struct worker *worker)
{
	return pending_has_capacity(
	    &worker->pending, worker->limit.connections, worker->now_ms);
}

void
acceptor_open(struct worker *worker)
{
	worker->acceptor.spare = connection_reserve(worker);
}

bool
acceptor_takes_clients(struct worker *worker)
{
	struct acceptor *acceptor = &worker->acceptor;
	bool full = worker->open >= worker->limit.connections;

	if (worker->listener_fd == -1)
		return false;
	if (full != acceptor->full)
		master_pipe_state(full ? MESSAGE_FULL : MESSAGE_ROOM);
	acceptor->full = full;
	return !full && has_pending_capacity(worker) &&
	    worker->now_ms >= acceptor->duty_from_ms &&
	    (!acceptor->out_of_resources ||
		worker->now_ms >= acceptor->retry_ms);
}

int64_t
acceptor_due_ms(struct worker *worker)
{
	if (worker->listener_fd == -1 ||
	    worker->open >= worker->limit.connections)
		return DEADLINE_NEVER;
	if (!has_pending_capacity(worker))
		return pending_due_ms(
		    &worker->pending, worker->limit.connections);
	if (worker->now_ms < worker->acceptor.duty_from_ms)
		return worker->acceptor.duty_from_ms;
	return worker->acceptor.out_of_resources &&
		worker->now_ms < worker->acceptor.retry_ms
	    ? worker->acceptor.retry_ms
	    : DEADLINE_NEVER;
}

void
acceptor_take_room(struct worker *worker)
{
	struct acceptor *acceptor = &worker->acceptor;

	if (worker->ended == 0)
		return;
	if (worker->open + worker->ended >= worker->limit.connections ||
	    acceptor->out_of_resources)
		acceptor->duty_from_ms = worker->now_ms;
	acceptor->retry_ms = worker->now_ms;
	worker->ended = 0;
}

/* When this worker's duty slot begins; now, if it is in one. Slot t belongs to
 * ON_DUTY workers: t, t + 1, ... modulo their number. */
static int64_t
next_duty_ms(const struct worker *worker)
{
	unsigned workers = worker->config->workers;
	int64_t slot = worker->now_ms / DUTY_MS;
	unsigned ahead;

	if (workers <= ON_DUTY)
		return worker->now_ms;
	ahead =
	    (worker->number + workers - (unsigned)(slot % workers)) % workers;
	return ahead < ON_DUTY ? worker->now_ms
			       : (slot + ahead - (ON_DUTY - 1)) * DUTY_MS;
}

static void
pause_accept(struct worker *worker, const char *cause)
{
	struct acceptor *acceptor = &worker->acceptor;

	counters_note_progress(
	    worker->counters); /* an expired deadline, not a spin */
	acceptor->retry_ms = worker->now_ms + RETRY_MS;
	if (!acceptor->out_of_resources)
		log_warning("no means for another connection, new ones wait "
			    "cause=\"%s\"",
		    cause);
	acceptor->out_of_resources = true;
}

/* Whether the error is the client's, not ours: accept(2). */
static bool
is_passing(int error)
{
	switch (error) {
	case ECONNABORTED:
	case EINTR:
	case EPERM:
	case EPROTO:
	case ENETDOWN:
	case ENETUNREACH:
	case ENOPROTOOPT:
	case EHOSTDOWN:
	case EHOSTUNREACH:
	case ENONET:
	case EOPNOTSUPP:
	case ETIMEDOUT:
		return true;
	default:
		return false;
	}
}

/* At -max-per-client, all workers together. This host's own connections are
 * not one client's. */
static bool
has_too_many(struct worker *worker, const struct address *client)
{
	unsigned max = worker->limit.per_client;

	return max > 0 && clients_count(&worker->clients, client) >= max &&
	    !original_destination_is_local(worker, client);
}

static void
evict(struct worker *worker)
{
	struct pending_entry *entry =
	    pending_to_evict(&worker->pending, worker->limit.connections);

	if (entry != NULL)
		states_fail(worker, connection_of_pending(entry),
		    FAILURE_EVICTED,
		    "connection closed, too many wait for their tunnels",
		    "evicted");
}

static void
admit(struct worker *worker, struct connection *connection)
{
	const struct destination_refusal *refusal = original_destination_get(
	    worker, connection->endpoints[CLIENT].watch.fd, &connection->client,
	    &connection->destination);

	counter_add(&worker->counters->accepted, 1);
	counters_note_progress(worker->counters);
	if (refusal == NULL &&
	    original_destination_is_local(worker, &connection->client) &&
	    !silent_add(
		&worker->silent, &connection->silent, &connection->destination))
		refusal = &original_destination_local_loop;
	if (refusal != NULL) {
		states_refuse(worker, connection, refusal->failure,
		    refusal->words, refusal->cause);
		return;
	}
	if (has_too_many(worker, &connection->client)) {
		states_refuse(worker, connection, FAILURE_CLIENT_LIMIT,
		    "connection closed", "too many connections of this client");
		return;
	}
	evict(worker);
	states_begin(worker, connection);
	ready_make_room(worker);
}

/* Ready sockets are given up first. True if that may have been enough. */
static bool
find_means(struct worker *worker, int error)
{
	if (ready_drop_all(worker))
		return true;
	pause_accept(worker, strerror(error));
	return false;
}

static struct connection *
reserve(struct worker *worker)
{
	struct connection *connection;

	do
		connection = connection_reserve(worker);
	while (connection == NULL && find_means(worker, errno));
	return connection;
}

/* True if there may be another client. */
static bool
accept_one(struct worker *worker)
{
	struct acceptor *acceptor = &worker->acceptor;
	struct connection *connection = acceptor->spare;
	socklen_t length = sizeof connection->client;
	int fd;

	if (connection == NULL && (connection = reserve(worker)) == NULL)
		return false;
	acceptor->spare = connection;
	fd = accept4(worker->listener_fd, &connection->client.any, &length,
	    SOCK_NONBLOCK | SOCK_CLOEXEC);
	if (fd == -1) {
		if (errno != EAGAIN)
			return is_passing(errno) || find_means(worker, errno);
		counters_note_progress(worker->counters); /* another took it */
		return false;
	}
	if (acceptor->out_of_resources)
		log_warning("there are means for connections again");
	acceptor->out_of_resources = false;
	acceptor->spare = NULL;
	address_unmap(&connection->client);
	connection->endpoints[CLIENT].watch.fd = fd;
	admit(worker, connection);
	return true;
}

bool
acceptor_run(struct worker *worker)
{
	unsigned accepted = 0;

	/* A DRAIN of the same turn has closed the listener. */
	while (accepted < ACCEPT_BURST && worker->listener_fd != -1 &&
	    worker->open < worker->limit.connections &&
	    has_pending_capacity(worker) && accept_one(worker))
		accepted++;
	if (accepted < ACCEPT_BURST)
		worker->acceptor.duty_from_ms = next_duty_ms(worker);
	return accepted == ACCEPT_BURST;
}

void
acceptor_close(struct worker *worker)
{
	descriptor_retire(&worker->listener_fd);
	if (worker->acceptor.spare != NULL)
		connection_release(worker, worker->acceptor.spare);
	worker->acceptor.spare = NULL;
}
