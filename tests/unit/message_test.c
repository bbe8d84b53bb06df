/* SPDX-License-Identifier: MIT */
/* message_test.c - what crosses a process boundary is read with suspicion. */

#include "ipc/message.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "base/descriptor.h"
#include "check.h"
#include "ipc/client_counts.h"

static int read_fd, write_fd;

static void
pipe_open(void)
{
	CHECK(descriptor_pipe(&read_fd, &write_fd) == 0);
}

static void
pipe_close(void)
{
	descriptor_close(&read_fd);
	descriptor_close(&write_fd);
}

static struct message
message_of(enum message_kind kind)
{
	struct message message = { .kind = kind };

	if (kind == MESSAGE_ADDRESSES || kind == MESSAGE_SILENT) {
		message.addresses.upstream = UPSTREAMS_MAX - 1;
		message.addresses.known.count = 1;
		address_parse(&message.addresses.known.list[0], "10.0.0.1", 1);
	} else if (kind == MESSAGE_LINE) {
		message.line.level = LOG_LEVEL_WARNING;
		strcpy(message.line.words, "words");
	} else if (kind == MESSAGE_LIMIT) {
		message.limit = (struct message_limit){ 7, 3, CLIENT_TABLES };
	} else if (kind == MESSAGE_LIST) {
		message.list = (struct tunnel_request){ 1, TUNNEL_LIST_MAX, 2 };
	} else if (kind == MESSAGE_LISTED) {
		message.listed.count = TUNNEL_LIST_MAX;
		message.listed.list = TUNNEL_LISTS;
	}
	return message;
}

/* Sends it and says what the other side makes of it. */
static enum message_verdict
pass(const struct message *message, enum message_direction direction)
{
	struct message_reader reader = { .length = 0 };
	struct message back;
	enum message_verdict verdict;

	pipe_open();
	CHECK(message_write(write_fd, message));
	CHECK(message_fill(&reader, read_fd) == 1);
	verdict = message_next(&reader, direction, &back);
	if (verdict == MESSAGE_WHOLE)
		CHECK(back.kind == message->kind && reader.length == 0);
	pipe_close();
	return verdict;
}

static void
a_kind_is_valid_in_its_directions_alone(void)
{
	static const struct row {
		const char *name;
		enum message_kind kind;
		bool down, up;
	} rows[] = {
		{ "addresses", MESSAGE_ADDRESSES, true, true },
		{ "limit", MESSAGE_LIMIT, true, false },
		{ "drain", MESSAGE_DRAIN, true, false },
		{ "list", MESSAGE_LIST, true, true },
		{ "listed", MESSAGE_LISTED, true, true },
		{ "lookup", MESSAGE_LOOKUP, true, true },
		{ "line", MESSAGE_LINE, false, true },
		{ "serving", MESSAGE_SERVING, false, true },
		{ "draining", MESSAGE_DRAINING, false, true },
		{ "full", MESSAGE_FULL, false, true },
		{ "room", MESSAGE_ROOM, false, true },
		{ "looking", MESSAGE_LOOKING, false, true },
		{ "silent", MESSAGE_SILENT, true, true },
	};

	CHECK(sizeof rows / sizeof rows[0] == MESSAGE_KINDS);
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		struct message message = message_of(rows[i].kind);

		CHECK_ROW(pass(&message, MESSAGE_DOWN) ==
			(rows[i].down ? MESSAGE_WHOLE : MESSAGE_INVALID),
		    rows[i].name);
		CHECK_ROW(pass(&message, MESSAGE_UP) ==
			(rows[i].up ? MESSAGE_WHOLE : MESSAGE_INVALID),
		    rows[i].name);
	}
}

static void
messages_come_back_whole_however_they_are_cut(void)
{
	struct message first = message_of(MESSAGE_LINE);
	struct message second = message_of(MESSAGE_ADDRESSES);
	unsigned char bytes[4096];
	ssize_t length;

	pipe_open();
	CHECK(message_write(write_fd, &first));
	CHECK(message_write(write_fd, &second));
	length = read(read_fd, bytes, sizeof bytes);
	for (ssize_t cut = 0; cut <= length; cut++) {
		struct message_reader reader = { .length = (size_t)cut };
		struct message back;
		unsigned seen = 0;

		memcpy(reader.bytes, bytes, (size_t)cut);
		while (
		    message_next(&reader, MESSAGE_UP, &back) == MESSAGE_WHOLE)
			seen++;
		memcpy(reader.bytes + reader.length, bytes + cut,
		    (size_t)(length - cut));
		reader.length += (size_t)(length - cut);
		while (
		    message_next(&reader, MESSAGE_UP, &back) == MESSAGE_WHOLE)
			seen++;
		CHECK(seen == 2 && back.kind == MESSAGE_ADDRESSES);
		CHECK(back.addresses.upstream == UPSTREAMS_MAX - 1);
		CHECK(address_equal(&back.addresses.known.list[0],
		    &second.addresses.known.list[0]));
		CHECK(reader.length == 0);
	}
	pipe_close();
}

static void
headers_that_none_of_ours_writes_are_refused(void)
{
	static const struct row {
		const char *name;
		unsigned char bytes[4]; /* kind and length, lowest byte first */
	} rows[] = {
		{ "kind", { MESSAGE_KINDS, 0, 0, 0 } },
		{ "high kind", { 0, 1, 0, 0 } },
		{ "length of nothing", { MESSAGE_FULL, 0, 1, 0 } },
		{ "short limit", { MESSAGE_LIMIT, 0, 7, 0 } },
		{ "long limit", { MESSAGE_LIMIT, 0, 9, 0 } },
		{ "line without a level", { MESSAGE_LINE, 0, 3, 0 } },
		{ "long line", { MESSAGE_LINE, 0, 0xff, 0xff } },
		{ "no addresses", { MESSAGE_ADDRESSES, 0, 0, 0 } },
	};

	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		struct message_reader reader = { .length = 4 };
		uint16_t kind =
		    (uint16_t)(rows[i].bytes[0] | rows[i].bytes[1] << 8);
		uint16_t length =
		    (uint16_t)(rows[i].bytes[2] | rows[i].bytes[3] << 8);
		struct message message;

		memcpy(reader.bytes, &kind, sizeof kind);
		memcpy(reader.bytes + sizeof kind, &length, sizeof length);
		CHECK_ROW(message_next(&reader, MESSAGE_UP, &message) ==
			MESSAGE_INVALID,
		    rows[i].name);
		CHECK_ROW(message_next(&reader, MESSAGE_DOWN, &message) ==
			MESSAGE_INVALID,
		    rows[i].name);
	}
}

static void
payloads_are_checked(void)
{
	struct message addresses = message_of(MESSAGE_ADDRESSES);
	struct message other = addresses;
	struct message line = message_of(MESSAGE_LINE);
	struct message lookup = message_of(MESSAGE_LOOKUP);
	struct message limit = message_of(MESSAGE_LIMIT);
	struct message list = message_of(MESSAGE_LIST);
	struct message listed = message_of(MESSAGE_LISTED);
	struct message drain = message_of(MESSAGE_DRAIN);

	other.addresses.known.count = UPSTREAM_ADDRESSES_MAX + 1;
	CHECK(pass(&other, MESSAGE_UP) == MESSAGE_INVALID);
	other.addresses.known.count = 0;
	CHECK(pass(&other, MESSAGE_UP) == MESSAGE_INVALID);
	other = addresses;
	other.addresses.upstream = UPSTREAMS_MAX;
	CHECK(pass(&other, MESSAGE_UP) == MESSAGE_INVALID);
	other = addresses;
	other.addresses.known.list[0].any.sa_family = AF_UNIX;
	CHECK(pass(&other, MESSAGE_UP) == MESSAGE_INVALID);
	other = addresses;
	address_set_port(&other.addresses.known.list[0], 0);
	CHECK(pass(&other, MESSAGE_UP) == MESSAGE_INVALID);
	lookup.upstream = UPSTREAMS_MAX;
	CHECK(pass(&lookup, MESSAGE_UP) == MESSAGE_INVALID);
	line.line.level = (enum log_level)LOG_LEVELS;
	CHECK(pass(&line, MESSAGE_UP) == MESSAGE_INVALID);
	limit.limit.client_tables = CLIENT_TABLES + 1;
	CHECK(pass(&limit, MESSAGE_DOWN) == MESSAGE_INVALID);
	list.list.limit = TUNNEL_LIST_MAX + 1;
	CHECK(pass(&list, MESSAGE_UP) == MESSAGE_INVALID);
	list.list.limit = 0;
	CHECK(pass(&list, MESSAGE_UP) == MESSAGE_INVALID);
	list = message_of(MESSAGE_LIST);
	list.list.order = TUNNEL_ORDERS;
	CHECK(pass(&list, MESSAGE_UP) == MESSAGE_INVALID);
	list = message_of(MESSAGE_LIST);
	list.list.number = 0;
	CHECK(pass(&list, MESSAGE_UP) == MESSAGE_INVALID);
	listed.listed.count = TUNNEL_LIST_MAX + 1;
	CHECK(pass(&listed, MESSAGE_UP) == MESSAGE_INVALID);
	listed = message_of(MESSAGE_LISTED);
	listed.listed.list = TUNNEL_LISTS + 1;
	CHECK(pass(&listed, MESSAGE_UP) == MESSAGE_INVALID);
	drain.drain_ms = DRAIN_WITHOUT_END - 1;
	CHECK(pass(&drain, MESSAGE_DOWN) == MESSAGE_INVALID);
	drain.drain_ms = INT64_MAX;
	CHECK(pass(&drain, MESSAGE_DOWN) == MESSAGE_INVALID);
	drain.drain_ms = DRAIN_WITHOUT_END;
	CHECK(pass(&drain, MESSAGE_DOWN) == MESSAGE_WHOLE);
}

static void
a_line_is_cut_and_a_full_pipe_takes_none(void)
{
	struct message line = message_of(MESSAGE_LINE), back;
	struct message_reader reader = { .length = 0 };
	unsigned written = 0;

	memset(line.line.words, 'x', sizeof line.line.words);
	pipe_open();
	while (message_write(write_fd, &line))
		written++;
	CHECK(errno == EAGAIN && written > 1);
	CHECK(message_fill(&reader, read_fd) == 1);
	CHECK(message_next(&reader, MESSAGE_UP, &back) == MESSAGE_WHOLE);
	CHECK(strlen(back.line.words) == LOG_WORDS_SIZE - 1);
	pipe_close();
}

static void
the_end_of_a_pipe_is_not_its_emptiness(void)
{
	struct message_reader reader = { .length = 0 };

	pipe_open();
	CHECK(message_fill(&reader, read_fd) == -1 && errno == EAGAIN);
	descriptor_close(&write_fd);
	CHECK(message_fill(&reader, read_fd) == 0);
	pipe_close();
}

int
main(void)
{
	RUN(a_kind_is_valid_in_its_directions_alone);
	RUN(messages_come_back_whole_however_they_are_cut);
	RUN(headers_that_none_of_ours_writes_are_refused);
	RUN(payloads_are_checked);
	RUN(a_line_is_cut_and_a_full_pipe_takes_none);
	RUN(the_end_of_a_pipe_is_not_its_emptiness);
	return check_report();
}
