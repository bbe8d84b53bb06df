/* SPDX-License-Identifier: MIT */
#include "status/server.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/core_dump.h"
#include "base/log.h"
#include "base/process_name.h"
#include "base/sandbox.h"
#include "config/config.h"
#include "ipc/master_pipe.h"
#include "status/client.h"
#include "status/listing.h"

enum {
	CLIENTS_MAX = 64,
	CLIENT_MAX_MS = 10 * 1000, /* for request, answer and end */
	/* Where all places are taken, so old a client gives its own to the
	 * next: who holds them all keeps nobody out. */
	CLIENT_FIRM_MS = 1000,
	ACCEPT_PAUSE_MS = 1000, /* without descriptors or memory */
};

struct server {
	int listener_fd; /* owned, as all that follows */
	struct socket_set sockets;
	struct watch control;
	struct message_reader reader;
	struct client *clients[CLIENTS_MAX]; /* the oldest first */
	unsigned count;
	struct snapshot_page *page;
	struct listing listing;
	bool is_listed; /* all workers have answered */
	int64_t now_ms, accept_after_ms;
	bool draining;
};

static void
remove_client(struct server *server, unsigned place)
{
	client_free(server->clients[place]);
	server->count--;
	memmove(&server->clients[place], &server->clients[place + 1],
	    (server->count - place) * sizeof(struct client *));
}

static void
step_client(struct server *server, const struct watch *watch)
{
	unsigned place = 0;

	while (&server->clients[place]->watch != watch)
		place++;
	if (!client_step(
		server->clients[place], &server->sockets, server->page))
		remove_client(server, place);
}

/* To all clients that it answers. */
static void
give_list(struct server *server)
{
	unsigned place = 0;

	listing_finish(&server->listing);
	while (place < server->count) {
		struct client *client = server->clients[place];

		if (client->state == CLIENT_LISTING &&
		    listing_answers(&server->listing, &client->wanted) &&
		    !client_answer_tunnels(
			client, &server->sockets, &server->listing.tunnels))
			remove_client(server, place);
		else
			place++;
	}
	listing_end(&server->listing);
	server->is_listed = false;
}

/* For the oldest client that waits for one. */
static void
begin_list(struct server *server)
{
	unsigned place = 0;

	while (
	    place < server->count && !listing_is_under_way(&server->listing)) {
		struct client *client = server->clients[place];

		if (client->state == CLIENT_LISTING &&
		    !listing_begin(
			&server->listing, &client->wanted, server->now_ms) &&
		    !client_answer_tunnels(client, &server->sockets, NULL))
			remove_client(server, place);
		else
			place++;
	}
}

/* Behind the events, because it removes clients. */
static void
run_listing(struct server *server)
{
	if (listing_is_under_way(&server->listing) &&
	    (server->is_listed || server->now_ms >= server->listing.until_ms))
		give_list(server);
	if (!listing_is_under_way(&server->listing))
		begin_list(server);
}

static void
handle(struct server *server, const struct message *message)
{
	if (message->kind == MESSAGE_DRAIN)
		server->draining = true;
	if (message->kind == MESSAGE_LISTED)
		server->is_listed |=
		    listing_take(&server->listing, &message->listed);
}

static _Noreturn void
end(void)
{
	/* A sanitizer's look for leaks takes calls that the sandbox forbids. */
	if (SANITIZED)
		_exit(EXIT_SUCCESS);
	exit(EXIT_SUCCESS);
}

/* Ends where the master is gone, or is no master of ours. */
static void
read_control(struct server *server)
{
	int filled = message_fill(&server->reader, server->control.fd);
	enum message_verdict verdict = MESSAGE_PARTIAL;
	struct message message;

	if (filled == -1)
		return;
	if (filled == 1) {
		while ((verdict = message_next(&server->reader, MESSAGE_DOWN,
			    &message)) == MESSAGE_WHOLE)
			handle(server, &message);
	}
	if (filled == 0 || verdict == MESSAGE_INVALID)
		end();
}

static int64_t
earlier(int64_t a_ms, int64_t b_ms)
{
	return a_ms < b_ms ? a_ms : b_ms;
}

/* When there is room for another one, as far as is known. */
static int64_t
accept_due_ms(const struct server *server)
{
	int64_t due_ms = server->accept_after_ms, firm_until_ms;

	if (server->draining)
		return INT64_MAX;
	if (server->count < CLIENTS_MAX)
		return due_ms;
	firm_until_ms = server->clients[0]->since_ms + CLIENT_FIRM_MS;
	return due_ms > firm_until_ms ? due_ms : firm_until_ms;
}

static int
timeout_ms(const struct server *server)
{
	int64_t due_ms = INT64_MAX, accept_ms = accept_due_ms(server);

	if (server->count > 0)
		due_ms = server->clients[0]->since_ms + CLIENT_MAX_MS;
	if (listing_is_under_way(&server->listing))
		due_ms = earlier(due_ms, server->listing.until_ms);
	if (accept_ms > server->now_ms)
		due_ms = earlier(due_ms, accept_ms);
	if (due_ms == INT64_MAX)
		return -1;
	due_ms -= server->now_ms;
	return due_ms < 0 ? 0 : (int)due_ms;
}

static void
expire(struct server *server)
{
	while (server->count > 0 &&
	    server->now_ms >= server->clients[0]->since_ms + CLIENT_MAX_MS)
		remove_client(server, 0);
}

/* False: there is none, or none can be taken now. */
static bool
accept_client(struct server *server)
{
	int fd = accept4(
	    server->listener_fd, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
	struct client *client;

	if (fd == -1) {
		if (errno == EMFILE || errno == ENFILE || errno == ENOBUFS ||
		    errno == ENOMEM)
			server->accept_after_ms =
			    server->now_ms + ACCEPT_PAUSE_MS;
		return errno == ECONNABORTED || errno == EINTR;
	}
	if (server->count == CLIENTS_MAX)
		remove_client(server, 0);
	client = client_new(&server->sockets, fd, server->now_ms);
	if (client != NULL)
		server->clients[server->count++] = client;
	return client != NULL;
}

/* As many as there are places at most, so that the others get their turn. */
static void
accept_clients(struct server *server)
{
	for (unsigned i = 0; i < CLIENTS_MAX &&
	     accept_due_ms(server) <= server->now_ms && accept_client(server);
	     i++)
		continue;
}

static void
run_once(struct server *server)
{
	bool takes_clients = accept_due_ms(server) <= server->now_ms;
	bool has_client;
	unsigned count;

	count = socket_set_wait(&server->sockets,
	    takes_clients ? server->listener_fd : -1, timeout_ms(server),
	    &has_client);
	server->now_ms = clock_now_ms();
	for (unsigned i = 0; i < count; i++) {
		const struct watch *watch = server->sockets.events[i].data.ptr;

		if (watch == &server->control)
			read_control(server);
		else
			step_client(server, watch);
	}
	expire(server);
	run_listing(server);
	if (has_client)
		accept_clients(server);
	master_pipe_catch_up();
}

static void
open_all(struct server *server, const struct role *role)
{
	*server = (struct server){
		.listener_fd = role->status_fd,
		.control = { .fd = role->control_fd },
		.page = role->snapshot_page,
		.now_ms = clock_now_ms(),
	};
	listing_init(&server->listing, role->tunnel_lists, server->now_ms);
	if (socket_set_open(&server->sockets) == 0 &&
	    socket_set_want(
		&server->sockets, &server->control, SOCKET_READABLE) == 0)
		return;
	log_error("cannot start cause=\"%s\"", strerror(errno));
	exit(EXIT_FAILURE);
}

/* The first worker has logged what this machine lacks. */
static void
confine(const struct role *role)
{
	const struct sandbox sandbox = {
		.profile = SANDBOX_STATUS,
		.listener_fd = role->status_fd,
	};
	char words[128];
	struct text missing = text_in(words, sizeof words);

	core_dump_forbid();
	tzset(); /* gmtime_r(3) would open a file at its first call */
	if (role->config->sandbox)
		sandbox_enter(&sandbox, &missing);
}

/* TERM ends it at any time: nothing is lost with it. */
static void
end_at_once_by_signal(void)
{
	sigset_t none;

	signal(SIGTERM, SIG_DFL);
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
}

void
status_main(const struct role *role)
{
	static struct server server;

	process_name_set("handyproxy:stat");
	end_at_once_by_signal();
	open_all(&server, role);
	confine(role);
	master_pipe_state(MESSAGE_SERVING);
	while (!server.draining || server.count > 0)
		run_once(&server);
	end();
}
