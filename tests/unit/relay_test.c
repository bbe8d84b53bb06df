/* SPDX-License-Identifier: MIT */
#include "worker/relay.h"

#include <stdlib.h>
#include <string.h>

#include "check.h"

#define HINTS "HTTP/1.1 103 Hints\r\nLink: a\r\n\r\n"
#define CHALLENGE "HTTP/1.1 401 No\r\nWWW-Authenticate: Basic\r\n\r\n"

static struct relay *
new_relay(const char *request, struct relay_head *head)
{
	struct relay *relay;

	relay_head_init(head);
	CHECK(relay_head_scan(head, span_of(request, strlen(request))) ==
	    RELAY_REQUEST);
	if ((relay = relay_new(head)) == NULL)
		abort();
	return relay;
}

struct passed {
	char bytes[512];
	size_t length;
	enum connect_verdict verdict;
};

/* Gives a copy of the bytes that is gone afterwards, as the worker's buffer
 * is, and notes what may go on. */
static void
give(struct relay *relay, struct span bytes, struct passed *passed)
{
	unsigned char *copy = malloc(bytes.length + 1);
	struct span pass;

	if (copy == NULL)
		abort();
	memcpy(copy, bytes.bytes, bytes.length);
	CHECK(relay_take_response(
	    relay, span_of(copy, bytes.length), &passed->verdict, &pass));
	memcpy(passed->bytes + passed->length, pass.bytes, pass.length);
	passed->length += pass.length;
	relay_forget(relay, pass);
	free(copy);
}

static const struct {
	const char *response;
	size_t whole; /* bytes that can go on before the status is known */
	enum connect_verdict verdict;
} rows[] = {
	{ "HTTP/1.1 200 OK\r\n\r\nbody", 0, CONNECT_OPEN },
	{ HINTS "HTTP/1.1 204 No\r\n\r\n", sizeof HINTS - 1, CONNECT_OPEN },
	{ HINTS HINTS CHALLENGE "body", 2 * (sizeof HINTS - 1),
	    CONNECT_REFUSED },
};

/* In two pieces and byte by byte: no byte is lost, doubled or swapped, and none
 * of a head that is not whole goes on. */
static void
heads_are_held_until_they_are_whole(void)
{
	static const char request[] = "GET / HTTP/1.1\r\n\r\n";
	struct relay_head head;

	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		struct span all =
		    span_of(rows[i].response, strlen(rows[i].response));

		for (size_t step = 1; step <= all.length; step++) {
			struct relay *relay = new_relay(request, &head);
			struct passed passed = { .verdict = CONNECT_MORE };
			size_t given = 0;

			while (given < all.length &&
			    passed.verdict == CONNECT_MORE) {
				size_t piece = all.length - given;

				if (piece > step)
					piece = step;
				give(relay, span_of(all.bytes + given, piece),
				    &passed);
				given += piece;
				if (passed.verdict == CONNECT_MORE)
					CHECK(passed.length <= rows[i].whole);
			}
			CHECK_ROW(passed.verdict == rows[i].verdict,
			    rows[i].response);
			CHECK_ROW(passed.length == given, rows[i].response);
			CHECK_ROW(memcmp(passed.bytes, all.bytes, given) == 0,
			    rows[i].response);
			relay_free(&relay);
			CHECK(relay == NULL);
		}
	}
}

static void
what_is_held_can_be_had(void)
{
	static const char part[] = "HTTP/1.1 401 No\r\nX";
	struct relay_head head;
	struct relay *relay = new_relay("GET / HTTP/1.1\r\n\r\n", &head);
	struct passed passed = { .verdict = CONNECT_MORE };

	give(relay, span_of(part, 5), &passed);
	give(relay, span_of(part + 5, sizeof part - 1 - 5), &passed);
	CHECK(passed.length == 0);
	CHECK(relay_held(relay).length == sizeof part - 1);
	CHECK(memcmp(relay_held(relay).bytes, part, sizeof part - 1) == 0);
	relay_free(&relay);
}

static void
no_byte_behind_the_body_is_taken(void)
{
	struct relay_head head;
	struct relay *relay = new_relay("GET / HTTP/1.1\r\n\r\n", &head);

	CHECK(relay->body_ended);
	CHECK(relay_take_body(relay, span_of("GET", 3)) == 0);
	relay_free(&relay);

	relay = new_relay("PUT / HTTP/1.1\r\nContent-Length: 0\r\n\r\n", &head);
	CHECK(relay->body_ended);
	relay_free(&relay);

	relay = new_relay("PUT / HTTP/1.1\r\nContent-Length: 5\r\n\r\n", &head);
	CHECK(relay_take_body(relay, span_of("he", 2)) == 2);
	CHECK(!relay->body_ended);
	CHECK(relay_take_body(relay, span_of("lloGET", 6)) == 3);
	CHECK(relay->body_ended);
	CHECK(relay_take_body(relay, span_of("GET", 3)) == 0);
	relay_free(&relay);

	relay = new_relay(
	    "PUT / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n", &head);
	CHECK(relay_take_body(relay, span_of("x\r\n", 3)) == 1);
	CHECK(relay->body_malformed);
	CHECK(relay_take_body(relay, span_of("0\r\n\r\n", 5)) == 0);
	relay_free(&relay);
}

int
main(void)
{
	RUN(heads_are_held_until_they_are_whole);
	RUN(what_is_held_can_be_had);
	RUN(no_byte_behind_the_body_is_taken);
	return check_report();
}
