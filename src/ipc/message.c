/* SPDX-License-Identifier: MIT */
#include "ipc/message.h"

#include <assert.h>
#include <limits.h>
#include <string.h>
#include <unistd.h>

#include "ipc/client_counts.h"

struct header {
	uint16_t kind;
	uint16_t length; /* of the payload */
};

/* A line's words are sent without their terminator. */
#define LINE_BYTES_MIN offsetof(struct message_line, words)
#define LINE_BYTES_MAX (LINE_BYTES_MIN + LOG_WORDS_SIZE - 1)
#define MEMBER_SIZE(member) sizeof(((struct message *)NULL)->member)
#define FIXED(member) MEMBER_SIZE(member), MEMBER_SIZE(member)

static const struct format {
	unsigned directions;
	size_t min, max; /* length of the payload */
} formats[MESSAGE_KINDS] = {
	[MESSAGE_ADDRESSES] = { MESSAGE_DOWN | MESSAGE_UP, FIXED(addresses) },
	[MESSAGE_LIMIT] = { MESSAGE_DOWN, FIXED(limit) },
	[MESSAGE_DRAIN] = { MESSAGE_DOWN, FIXED(drain_ms) },
	[MESSAGE_LOOKUP] = { MESSAGE_DOWN | MESSAGE_UP, FIXED(upstream) },
	[MESSAGE_LINE] = { MESSAGE_UP, LINE_BYTES_MIN, LINE_BYTES_MAX },
	[MESSAGE_SERVING] = { MESSAGE_UP, 0, 0 },
	[MESSAGE_DRAINING] = { MESSAGE_UP, 0, 0 },
	[MESSAGE_FULL] = { MESSAGE_UP, 0, 0 },
	[MESSAGE_ROOM] = { MESSAGE_UP, 0, 0 },
	[MESSAGE_LOOKING] = { MESSAGE_UP, 0, 0 },
	[MESSAGE_SILENT] = { MESSAGE_DOWN | MESSAGE_UP, FIXED(addresses) },
	[MESSAGE_LIST] = { MESSAGE_DOWN | MESSAGE_UP, FIXED(list) },
	[MESSAGE_LISTED] = { MESSAGE_DOWN | MESSAGE_UP, FIXED(listed) },
};

enum { MESSAGE_BYTES_MAX = sizeof(struct header) + sizeof(struct message) };

_Static_assert(
    MESSAGE_BYTES_MAX <= PIPE_BUF, "a message must be written at once");
_Static_assert(
    MESSAGE_BYTES_MAX <= sizeof((struct message_reader *)NULL)->bytes,
    "a reader must hold a whole message");

static size_t
payload_length(const struct message *message)
{
	if (message->kind == MESSAGE_LINE)
		return LINE_BYTES_MIN +
		    strnlen(message->line.words, LOG_WORDS_SIZE - 1);
	return formats[message->kind].max;
}

bool
message_write(int fd, const struct message *message)
{
	unsigned char bytes[MESSAGE_BYTES_MAX];
	size_t length = payload_length(message);
	struct header header = {
		.kind = (uint16_t)message->kind,
		.length = (uint16_t)length,
	};

	memcpy(bytes, &header, sizeof header);
	memcpy(bytes + sizeof header, &message->line, length);
	return write(fd, bytes, sizeof header + length) != -1;
}

int
message_fill(struct message_reader *reader, int fd)
{
	ssize_t count;

	assert(reader->length < sizeof reader->bytes);
	count = read(fd, reader->bytes + reader->length,
	    sizeof reader->bytes - reader->length);
	if (count > 0)
		reader->length += (size_t)count;
	return count > 0 ? 1 : (int)count;
}

static bool
addresses_are_valid(const struct message_addresses *addresses)
{
	const struct upstream_addresses *known = &addresses->known;

	if (addresses->upstream >= UPSTREAMS_MAX || known->count == 0 ||
	    known->count > UPSTREAM_ADDRESSES_MAX)
		return false;
	for (unsigned i = 0; i < known->count; i++) {
		int family = known->list[i].any.sa_family;

		if ((family != AF_INET && family != AF_INET6) ||
		    address_port(&known->list[i]) == 0)
			return false;
	}
	return true;
}

/* The sum of now and a drain must not overflow. */
static bool
payload_is_valid(const struct message *message)
{
	switch (message->kind) {
	case MESSAGE_ADDRESSES:
	case MESSAGE_SILENT:
		return addresses_are_valid(&message->addresses);
	case MESSAGE_LOOKUP:
		return message->upstream < UPSTREAMS_MAX;
	case MESSAGE_LIMIT:
		return message->limit.client_tables <= CLIENT_TABLES;
	case MESSAGE_DRAIN:
		return message->drain_ms >= DRAIN_WITHOUT_END &&
		    message->drain_ms <= INT64_MAX / 2;
	case MESSAGE_LINE:
		return (unsigned)message->line.level < LOG_LEVELS;
	case MESSAGE_LIST:
		return tunnel_request_is_valid(&message->list);
	case MESSAGE_LISTED:
		return tunnel_answer_is_valid(&message->listed);
	default:
		return true;
	}
}

static bool
header_is_valid(const struct header *header, enum message_direction direction)
{
	const struct format *format;

	if (header->kind >= MESSAGE_KINDS)
		return false;
	format = &formats[header->kind];
	return (format->directions & (unsigned)direction) != 0 &&
	    header->length >= format->min && header->length <= format->max;
}

static void
payload_take(struct message *message, const unsigned char *bytes, size_t length)
{
	memcpy(&message->line, bytes, length);
	if (message->kind == MESSAGE_LINE)
		message->line.words[length - LINE_BYTES_MIN] = '\0';
}

enum message_verdict
message_next(struct message_reader *reader, enum message_direction direction,
    struct message *message)
{
	struct header header;
	size_t whole;

	if (reader->length < sizeof header)
		return MESSAGE_PARTIAL;
	memcpy(&header, reader->bytes, sizeof header);
	if (!header_is_valid(&header, direction))
		return MESSAGE_INVALID;
	whole = sizeof header + header.length;
	if (reader->length < whole)
		return MESSAGE_PARTIAL;
	message->kind = (enum message_kind)header.kind;
	payload_take(message, reader->bytes + sizeof header, header.length);
	if (!payload_is_valid(message))
		return MESSAGE_INVALID;
	reader->length -= whole;
	memmove(reader->bytes, reader->bytes + whole, reader->length);
	return MESSAGE_WHOLE;
}
