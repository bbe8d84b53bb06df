/* SPDX-License-Identifier: MIT */
/* tunnels.c - the tunnels of the load generator, and the one command at a time
 * that they work on. */

#include "tunnels.h"

#include "http.h"
#include "wire.h"

#include <err.h>
#include <errno.h>
#include <inttypes.h>
#include <netinet/tcp.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#define EVENTS_A_TURN 256
#define TUNNELS_MAX 20000

enum tunnel_state {
	TUNNEL_CONNECTING,
	TUNNEL_ASKING,
	TUNNEL_HEARING,
	TUNNEL_IDLE,
	TUNNEL_ENDING /* our FIN is sent, theirs is to come */
};

struct tunnel {
	int fd;
	enum tunnel_state state;
	bool wants_room; /* connecting, or the last send was not complete */
	uint64_t number;
	struct message question, answer;
};

enum command {
	COMMAND_OPEN,
	COMMAND_CONNECT,
	COMMAND_REQUEST,
	COMMAND_EXCHANGE,
	COMMAND_CLOSE
};

/* The command that runs: what is still to start, and what has started. */
static struct {
	enum command command;
	uint64_t left, active;
} work;

static struct tunnel *tunnels[TUNNELS_MAX];
static uint64_t tunnel_count, tunnels_made;
static const struct tunnels_options *options;
static int epoll_fd;

static void
tunnel_watch(struct tunnel *t, int operation, bool wants_room)
{
	struct epoll_event event = { .data.ptr = t };

	t->wants_room = wants_room;
	event.events = wants_room ? EPOLLIN | EPOLLOUT : EPOLLIN;
	if (epoll_ctl(epoll_fd, operation, t->fd, &event) == -1)
		err(1, "epoll_ctl");
}

static void
tunnel_open(void)
{
	struct tunnel *t;
	int one = 1;

	if (tunnel_count == TUNNELS_MAX)
		errx(1, "more than %d tunnels", TUNNELS_MAX);
	if ((t = calloc(1, sizeof(*t))) == NULL)
		err(1, "tunnel");
	t->number = ++tunnels_made;
	t->state = TUNNEL_CONNECTING;
	t->fd = socket(options->address.any.sa_family,
	    SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	if (t->fd == -1 ||
	    setsockopt(t->fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof(one)) ==
		-1)
		err(1, "socket");
	if (connect(t->fd, &options->address.any, sizeof(options->address)) ==
		-1 &&
	    errno != EINPROGRESS)
		err(1, "connect");
	tunnel_watch(t, EPOLL_CTL_ADD, true);
	/* One that is to end at once is held by its event alone. */
	if (work.command != COMMAND_CONNECT && work.command != COMMAND_REQUEST)
		tunnels[tunnel_count++] = t;
	/* NOLINTNEXTLINE(clang-analyzer-unix.Malloc) */
}

static void
tunnel_end(struct tunnel *t)
{
	if (shutdown(t->fd, SHUT_WR) == -1)
		err(1, "ending a tunnel");
	t->state = TUNNEL_ENDING;
}

static void
question_send(struct tunnel *t)
{
	bool wants_room;

	wants_room = message_send(t->fd, &t->question) == TRANSFER_MORE;
	if (wants_room != t->wants_room)
		tunnel_watch(t, EPOLL_CTL_MOD, wants_room);
	if (!wants_room)
		t->state = TUNNEL_HEARING;
}

static void
question_begin(struct tunnel *t)
{
	message_begin(&t->answer, options->take, WIRE_ECHO_BYTES);
	if (work.command == COMMAND_REQUEST) {
		http_request_begin(&t->question, options->host, t->number);
	} else {
		message_begin(&t->question, options->give, options->head);
		memcpy(t->question.head, options->head_bytes, options->head);
		memcpy(t->question.head + WIRE_NUMBER_OFFSET, &t->number,
		    sizeof(t->number));
	}
	t->state = TUNNEL_ASKING;
	question_send(t);
}

/* One piece of the command's work is over: is there another one? */
static void
work_next(void)
{
	if (work.left == 0) {
		work.active--;
		return;
	}
	work.left--;
	if (work.command == COMMAND_CLOSE)
		tunnel_end(tunnels[work.left]);
	else
		tunnel_open();
}

static void
answer_finished(struct tunnel *t)
{
	if (memcmp(t->answer.head, t->question.head, WIRE_ECHO_BYTES) != 0)
		errx(1, "the answer to somebody else's question");
	switch (work.command) {
	case COMMAND_CONNECT:
		tunnel_end(t);
		return;
	case COMMAND_EXCHANGE:
		if (work.left > 0) {
			work.left--;
			question_begin(t);
			return;
		}
		break;
	case COMMAND_OPEN:
	case COMMAND_REQUEST:
	case COMMAND_CLOSE:
		break;
	}
	t->state = TUNNEL_IDLE;
	work_next();
}

static void
answer_receive(struct tunnel *t)
{
	switch (message_receive(t->fd, &t->answer)) {
	case TRANSFER_MORE:
		return;
	case TRANSFER_ENDED:
		errx(1, "the relay ended a tunnel before the answer");
	case TRANSFER_DONE:
		answer_finished(t);
	}
}

static void
tunnel_close(struct tunnel *t)
{
	close(t->fd);
	free(t);
	work_next();
}

static void
response_receive(struct tunnel *t)
{
	if (http_response_receive(t->fd, &t->answer, t->number) ==
	    TRANSFER_DONE)
		tunnel_close(t);
}

static void
tunnel_hear_end(struct tunnel *t)
{
	char byte;
	ssize_t got;

	got = recv(t->fd, &byte, 1, 0);
	if (got == -1)
		err(1, "waiting for the end of a tunnel");
	if (got == 1)
		errx(1, "a byte behind the answer");
	tunnel_close(t);
}

static void
tunnel_step(struct tunnel *t)
{
	int error;
	socklen_t length = sizeof(error);

	switch (t->state) {
	case TUNNEL_CONNECTING:
		if (getsockopt(t->fd, SOL_SOCKET, SO_ERROR, &error, &length) ==
			-1 ||
		    (errno = error) != 0)
			err(1, "connect");
		question_begin(t);
		break;
	case TUNNEL_ASKING:
		question_send(t);
		break;
	case TUNNEL_HEARING:
		if (work.command == COMMAND_REQUEST)
			response_receive(t);
		else
			answer_receive(t);
		break;
	case TUNNEL_ENDING:
		tunnel_hear_end(t);
		break;
	case TUNNEL_IDLE:
		errx(1, "the relay ended an idle tunnel, or sent bytes");
	}
}

static void
work_until_done(void)
{
	struct epoll_event events[EVENTS_A_TURN];
	int count, i;

	while (work.active > 0) {
		count = epoll_wait(
		    epoll_fd, events, EVENTS_A_TURN, options->stalled_ms);
		if (count == -1)
			err(1, "epoll_wait");
		if (count == 0)
			errx(1,
			    "nothing happened for %d s; %" PRIu64
			    " under way, %" PRIu64 " to start, %" PRIu64
			    " open",
			    options->stalled_ms / 1000, work.active, work.left,
			    tunnel_count);
		for (i = 0; i < count; i++)
			tunnel_step(events[i].data.ptr);
	}
}

void
tunnels_init(const struct tunnels_options *chosen)
{
	options = chosen;
	wire_init();
	if ((epoll_fd = epoll_create1(EPOLL_CLOEXEC)) == -1)
		err(1, "epoll_create1");
}

/* Starts as many pieces of work as may be under way at once. */
static void
work_run(enum command command, uint64_t total)
{
	uint64_t i, at_once;

	at_once = total < options->concurrency ? total : options->concurrency;
	work.command = command;
	work.left = total;
	work.active = at_once;
	for (i = 0; i < at_once; i++)
		work_next();
	work_until_done();
}

void
tunnels_open(uint64_t count)
{
	work_run(COMMAND_OPEN, count);
}

void
tunnels_connect(uint64_t count)
{
	work_run(COMMAND_CONNECT, count);
}

void
tunnels_request(uint64_t count)
{
	if (options->host == NULL)
		errx(2, "a request needs a host");
	work_run(COMMAND_REQUEST, count);
}

void
tunnels_close(void)
{
	work_run(COMMAND_CLOSE, tunnel_count);
	tunnel_count = 0;
}

void
tunnels_exchange(uint64_t busy, uint64_t total)
{
	uint64_t i;

	if (busy == 0 || busy > tunnel_count || busy > total)
		errx(2, "%" PRIu64 " tunnels for %" PRIu64 " exchanges", busy,
		    total);
	work.command = COMMAND_EXCHANGE;
	work.left = total - busy;
	work.active = busy;
	for (i = 0; i < busy; i++)
		question_begin(tunnels[i]);
	work_until_done();
}
