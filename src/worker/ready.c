/* SPDX-License-Identifier: MIT */
#include "worker/ready.h"

#include <assert.h>
#include <errno.h>
#include <stddef.h>

#include "base/socket_options.h"
#include "worker/upstream_socket.h"
#include "worker/worker.h"

/* Where a socket is ended at once, or none can be had; and where clients needed
 * their descriptors, which they may do for long. */
enum { PAUSE_MS = 1000, SHORTAGE_MS = 60 * 1000 };

/* A connection takes two descriptors. */
enum { DESCRIPTORS_EACH = 2 };

/* Their descriptors are those of connections that may yet come. */
static unsigned
max_sockets(const struct worker *worker)
{
	unsigned limit = worker->limit.connections;
	unsigned left = limit > worker->open ? limit - worker->open : 0;
	unsigned waiting = worker->upstream_sockets.count;

	return DESCRIPTORS_EACH * left > waiting
	    ? DESCRIPTORS_EACH * left - waiting
	    : 0;
}

/* A FIN tells the upstream that no request will come; a RST would look like a
 * fault. */
static void
close_socket(struct worker *worker, struct ready_socket *socket)
{
	assert(worker->ready.sockets > 0);
	socket_options_end_with_fin(socket->endpoint.watch.fd);
	watch_close(&socket->endpoint.watch);
	worker->ready.sockets--;
}

static void
wait_with_upstream(struct worker *worker, unsigned upstream)
{
	worker->upstreams[upstream].ready.fill_from_ms =
	    worker->now_ms + PAUSE_MS;
}

void
ready_discard(struct worker *worker, struct ready_socket *socket)
{
	counter_add(&worker->counters->ready_stale, 1);
	close_socket(worker, socket);
	wait_with_upstream(worker, socket->upstream);
}

/* --- opening */

/* As connect(2). */
static int
open_socket(
    struct worker *worker, unsigned upstream, const struct address *address)
{
	struct ready_socket *socket =
	    ready_set_find_free(&worker->upstreams[upstream].ready);
	struct endpoint *endpoint = &socket->endpoint;

	if (upstream_socket_open(worker, endpoint, address->any.sa_family) ==
	    -1)
		return -1;
	worker->ready.sockets++;
	socket->upstream = upstream;
	socket->address = *address;
	socket->opened_ms = worker->now_ms;
	socket->is_connected = upstream_socket_connect(endpoint, address) == 0;
	if ((socket->is_connected || errno == EINPROGRESS ||
		errno == EALREADY) &&
	    socket_set_want(&worker->sockets, &endpoint->watch,
		socket->is_connected ? SOCKET_READABLE : SOCKET_WRITABLE) == 0)
		return 0;
	close_socket(worker, socket);
	return -1;
}

/* The address that answered last, if it has not failed since. NULL: there is
 * none, or no client would go there now. */
static const struct address *
find_address(const struct worker *worker, const struct upstream *upstream)
{
	unsigned index = upstream->preferred;

	if (worker->draining || upstream->addresses.count == 0 ||
	    upstream->is_down || upstream->silent_until_ms[index] != 0 ||
	    brake_holds(&upstream->brake, worker->now_ms))
		return NULL;
	return &upstream->addresses.list[index];
}

static void
fill(struct worker *worker, struct upstream *upstream)
{
	struct ready_set *set = &upstream->ready;
	const struct address *address = find_address(worker, upstream);
	unsigned max = worker->config->ready_connections;

	set->is_wanted = false;
	if (address == NULL)
		return;
	for (unsigned count = ready_set_count(set);
	     count < max && worker->ready.sockets < max_sockets(worker);
	     count++) {
		if (open_socket(worker, upstream->index, address) == 0)
			continue;
		wait_with_upstream(worker, upstream->index);
		return;
	}
}

void
ready_want(struct worker *worker, unsigned upstream)
{
	if (worker->config->ready_connections == 0)
		return;
	worker->upstreams[upstream].ready.is_wanted = true;
	worker->ready.due_ms = worker->now_ms;
}

/* --- events and time */

static struct ready_socket *
socket_of_watch(struct watch *watch)
{
	return (struct ready_socket *)(void *)((unsigned char *)watch -
	    offsetof(struct ready_socket, endpoint) -
	    offsetof(struct endpoint, watch));
}

/* A dial that fails is no evidence against the upstream: whether it is down is
 * found out by a connection. */
void
ready_step(struct worker *worker, struct watch *watch, uint32_t events)
{
	struct ready_socket *socket = socket_of_watch(watch);

	if (watch->fd == -1) /* it was closed or taken earlier in this turn */
		return;
	counters_note_progress(worker->counters);
	if (socket->is_connected) {
		ready_discard(worker, socket);
	} else if ((events & SOCKET_TROUBLE) == 0 &&
	    socket_set_want(&worker->sockets, watch, SOCKET_READABLE) == 0) {
		socket->is_connected = true;
	} else {
		close_socket(worker, socket);
		wait_with_upstream(worker, socket->upstream);
	}
}

static void
expire(struct worker *worker, struct ready_set *set)
{
	int64_t timeout_ms = worker->config->ready_timeout_ms;

	for (unsigned i = 0; i < CONFIG_READY_MAX; i++) {
		struct ready_socket *socket = &set->places[i];

		if (!ready_set_has(socket) ||
		    worker->now_ms - socket->opened_ms < timeout_ms)
			continue;
		if (socket->is_connected)
			counter_add(&worker->counters->ready_expired, 1);
		close_socket(worker, socket);
	}
}

void
ready_run(struct worker *worker)
{
	worker->ready.due_ms = DEADLINE_NEVER;
	for (unsigned i = 0; i < worker->config->upstreams.count; i++) {
		struct upstream *upstream = &worker->upstreams[i];
		int64_t due_ms;

		expire(worker, &upstream->ready);
		if (upstream->ready.is_wanted &&
		    upstream->ready.fill_from_ms <= worker->now_ms)
			fill(worker, upstream);
		due_ms = ready_set_due_ms(
		    &upstream->ready, worker->config->ready_timeout_ms);
		if (due_ms < worker->ready.due_ms)
			worker->ready.due_ms = due_ms;
	}
}

/* --- giving up */

void
ready_drop_others(struct worker *worker, unsigned upstream)
{
	struct ready_set *set = &worker->upstreams[upstream].ready;

	for (unsigned i = 0; i < CONFIG_READY_MAX; i++) {
		struct ready_socket *socket = &set->places[i];

		if (ready_set_has(socket) &&
		    !upstream_has(
			&worker->upstreams[upstream], &socket->address))
			close_socket(worker, socket);
	}
}

/* Closes sockets until so many are left. */
static void
drop_down_to(struct worker *worker, struct ready_set *set, unsigned left)
{
	for (unsigned i = 0; i < CONFIG_READY_MAX; i++) {
		if (worker->ready.sockets > left &&
		    ready_set_has(&set->places[i]))
			close_socket(worker, &set->places[i]);
	}
}

void
ready_drop(struct worker *worker, unsigned upstream)
{
	drop_down_to(worker, &worker->upstreams[upstream].ready, 0);
}

void
ready_make_room(struct worker *worker)
{
	unsigned max;

	if (worker->ready.sockets == 0)
		return;
	max = max_sockets(worker);
	for (unsigned i = 0; i < worker->config->upstreams.count; i++)
		drop_down_to(worker, &worker->upstreams[i].ready, max);
}

bool
ready_drop_all(struct worker *worker)
{
	if (worker->ready.sockets == 0)
		return false;
	for (unsigned i = 0; i < worker->config->upstreams.count; i++) {
		ready_drop(worker, i);
		worker->upstreams[i].ready.fill_from_ms =
		    worker->now_ms + SHORTAGE_MS;
	}
	return true;
}
