/* SPDX-License-Identifier: MIT */
#include "status/client.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

struct client *
client_new(struct socket_set *sockets, int fd, int64_t now_ms)
{
	struct client *client = malloc(sizeof *client);

	if (client == NULL) {
		close(fd);
		return NULL;
	}
	client->watch = (struct watch){ .fd = fd };
	client->state = CLIENT_READING;
	client->since_ms = now_ms;
	client->length = 0;
	client->answer.body = output_of(0);
	if (socket_set_want(sockets, &client->watch, SOCKET_READABLE) == 0)
		return client;
	client_free(client);
	return NULL;
}

void
client_free(struct client *client)
{
	watch_close(&client->watch);
	answer_clear(&client->answer);
	free(client);
}

/* -1: there is nothing now, 0: the end, or an error that is as good. */
static ssize_t
receive(struct client *client, void *bytes, size_t size)
{
	ssize_t count = recv(client->watch.fd, bytes, size, MSG_DONTWAIT);

	return count == -1 && errno != EAGAIN && errno != EINTR ? 0 : count;
}

static bool
ending_step(struct client *client)
{
	char unused[1024];

	return receive(client, unused, sizeof unused) != 0;
}

static bool
answering_step(struct client *client, struct socket_set *sockets)
{
	switch (answer_send(&client->answer, client->watch.fd)) {
	case ANSWER_WAITS:
		return socket_set_want(
			   sockets, &client->watch, SOCKET_WRITABLE) == 0;
	case ANSWER_FAILED:
		return false;
	case ANSWER_SENT:
		break;
	}
	answer_clear(&client->answer);
	client->state = CLIENT_ENDING;
	return shutdown(client->watch.fd, SHUT_WR) == 0 &&
	    socket_set_want(sockets, &client->watch, SOCKET_READABLE) == 0;
}

/* Nothing is read meanwhile; its end is seen. */
static bool
wait_for_list(struct client *client, struct socket_set *sockets)
{
	client->state = CLIENT_LISTING;
	return socket_set_want(sockets, &client->watch, 0) == 0;
}

bool
client_answer_tunnels(struct client *client, struct socket_set *sockets,
    const struct tunnels *tunnels)
{
	answer_make_tunnels(
	    &client->answer, tunnels, client->wanted.limit, !client->is_head);
	client->state = CLIENT_ANSWERING;
	return answering_step(client, sockets);
}

static bool
reading_step(struct client *client, struct socket_set *sockets,
    struct snapshot_page *page)
{
	ssize_t count = receive(client, client->head + client->length,
	    sizeof client->head - client->length);
	struct request request;
	enum request_verdict verdict;

	if (count <= 0)
		return count == -1;
	client->length += (size_t)count;
	verdict =
	    request_parse(span_of(client->head, client->length), &request);
	if (verdict == REQUEST_MORE)
		return true;
	if (verdict == REQUEST_GOOD && tunnels_are_asked_for(&request)) {
		client->is_head = request.is_head;
		if (tunnels_query(request.query, &client->wanted))
			return wait_for_list(client, sockets);
		verdict = REQUEST_MALFORMED;
	}
	answer_make(&client->answer, verdict, &request, page);
	client->state = CLIENT_ANSWERING;
	return answering_step(client, sockets);
}

bool
client_step(struct client *client, struct socket_set *sockets,
    struct snapshot_page *page)
{
	switch (client->state) {
	case CLIENT_READING:
		return reading_step(client, sockets, page);
	case CLIENT_LISTING:
		return false; /* its peer is gone */
	case CLIENT_ANSWERING:
		return answering_step(client, sockets);
	case CLIENT_ENDING:
		break;
	}
	return ending_step(client);
}
