/* SPDX-License-Identifier: MIT */
/* ready_test.c - when a worker opens ready sockets, and when it does not. */

#include "worker/ready.h"

#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "check.h"
#include "worker/worker.h"

enum { READY = 2, BEGIN_MS = 100000, LATER_MS = BEGIN_MS + 100000 };

static struct config config;
static struct counters counters;
static struct worker worker;
static int listener_fd = -1;

/* An address that takes connections. */
static struct address
listen_anywhere(void)
{
	struct address address;
	socklen_t length = sizeof address;

	CHECK(address_parse(&address, "127.0.0.1", 0));
	listener_fd = socket(AF_INET, SOCK_STREAM, 0);
	CHECK(bind(listener_fd, &address.any, address_length(&address)) == 0);
	CHECK(listen(listener_fd, 2 * READY) == 0);
	CHECK(getsockname(listener_fd, &address.any, &length) == 0);
	return address;
}

static void
begin(void)
{
	struct upstream *upstream = &worker.upstreams[0];

	config.ready_connections = READY;
	config.ready_timeout_ms = INT64_C(3600) * 1000;
	config.upstreams.count = 1;
	worker = (struct worker){
		.config = &config,
		.counters = &counters,
		.limit = { .connections = 100 },
		.ready = { .due_ms = DEADLINE_NEVER },
		.now_ms = BEGIN_MS,
	};
	CHECK(socket_set_open(&worker.sockets) == 0);
	ready_set_init(&upstream->ready);
	upstream->addresses.count = 1;
	upstream->addresses.list[0] = listen_anywhere();
}

static void
end(void)
{
	ready_drop_all(&worker);
	CHECK(worker.ready.sockets == 0);
	socket_set_close(&worker.sockets);
	close(listener_fd);
}

static void
an_upstream_in_use_gets_all_at_once(void)
{
	begin();
	ready_run(&worker);
	CHECK(worker.ready.sockets == 0);
	ready_want(&worker, 0);
	CHECK(worker.ready.due_ms == BEGIN_MS);
	ready_run(&worker);
	CHECK(worker.ready.sockets == READY);
	end();
}

/* The first are still to be opened when the drain begins. */
static void
a_worker_that_drains_opens_none_that_were_wanted_before(void)
{
	begin();
	ready_want(&worker, 0);
	worker.draining = true;
	ready_drop_all(&worker);
	ready_run(&worker);
	CHECK(worker.ready.sockets == 0);
	CHECK(worker.ready.due_ms == DEADLINE_NEVER);
	end();
}

/* Others were to be opened a second after the upstream had ended some. */
static void
a_worker_that_drains_replaces_none(void)
{
	begin();
	ready_want(&worker, 0);
	ready_run(&worker);
	ready_discard(&worker, &worker.upstreams[0].ready.places[0]);
	ready_want(&worker, 0);
	ready_run(&worker);
	CHECK(worker.ready.sockets == READY - 1);
	worker.draining = true;
	ready_drop_all(&worker);
	worker.now_ms = LATER_MS;
	ready_run(&worker);
	CHECK(worker.ready.sockets == 0);
	CHECK(worker.ready.due_ms == DEADLINE_NEVER);
	end();
}

int
main(void)
{
	RUN(an_upstream_in_use_gets_all_at_once);
	RUN(a_worker_that_drains_opens_none_that_were_wanted_before);
	RUN(a_worker_that_drains_replaces_none);
	return check_report();
}
