/* SPDX-License-Identifier: MIT */
#include "worker/loop.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/descriptor.h"
#include "base/log.h"
#include "base/signals.h"
#include "ipc/master_pipe.h"
#include "worker/acceptor.h"
#include "worker/confine.h"
#include "worker/control.h"
#include "worker/due.h"
#include "worker/handshake.h"
#include "worker/lister.h"
#include "worker/ready.h"
#include "worker/silence.h"
#include "worker/states.h"
#include "worker/time_slice.h"
#include "worker/upstream_health.h"
#include "worker/worker.h"

/* Of memory for bytes that slow readers have not taken, all together. */
enum { UNSENT_MAX_BYTES = 4 * 1024 * 1024 };

/* At most this many epoll batches before accept and timers get their turn. */
enum { BATCHES = 4 };

/* Once streams have moved so much, accept and timers get their turn, too. A
 * stream's share of it does not fall below the minimum. */
enum { TURN_BYTES = 2 * 1024 * 1024, SHARE_MIN_BYTES = 32 * 1024 };

static void
step(struct worker *worker, struct watch *watch, uint32_t events)
{
	struct connection *connection;
	enum side side;

	switch ((enum watch_kind)watch->kind) {
	case WATCH_CONTROL:
		control_read(worker);
		break;
	case WATCH_STOP:
		control_stop(worker);
		break;
	case WATCH_TIMER:
		timer_expired(&worker->timer);
		break;
	case WATCH_CLIENT:
	case WATCH_UPSTREAM:
		connection = connection_of_watch(watch, &side);
		states_step(worker, connection, side, events);
		break;
	case WATCH_PROBE:
		upstream_health_step(worker, watch, events);
		break;
	case WATCH_SILENCE_CHECK:
		silence_step(worker, watch, events);
		break;
	case WATCH_READY:
		ready_step(worker, watch, events);
		break;
	}
}

static void
step_batch(struct worker *worker, unsigned count)
{
	for (unsigned i = 0; i < count; i++) {
		const struct epoll_event *event = &worker->sockets.events[i];

		step(worker, event->data.ptr, event->events);
	}
}

/* Each bulk stream gets an equal part of the turn's bytes, as many streams as
 * there were in the last batch. */
static void
share_bytes(struct worker *worker)
{
	size_t runs = worker->bulk_runs > 0 ? worker->bulk_runs : 1;
	size_t share = (TURN_BYTES + runs - 1) / runs;

	worker->share_bytes = share < SHARE_MIN_BYTES ? SHARE_MIN_BYTES : share;
	worker->bulk_runs = 0;
}

/* What was sent may be answered by now, above all by a process on the same CPU:
 * to ask epoll again costs less than a wait in poll(2). Between batches clients
 * are accepted, so that bulk streams do not keep them waiting. */
static void
step_ready(struct worker *worker, unsigned count, bool has_client)
{
	worker->turn_bytes = 0;
	for (unsigned batch = 1;; batch++) {
		share_bytes(worker);
		step_batch(worker, count);
		if (has_client)
			has_client = acceptor_run(worker);
		if (count == 0 || batch == BATCHES ||
		    worker->turn_bytes >= TURN_BYTES)
			return;
		count = socket_set_ready(&worker->sockets);
		worker->now_ms = clock_now_ms();
	}
}

static void
run_once(struct worker *worker)
{
	struct counters *counters = worker->counters;
	int listener_fd =
	    acceptor_takes_clients(worker) ? worker->listener_fd : -1;
	bool has_client;
	unsigned count;
	int timeout_ms;

	worker->log_is_behind = !master_pipe_catch_up();
	timeout_ms = timer_timeout_ms(
	    &worker->timer, due_next_ms(worker), worker->now_ms);
	atomic_store_explicit(&counters->in_poll, 1, memory_order_relaxed);
	count = socket_set_wait(
	    &worker->sockets, listener_fd, timeout_ms, &has_client);
	atomic_store_explicit(&counters->in_poll, 0, memory_order_relaxed);
	counter_step(&counters->turns, 1);
	worker->now_ms = clock_now_ms();
	step_ready(worker, count, has_client);
	due_run(worker);
	connection_sweep(worker);
	acceptor_take_room(worker);
}

static int
watch_readable(struct worker *worker, struct watch *watch)
{
	return watch->fd == -1
	    ? -1
	    : socket_set_want(&worker->sockets, watch, SOCKET_READABLE);
}

/* The watches beside the connections'. */
static int
open_watches(struct worker *worker, int control_fd)
{
	worker->control =
	    (struct watch){ .fd = control_fd, .kind = WATCH_CONTROL };
	worker->stop = (struct watch){ .fd = signals_stop_descriptor(),
		.kind = WATCH_STOP };
	if (socket_set_open(&worker->sockets) == -1 ||
	    timer_open(&worker->timer, WATCH_TIMER) == -1 ||
	    watch_readable(worker, &worker->control) == -1 ||
	    watch_readable(worker, &worker->stop) == -1)
		return -1;
	return watch_readable(worker, &worker->timer.watch);
}

/* Without any of this a worker cannot start; the master respawns it. */
static void
open_all(struct worker *worker, const struct role *role)
{
	*worker = (struct worker){
		.config = role->config,
		.number = role->number,
		.listener_fd = role->listener_fd,
		.counters = role->counters,
		.limit = role->limit,
		.health = { .due_ms = DEADLINE_NEVER },
		.ready = { .due_ms = DEADLINE_NEVER },
		.now_ms = clock_now_ms(),
		.buffer = malloc(WORKER_BUFFER_BYTES),
	};
	if (worker->buffer == NULL ||
	    open_watches(worker, role->control_fd) == -1) {
		log_error("cannot start cause=\"%s\"", strerror(errno));
		exit(EXIT_FAILURE);
	}
	for (unsigned i = 0; i < role->config->upstreams.count; i++)
		upstream_init(&worker->upstreams[i], i, role->config,
		    &role->upstreams[i], worker->now_ms);
	slab_pool_init(&worker->connections, sizeof(struct connection));
	slab_pool_init(&worker->handshakes, sizeof(struct handshake));
	clients_init(&worker->clients, role->client_table,
	    role->client_counts.readable, role->limit.client_tables,
	    role->client_table_index);
	if (status_address_is_set(&role->config->status_address))
		worker->clients.heavy = &role->counters->clients;
	lister_init(&worker->lister, role->tunnel_list);
	silent_init(&worker->silent, &worker->clients.view);
	pipe_pool_init(&worker->pipes, role->pipes);
	buffer_pool_init(&worker->buffers, UNSENT_MAX_BYTES);
	local_addresses_open(&worker->local_addresses, role->ipv6_addresses_fd);
	for (unsigned i = 0; i < FAILURES; i++)
		warning_limit_init(&worker->warning_limits[i], worker->now_ms);
	acceptor_open(worker);
}

static void
close_all(struct worker *worker)
{
	acceptor_close(worker);
	upstream_health_close(worker);
	silence_close(worker);
	ready_drop_all(worker);
	connection_sweep(worker);
	slab_pool_clear(&worker->connections);
	slab_pool_clear(&worker->handshakes);
	clients_clear(&worker->clients);
	lister_clear(&worker->lister);
	deadlines_clear(&worker->deadlines);
	pipe_pool_clear(&worker->pipes);
	buffer_pool_clear(&worker->buffers);
	socket_pool_clear(&worker->upstream_sockets);
	local_addresses_close(&worker->local_addresses);
	socket_set_close(&worker->sockets);
	watch_close(&worker->control);
	watch_close(&worker->stop);
	timer_close(&worker->timer);
	free(worker->buffer);
}

void
worker_main(const struct role *role)
{
	static struct worker worker;

	open_all(&worker, role);
	time_slice_ask();
	confine_worker(role);
	control_name_process(&worker);
	master_pipe_state(MESSAGE_SERVING);
	while (!worker.draining || worker.open > 0)
		run_once(&worker);
	close_all(&worker);
	/* A sanitizer's look for leaks takes calls that the sandbox forbids. */
	if (SANITIZED && role->config->sandbox)
		_exit(EXIT_SUCCESS);
	exit(EXIT_SUCCESS);
}
