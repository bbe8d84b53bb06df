/* SPDX-License-Identifier: MIT */
#include "status/answer.h"

#include <errno.h>
#include <string.h>
#include <sys/socket.h>

#include "base/text.h"
#include "status/contents.h"

enum { NOT_FOUND = 404, UNAVAILABLE = 503 };

/* Longer than any answer of ours. */
enum { BODY_MAX_BYTES = 4 * 1024 * 1024 };

static const struct status {
	int code;
	const char *words, *field; /* of the head */
} statuses[] = {
	{ REQUEST_GOOD, "OK", "" },
	{ REQUEST_MALFORMED, "Bad Request", "" },
	{ REQUEST_FOREIGN_HOST, "Forbidden: ask by address or localhost", "" },
	{ NOT_FOUND, "Not Found", "" },
	{ REQUEST_OTHER_METHOD, "Method Not Allowed", "Allow: GET, HEAD\r\n" },
	{ REQUEST_TOO_LONG, "Request Header Fields Too Large", "" },
	{ REQUEST_OTHER_VERSION, "HTTP Version Not Supported", "" },
	{ UNAVAILABLE, "Service Unavailable", "Retry-After: 1\r\n" },
};

static const struct status *
status_of(int code)
{
	const struct status *status = statuses;

	while (status->code != code)
		status++;
	return status;
}

/* A page of this server loads nothing, and nobody puts it into a frame. */
static void
write_head(struct text *head, const struct status *status, const char *type,
    size_t length)
{
	text_format(head,
	    "HTTP/1.1 %d %s\r\n"
	    "Content-Type: %s\r\n"
	    "Content-Length: %zu\r\n"
	    "%s"
	    "Cache-Control: no-store\r\n"
	    "Content-Security-Policy: default-src 'none'; "
	    "style-src 'unsafe-inline'; img-src data:; base-uri 'none'; "
	    "form-action 'none'; frame-ancestors 'none'\r\n"
	    "X-Content-Type-Options: nosniff\r\n"
	    "Referrer-Policy: no-referrer\r\n"
	    "Connection: close\r\n"
	    "\r\n",
	    status->code, status->words, type, length, status->field);
}

static void
refuse(struct answer *answer, int code, bool has_body)
{
	const struct status *status = status_of(code);
	struct text head = text_in(answer->head, sizeof answer->head);

	output_clear(&answer->body);
	write_head(&head, status, "text/plain; charset=utf-8",
	    strlen(status->words) + 1);
	if (has_body)
		text_format(&head, "%s\n", status->words);
	answer->head_length = head.length;
}

/* The body is written. */
static void
finish(struct answer *answer, const char *type, bool has_body)
{
	struct text head = text_in(answer->head, sizeof answer->head);

	if (answer->body.failed) {
		refuse(answer, UNAVAILABLE, has_body);
		return;
	}
	write_head(&head, status_of(REQUEST_GOOD), type, answer->body.length);
	answer->head_length = head.length;
	if (!has_body)
		output_clear(&answer->body);
}

static void
answer_content(struct answer *answer, const struct content *content,
    const struct request *request, struct snapshot_page *page)
{
	static struct snapshot snapshot; /* of some 40 KiB */

	if (!snapshot_read(page, &snapshot)) {
		refuse(answer, UNAVAILABLE, !request->is_head);
		return;
	}
	content->write(&answer->body, &snapshot);
	finish(answer, content->type, !request->is_head);
}

void
answer_make_tunnels(struct answer *answer, const struct tunnels *tunnels,
    unsigned limit, bool has_body)
{
	answer->sent = 0;
	answer->body = output_of(BODY_MAX_BYTES);
	if (tunnels == NULL) {
		refuse(answer, UNAVAILABLE, has_body);
		return;
	}
	tunnels_write(&answer->body, tunnels, limit);
	finish(answer, "application/json", has_body);
}

void
answer_make(struct answer *answer, enum request_verdict verdict,
    const struct request *request, struct snapshot_page *page)
{
	const struct content *content;

	answer->sent = 0;
	answer->body = output_of(BODY_MAX_BYTES);
	if (verdict != REQUEST_GOOD) {
		refuse(answer, (int)verdict, true);
		return;
	}
	content = content_find(request);
	if (content == NULL)
		refuse(answer, NOT_FOUND, !request->is_head);
	else
		answer_content(answer, content, request, page);
}

void
answer_clear(struct answer *answer)
{
	output_clear(&answer->body);
}

/* What of both parts is still to be sent; the head goes first. */
static struct span
next_part(const struct answer *answer)
{
	if (answer->sent < answer->head_length)
		return span_after(
		    span_of(answer->head, answer->head_length), answer->sent);
	return span_after(
	    output_span(&answer->body), answer->sent - answer->head_length);
}

enum answer_progress
answer_send(struct answer *answer, int fd)
{
	struct span part;
	ssize_t count;

	while ((part = next_part(answer)).length > 0) {
		count = send(
		    fd, part.bytes, part.length, MSG_NOSIGNAL | MSG_DONTWAIT);
		if (count == -1 && errno != EINTR)
			return errno == EAGAIN ? ANSWER_WAITS : ANSWER_FAILED;
		if (count > 0)
			answer->sent += (size_t)count;
	}
	return ANSWER_SENT;
}
