/* SPDX-License-Identifier: MIT */
#include "ipc/message.h"

#include "base/descriptor.h"
#include "fuzz.h"

static bool
is_known(const struct address *address)
{
	return (address->any.sa_family == AF_INET ||
		   address->any.sa_family == AF_INET6) &&
	    address_port(address) != 0;
}

/* Whatever the bytes were, a message that is whole can be used without a look
 * at its numbers. */
static void
check_payload(const struct message *message)
{
	const struct upstream_addresses *known = &message->addresses.known;

	switch (message->kind) {
	case MESSAGE_ADDRESSES:
		FUZZ_CHECK(message->addresses.upstream < UPSTREAMS_MAX);
		FUZZ_CHECK(known->count > 0);
		FUZZ_CHECK(known->count <= UPSTREAM_ADDRESSES_MAX);
		for (unsigned i = 0; i < known->count; i++)
			FUZZ_CHECK(is_known(&known->list[i]));
		break;
	case MESSAGE_LINE:
		FUZZ_CHECK((unsigned)message->line.level < LOG_LEVELS);
		FUZZ_CHECK(strnlen(message->line.words, LOG_WORDS_SIZE) <
		    LOG_WORDS_SIZE);
		break;
	case MESSAGE_LIST:
		FUZZ_CHECK(message->list.number != 0);
		FUZZ_CHECK(message->list.limit > 0);
		FUZZ_CHECK(message->list.limit <= TUNNEL_LIST_MAX);
		FUZZ_CHECK(message->list.order < TUNNEL_ORDERS);
		break;
	case MESSAGE_LISTED:
		FUZZ_CHECK(message->listed.count <= TUNNEL_LIST_MAX);
		FUZZ_CHECK(message->listed.list <= TUNNEL_LISTS);
		break;
	case MESSAGE_LOOKUP:
		FUZZ_CHECK(message->upstream < UPSTREAMS_MAX);
		break;
	case MESSAGE_DRAIN:
		FUZZ_CHECK(message->drain_ms >= DRAIN_WITHOUT_END);
		FUZZ_CHECK(message->drain_ms <= INT64_MAX / 2);
		break;
	default:
		FUZZ_CHECK((unsigned)message->kind < MESSAGE_KINDS);
	}
}

/* What is taken is what is written: a message sent on comes back the same. */
static void
check_round_trip(
    const struct message *message, enum message_direction direction)
{
	struct message_reader reader = { .length = 0 };
	struct message back;
	int read_fd, write_fd;

	FUZZ_CHECK(descriptor_pipe(&read_fd, &write_fd) == 0);
	FUZZ_CHECK(message_write(write_fd, message));
	FUZZ_CHECK(message_fill(&reader, read_fd) == 1);
	FUZZ_CHECK(message_next(&reader, direction, &back) == MESSAGE_WHOLE);
	FUZZ_CHECK(reader.length == 0 && back.kind == message->kind);
	if (message->kind == MESSAGE_LINE)
		FUZZ_CHECK(strcmp(back.line.words, message->line.words) == 0);
	descriptor_close(&read_fd);
	descriptor_close(&write_fd);
}

struct outcome {
	unsigned messages;
	bool invalid;
	uint64_t hash; /* of the kinds */
};

/* False once nothing more can come of the reader. */
static bool
take_all(struct message_reader *reader, enum message_direction direction,
    enum fuzz_cut cut, struct outcome *outcome)
{
	enum message_verdict verdict;
	struct message message;

	while ((verdict = message_next(reader, direction, &message)) ==
	    MESSAGE_WHOLE) {
		check_payload(&message);
		if (cut == FUZZ_WHOLE)
			check_round_trip(&message, direction);
		outcome->messages++;
		outcome->hash = outcome->hash * 31 + message.kind;
	}
	outcome->invalid = verdict == MESSAGE_INVALID;
	return verdict == MESSAGE_PARTIAL;
}

static struct outcome
run(struct span input, enum message_direction direction, enum fuzz_cut cut)
{
	struct message_reader reader = { .length = 0 };
	struct outcome outcome = { .messages = 0 };
	uint64_t state = fuzz_hash(input);

	while (input.length > 0) {
		size_t piece = fuzz_piece(cut, &state, input.length);
		size_t room = sizeof reader.bytes - reader.length;

		if (piece > room)
			piece = room;
		memcpy(reader.bytes + reader.length, input.bytes, piece);
		reader.length += piece;
		input = span_after(input, piece);
		if (!take_all(&reader, direction, cut, &outcome))
			break;
		FUZZ_CHECK(reader.length < sizeof reader.bytes);
	}
	return outcome;
}

int
LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length)
{
	static const enum message_direction directions[] = { MESSAGE_DOWN,
		MESSAGE_UP };

	for (size_t i = 0; i < 2; i++) {
		struct span input = span_of(bytes, length);
		struct outcome whole = run(input, directions[i], FUZZ_WHOLE);

		for (unsigned cut = FUZZ_BYTES; cut < FUZZ_CUTS; cut++) {
			struct outcome other =
			    run(input, directions[i], (enum fuzz_cut)cut);

			FUZZ_CHECK(other.messages == whole.messages);
			FUZZ_CHECK(other.hash == whole.hash);
			FUZZ_CHECK(other.invalid == whole.invalid);
		}
	}
	return 0;
}
