/* SPDX-License-Identifier: MIT */
#include "protocol/connect_request.h"

#include <string.h>

#include "check.h"

#define TEN "abcdefghi."
#define FIFTY TEN TEN TEN TEN TEN
#define LONGEST FIFTY FIFTY FIFTY FIFTY FIFTY "com"

static const struct {
	const char *target;
	unsigned port;
	const char *request;
} rows[] = {
	{ "example.com", 443,
	    "CONNECT example.com:443 HTTP/1.1\r\n"
	    "Host: example.com:443\r\n\r\n" },
	{ "93.184.216.34", 80,
	    "CONNECT 93.184.216.34:80 HTTP/1.1\r\n"
	    "Host: 93.184.216.34:80\r\n\r\n" },
	{ "2001:db8::1", 443,
	    "CONNECT [2001:db8::1]:443 HTTP/1.1\r\n"
	    "Host: [2001:db8::1]:443\r\n\r\n" },
	{ "a", 1, "CONNECT a:1 HTTP/1.1\r\nHost: a:1\r\n\r\n" },
	{ "a", 10, "CONNECT a:10 HTTP/1.1\r\nHost: a:10\r\n\r\n" },
	{ "a", 0, "CONNECT a:0 HTTP/1.1\r\nHost: a:0\r\n\r\n" },
	{ LONGEST, 65535,
	    "CONNECT " LONGEST ":65535 HTTP/1.1\r\n"
	    "Host: " LONGEST ":65535\r\n\r\n" },
};

static const struct connect_fields none;

static void
the_request_names_target_and_port_twice(void)
{
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		struct span target =
		    span_of(rows[i].target, strlen(rows[i].target));
		size_t wanted = strlen(rows[i].request);
		char out[CONNECT_REQUEST_SIZE];
		size_t length = connect_request_write(
		    out, sizeof out, target, rows[i].port, &none);

		CHECK_ROW(length == wanted, rows[i].target);
		CHECK_ROW(length == wanted &&
			memcmp(out, rows[i].request, wanted) == 0,
		    rows[i].target);
	}
}

static void
the_longest_request_fills_its_room(void)
{
	CHECK(strlen(LONGEST) == HOST_NAME_MAX_LENGTH);
	CHECK(strlen(rows[sizeof rows / sizeof rows[0] - 1].request) ==
	    CONNECT_REQUEST_SIZE);
}

/* What does not fit is not written beyond the room there is. */
static void
a_request_without_room_is_none(void)
{
	size_t wanted = strlen(rows[0].request);
	struct span target = span_of(rows[0].target, strlen(rows[0].target));

	for (size_t size = 0; size <= wanted; size++) {
		char out[CONNECT_REQUEST_SIZE];
		bool untouched = true;

		memset(out, '#', sizeof out);
		CHECK(connect_request_write(out, size, target, 443, &none) ==
		    (size < wanted ? 0 : wanted));
		for (size_t i = size; i < sizeof out; i++)
			untouched = untouched && out[i] == '#';
		CHECK(untouched);
	}
}

static void
credentials_and_fields_follow(void)
{
	static const char wanted[] = "CONNECT a:1 HTTP/1.1\r\nHost: a:1\r\n"
				     "Proxy-Authorization: Basic eDp5\r\n"
				     "User-Agent: z\r\nX:\r\n\r\n";
	const struct connect_fields fields = {
		.credentials = span_of("eDp5", 4),
		.count = 2,
		.list = { span_of("User-Agent: z", 13), span_of("X:", 2) },
	};
	char out[CONNECT_REQUEST_SIZE + CONNECT_FIELDS_SIZE(4, 13)];

	CHECK(connect_request_write(out, sizeof out, span_of("a", 1), 1,
		  &fields) == sizeof wanted - 1);
	CHECK(memcmp(out, wanted, sizeof wanted - 1) == 0);
}

static void
the_longest_fields_fill_their_room(void)
{
	static const char field[100] = { 0 };
	struct connect_fields fields = {
		.credentials = span_of(field, 10),
		.count = CONNECT_FIELDS_MAX,
	};
	char out[CONNECT_REQUEST_SIZE + CONNECT_FIELDS_SIZE(10, 100)];

	for (unsigned i = 0; i < CONNECT_FIELDS_MAX; i++)
		fields.list[i] = span_of(field, sizeof field);
	CHECK(connect_request_write(out, sizeof out,
		  span_of(LONGEST, strlen(LONGEST)), 65535,
		  &fields) == sizeof out);
}

int
main(void)
{
	RUN(the_request_names_target_and_port_twice);
	RUN(the_longest_request_fills_its_room);
	RUN(a_request_without_room_is_none);
	RUN(credentials_and_fields_follow);
	RUN(the_longest_fields_fill_their_room);
	return check_report();
}
