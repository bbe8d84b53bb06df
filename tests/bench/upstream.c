/* SPDX-License-Identifier: MIT */
/* upstream.c - the far end of a benchmark: an HTTP proxy that ends each tunnel
 * itself (with -c), or a bare origin. On each connection it takes a question,
 * gives an answer, and so on until the peer ends its stream. With -r it takes
 * one plain HTTP request, gives the response, and ends its stream itself; with
 * -r alone a question may come in its place.
 *
 *	upstream -t TAKE -g GIVE -n HEAD -p PEER [-c TARGET] [-r BASE]
 *
 * TAKE and GIVE are bytes of a question and an answer, HEAD those of a
 * question before its pattern. PEER is the only address that may connect,
 * TARGET the only one that may be asked for, BASE what stands before the path
 * of a request (`http://HOST`, or nothing). Prints the port it listens on;
 * at the end of its input prints what it served. Whatever is not as it should
 * be ends it with a line on stderr and status 1. */

#include "http.h"
#include "wire.h"

#include <arpa/inet.h>
#include <err.h>
#include <errno.h>
#include <inttypes.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#define EVENTS_A_TURN 256
#define REQUEST_MAX WIRE_HEAD_MAX

static const char ANSWER_TO_CONNECT[] = "HTTP/1.1 200 OK\r\n\r\n";

enum connection_state {
	CONNECTION_REQUESTED, /* the head of the request is not yet whole */
	CONNECTION_TAKING,
	CONNECTION_GIVING,
	CONNECTION_RESPONDED /* our stream has ended, the peer's is to end */
};

struct connection {
	int fd;
	enum connection_state state;
	bool wants_room; /* the last send was not complete */
	size_t request_length;
	char request[REQUEST_MAX];
	struct message question, answer;
};

static struct {
	uint64_t take, give;
	size_t head;
	struct in_addr peer;
	const char *target; /* NULL: no CONNECT is expected */
	const char *base; /* NULL: no plain HTTP is expected */
} options;

static struct {
	uint64_t connections, tunnels, exchanges, open;
} served;

static int epoll_fd;

static void
watch(int operation, int fd, uint32_t events, void *owner)
{
	struct epoll_event event = { .events = events, .data.ptr = owner };

	if (epoll_ctl(epoll_fd, operation, fd, &event) == -1)
		err(1, "epoll_ctl");
}

static void
question_expect(struct connection *c)
{
	c->state = CONNECTION_TAKING;
	message_begin(&c->question, options.take, options.head);
}

static void
connection_count(void)
{
	served.connections++;
	served.open++;
}

static void
connection_open(int fd, const struct sockaddr_in *peer)
{
	struct connection *c;
	int one = 1;

	if (peer->sin_addr.s_addr != options.peer.s_addr)
		errx(1, "a connection from %s: the relay is bypassed",
		    inet_ntoa(peer->sin_addr));
	if (setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof(one)) == -1)
		err(1, "TCP_NODELAY");
	if ((c = calloc(1, sizeof(*c))) == NULL)
		err(1, "connection");
	c->fd = fd;
	question_expect(c);
	if (options.target != NULL || options.base != NULL)
		c->state = CONNECTION_REQUESTED;
	else
		connection_count();
	watch(EPOLL_CTL_ADD, fd, EPOLLIN, c);
}

static void
connection_close(struct connection *c)
{
	close(c->fd);
	free(c);
	served.open--;
}

static void
accept_all(int listen_fd)
{
	struct sockaddr_in peer = { 0 };
	socklen_t length;
	int fd;

	for (;;) {
		length = sizeof(peer);
		fd = accept4(listen_fd, (struct sockaddr *)&peer, &length,
		    SOCK_NONBLOCK | SOCK_CLOEXEC);
		if (fd == -1 && errno == EAGAIN)
			return;
		if (fd == -1)
			err(1, "accept");
		connection_open(fd, &peer);
	}
}

/* The head of a CONNECT is whole: is it the one that was to come? */
static void
request_check(const struct connection *c)
{
	char expected[REQUEST_MAX];
	size_t length;

	length = (size_t)snprintf(
	    expected, sizeof(expected), "CONNECT %s HTTP/1.", options.target);
	if (strncmp(c->request, expected, length) != 0)
		errx(1, "expected CONNECT %s, got: %.*s", options.target,
		    (int)strcspn(c->request, "\r\n"), c->request);
}

static void
connect_answer(struct connection *c)
{
	const size_t length = sizeof(ANSWER_TO_CONNECT) - 1;

	request_check(c);
	if (send(c->fd, ANSWER_TO_CONNECT, length, MSG_NOSIGNAL) !=
	    (ssize_t)length)
		err(1, "answering a CONNECT");
	served.tunnels++;
	question_expect(c);
}

/* HAProxy may have the length of the response, and reset the connection, before
 * our stream ends. */
static void
request_answer(struct connection *c)
{
	char response[WIRE_HEAD_MAX];
	size_t length;

	length = http_response_write(response, c->request, options.base);
	if (send(c->fd, response, length, MSG_NOSIGNAL) != (ssize_t)length)
		err(1, "answering a request");
	if (shutdown(c->fd, SHUT_WR) == -1 && errno != ENOTCONN)
		err(1, "ending a response");
	served.exchanges++;
	c->state = CONNECTION_RESPONDED;
}

/* A ready connection may end without a request; it counts for nothing. */
static void
request_receive(struct connection *c)
{
	char *end;
	ssize_t got;

	got = recv(c->fd, c->request + c->request_length,
	    sizeof(c->request) - 1 - c->request_length, 0);
	if (got == -1 && errno == EAGAIN)
		return;
	if (got == -1)
		err(1, "receiving a request");
	if (got == 0 && c->request_length == 0) {
		close(c->fd);
		free(c);
		return;
	}
	if (c->request_length == 0)
		connection_count();
	if (got == 0)
		errx(1, "stream ended, or no room left, in a request");
	c->request_length += (size_t)got;
	c->request[c->request_length] = '\0';
	if ((end = strstr(c->request, "\r\n\r\n")) == NULL)
		return;
	if (end + 4 != c->request + c->request_length)
		errx(1, "bytes behind a request that has no answer yet");
	if (options.base != NULL && strncmp(c->request, "GET ", 4) == 0)
		request_answer(c);
	else if (options.target != NULL)
		connect_answer(c);
	else
		errx(1, "neither a GET nor a CONNECT that is to come: %.*s",
		    (int)strcspn(c->request, "\r\n"), c->request);
}

static void
responded_receive(struct connection *c)
{
	char byte;
	ssize_t got;

	got = recv(c->fd, &byte, 1, 0);
	if (got == 1)
		errx(1, "a byte behind a request");
	if (got == -1 && errno != ECONNRESET)
		err(1, "waiting for the end of a request");
	connection_close(c);
}

/* What is still to be sent waits for room in the socket. */
static void
answer_send(struct connection *c)
{
	bool wants_room;

	wants_room = message_send(c->fd, &c->answer) == TRANSFER_MORE;
	if (wants_room != c->wants_room)
		watch(EPOLL_CTL_MOD, c->fd, wants_room ? EPOLLOUT : EPOLLIN, c);
	c->wants_room = wants_room;
	if (wants_room)
		return;
	served.exchanges++;
	question_expect(c);
}

static void
question_receive(struct connection *c)
{
	switch (message_receive(c->fd, &c->question)) {
	case TRANSFER_MORE:
		return;
	case TRANSFER_ENDED:
		connection_close(c);
		return;
	case TRANSFER_DONE:
		break;
	}
	message_begin(&c->answer, options.give, WIRE_ECHO_BYTES);
	memcpy(c->answer.head, c->question.head, WIRE_ECHO_BYTES);
	c->state = CONNECTION_GIVING;
	answer_send(c);
}

/* A question begins with a NUL, unless it is a ClientHello. */
static void
first_receive(struct connection *c)
{
	char byte;

	if (options.target != NULL || c->request_length > 0 ||
	    recv(c->fd, &byte, 1, MSG_PEEK) != 1 || byte != '\0') {
		request_receive(c);
		return;
	}
	connection_count();
	question_expect(c);
	question_receive(c);
}

static void
connection_step(struct connection *c)
{
	switch (c->state) {
	case CONNECTION_REQUESTED:
		first_receive(c);
		break;
	case CONNECTION_TAKING:
		question_receive(c);
		break;
	case CONNECTION_GIVING:
		answer_send(c);
		break;
	case CONNECTION_RESPONDED:
		responded_receive(c);
		break;
	}
}

/* Prints the port that the system has chosen. */
static int
listen_anywhere(void)
{
	struct sockaddr_in any = { .sin_family = AF_INET };
	socklen_t length = sizeof(any);
	int fd;

	fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	if (fd == -1 || bind(fd, (struct sockaddr *)&any, length) == -1 ||
	    listen(fd, 4096) == -1 ||
	    getsockname(fd, (struct sockaddr *)&any, &length) == -1)
		err(1, "listening");
	printf("port %u\n", ntohs(any.sin_port));
	fflush(stdout);
	return fd;
}

static void
options_parse(int argc, char *argv[])
{
	int option;

	while ((option = getopt(argc, argv, "t:g:n:p:c:r:")) != -1) {
		if (option == 't')
			options.take = wire_number(optarg, WIRE_ECHO_BYTES);
		else if (option == 'g')
			options.give = wire_number(optarg, WIRE_ECHO_BYTES);
		else if (option == 'n')
			options.head =
			    (size_t)wire_number(optarg, WIRE_ECHO_BYTES);
		else if (option == 'c')
			options.target = optarg;
		else if (option == 'r')
			options.base = optarg;
		else if (option != 'p' ||
		    inet_pton(AF_INET, optarg, &options.peer) != 1)
			errx(2, "wrong option; see upstream.c");
	}
	if (options.take == 0 || options.give == 0 || options.head == 0 ||
	    options.head > WIRE_HEAD_MAX || options.head > options.take ||
	    options.peer.s_addr == 0 || optind != argc)
		errx(2, "missing or wrong option; see upstream.c");
}

int
main(int argc, char *argv[])
{
	struct epoll_event events[EVENTS_A_TURN];
	int count, i, listen_fd, input = STDIN_FILENO;

	options_parse(argc, argv);
	wire_init();
	if ((epoll_fd = epoll_create1(EPOLL_CLOEXEC)) == -1)
		err(1, "epoll_create1");
	listen_fd = listen_anywhere();
	watch(EPOLL_CTL_ADD, listen_fd, EPOLLIN, &listen_fd);
	watch(EPOLL_CTL_ADD, input, EPOLLIN, &input);
	for (;;) {
		count = epoll_wait(epoll_fd, events, EVENTS_A_TURN, -1);
		if (count == -1)
			err(1, "epoll_wait");
		for (i = 0; i < count; i++) {
			if (events[i].data.ptr == &input)
				goto done;
			if (events[i].data.ptr == &listen_fd)
				accept_all(listen_fd);
			else
				connection_step(events[i].data.ptr);
		}
	}
done:
	if (served.open != 0)
		errx(
		    1, "%" PRIu64 " connections were never ended", served.open);
	printf("connections %" PRIu64 " tunnels %" PRIu64 " exchanges %" PRIu64
	       "\n",
	    served.connections, served.tunnels, served.exchanges);
	return 0;
}
