/* SPDX-License-Identifier: MIT */
#include "top/fetch.h"

#include <errno.h>
#include <poll.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/descriptor.h"

enum {
	PATIENCE_MS = 5000,
	RETRY_MS = 100,
	ANSWER_FIRST = 64 * 1024,
	ANSWER_MAX = 8 * 1024 * 1024,
};

/* One exchange, and its answer as far as it has come. */
struct exchange {
	int fd;
	int64_t until_ms;
	char *bytes;
	size_t length, capacity;
};

static bool
begin(struct exchange *exchange, const struct status_address *address)
{
	struct sockaddr_un local = { .sun_family = AF_UNIX };
	const struct sockaddr *target = &address->ip.any;
	socklen_t length = address_length(&address->ip);

	if (address->path[0] != '\0') {
		memcpy(local.sun_path, address->path, sizeof local.sun_path);
		target = (const struct sockaddr *)&local;
		length = sizeof local;
	}
	exchange->fd = socket(
	    target->sa_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	return exchange->fd != -1 &&
	    (connect(exchange->fd, target, length) == 0 ||
		errno == EINPROGRESS);
}

static bool
wait_for(const struct exchange *exchange, short events)
{
	struct pollfd slot = { exchange->fd, events, 0 };
	int64_t left_ms = exchange->until_ms - clock_now_ms();
	int ready = poll(&slot, 1, left_ms > 0 ? (int)left_ms : 0);

	if (ready == 0)
		errno = ETIMEDOUT;
	return ready > 0;
}

static bool
ask(const struct exchange *exchange, const char *path)
{
	char request[256];
	int length = snprintf(request, sizeof request,
	    "GET %s HTTP/1.0\r\nHost: localhost\r\n\r\n", path);

	if (!wait_for(exchange, POLLOUT))
		return false;
	errno = descriptor_socket_error(exchange->fd);
	return errno == 0 &&
	    send(exchange->fd, request, (size_t)length, MSG_NOSIGNAL) == length;
}

static bool
reserve(struct exchange *exchange)
{
	char *bytes;

	if (exchange->length < exchange->capacity)
		return true;
	if (exchange->capacity >= ANSWER_MAX) {
		errno = EMSGSIZE;
		return false;
	}
	bytes = realloc(exchange->bytes, exchange->capacity * 2 + ANSWER_FIRST);
	if (bytes == NULL)
		return false;
	exchange->bytes = bytes;
	exchange->capacity = exchange->capacity * 2 + ANSWER_FIRST;
	return true;
}

/* To the end that the instance makes. */
static bool
read_answer(struct exchange *exchange)
{
	ssize_t count;

	for (;;) {
		if (!reserve(exchange) || !wait_for(exchange, POLLIN))
			return false;
		count = recv(exchange->fd, exchange->bytes + exchange->length,
		    exchange->capacity - exchange->length, 0);
		if (count > 0)
			exchange->length += (size_t)count;
		else if (count == 0 || errno != EAGAIN)
			return count == 0;
	}
}

/* "HTTP/1.1 200 OK" and so on; a body that was cut short is none. */
static bool
parse(const struct exchange *exchange, struct span *body, struct text *error)
{
	static const char start[] = "HTTP/1.1 ", end[] = "\r\n\r\n";
	enum { STATUS = sizeof start - 1, STATUS_END = STATUS + 3 };
	const char *bytes = exchange->bytes, *head_end;

	if (exchange->length < STATUS_END ||
	    memcmp(bytes, start, STATUS) != 0 ||
	    (head_end = memmem(bytes, exchange->length, end, 4)) == NULL) {
		text_append(error, "no answer of HandyProxy's");
		return false;
	}
	if (memcmp(bytes + STATUS, "200", 3) != 0) {
		text_append(error, "it answers ");
		text_printable(error, span_of(bytes + STATUS, 3));
		return false;
	}
	*body = span_after(
	    span_of(bytes, exchange->length), (size_t)(head_end - bytes) + 4);
	return true;
}

/* Of an instance that has not written anything down yet: within its first
 * second. */
static bool
is_early(const struct exchange *exchange)
{
	static const char start[] = "HTTP/1.1 503 ";

	return exchange->length >= sizeof start &&
	    memcmp(exchange->bytes, start, sizeof start - 1) == 0 &&
	    clock_now_ms() + RETRY_MS < exchange->until_ms;
}

/* False with errno. */
static bool
run(struct exchange *exchange, const struct status_address *address,
    const char *path)
{
	bool is_answered;

	exchange->length = 0;
	is_answered = begin(exchange, address) && ask(exchange, path) &&
	    read_answer(exchange);
	descriptor_close(&exchange->fd);
	return is_answered;
}

bool
fetch(const struct status_address *address, const char *path, char **memory,
    struct span *body, struct text *error)
{
	struct exchange exchange = {
		.fd = -1,
		.until_ms = clock_now_ms() + PATIENCE_MS,
	};
	bool is_answered;

	free(*memory);
	*memory = NULL;
	while ((is_answered = run(&exchange, address, path)) &&
	    is_early(&exchange))
		poll(NULL, 0, RETRY_MS);
	if (!is_answered && errno != EINTR)
		text_append(error, strerror(errno));
	*memory = exchange.bytes;
	return is_answered && parse(&exchange, body, error);
}
