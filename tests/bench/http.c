/* SPDX-License-Identifier: MIT */
/* http.c - requests and responses of http.h. */

#include "http.h"

#include <err.h>
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>

static const char REQUEST_FIELDS[] = "User-Agent: load\r\n"
				     "Accept: */*\r\n"
				     "Accept-Language: en\r\n"
				     "Cookie: session=0123456789abcdef\r\n";

static void
path_write(char path[HTTP_PATH_BYTES + 1], uint64_t number)
{
	snprintf(path, HTTP_PATH_BYTES + 1, "/%0*" PRIu64, HTTP_PATH_BYTES - 1,
	    number);
}

static size_t
checked_length(int length)
{
	if (length < 0 || length >= WIRE_HEAD_MAX)
		errx(1, "a head is too long");
	return (size_t)length;
}

void
http_request_begin(struct message *m, const char *host, uint64_t number)
{
	char path[HTTP_PATH_BYTES + 1];
	size_t length;

	path_write(path, number);
	length = checked_length(snprintf((char *)m->head, WIRE_HEAD_MAX,
	    "GET %s HTTP/1.1\r\nHost: %s\r\n%s\r\n", path, host,
	    REQUEST_FIELDS));
	message_begin(m, length, length);
}

static void
response_check(const char *response, uint64_t number)
{
	char path[HTTP_PATH_BYTES + 1];
	const char *body = strstr(response, "\r\n\r\n");

	path_write(path, number);
	if (strncmp(response, "HTTP/1.", strlen("HTTP/1.")) != 0 ||
	    strncmp(response + strlen("HTTP/1.1"), " 200 ", 5) != 0 ||
	    body == NULL || strcmp(body + strlen("\r\n\r\n"), path) != 0)
		errx(1, "not the response to the request %" PRIu64 ": %.200s",
		    number, response);
}

enum transfer
http_response_receive(int fd, struct message *m, uint64_t number)
{
	size_t done = (size_t)m->done;
	ssize_t got;

	got = recv(fd, m->head + done, WIRE_HEAD_MAX - 1 - done, MSG_DONTWAIT);
	if (got == -1 && errno == EAGAIN)
		return TRANSFER_MORE;
	if (got == -1)
		err(1, "receiving a response");
	m->done += (uint64_t)got;
	if (got > 0)
		return TRANSFER_MORE;
	m->head[done] = '\0';
	response_check((const char *)m->head, number);
	return TRANSFER_DONE;
}

/* The path in the request line; some relays name the port before it. */
static const char *
request_path(const char *request, const char *base)
{
	const char *target = request + strlen("GET ");
	size_t length = strlen(base);

	if (strncmp(request, "GET ", strlen("GET ")) != 0 ||
	    strncmp(target, base, length) != 0)
		errx(1, "expected GET %s/..., got: %.*s", base,
		    (int)strcspn(request, "\r\n"), request);
	target += length;
	if (strncmp(target, ":80/", strlen(":80/")) == 0)
		target += strlen(":80");
	if (strcspn(target, " ") != HTTP_PATH_BYTES)
		errx(1, "no path of a request: %.*s", (int)strcspn(target, " "),
		    target);
	return target;
}

size_t
http_response_write(char *response, const char *request, const char *base)
{
	const char *path = request_path(request, base);

	/* HAProxy writes their names in lower case. */
	if (strcasestr(request, REQUEST_FIELDS) == NULL)
		errx(1, "fields of a request are lost or changed");
	return checked_length(snprintf(response, WIRE_HEAD_MAX,
	    "HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\n"
	    "Content-Length: %d\r\nConnection: close\r\n\r\n%.*s",
	    HTTP_PATH_BYTES, HTTP_PATH_BYTES, path));
}
