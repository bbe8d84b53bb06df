/* SPDX-License-Identifier: MIT */
#include "work.h"

#include "base/ascii.c"
#include "protocol/challenges.c"
#include "protocol/connect_response.c"

#include "work_end.h"

#include "fuzz.h"

/* The dearest byte ends a challenge's scheme, which is looked for among those
 * that were noted; the constant is the struct's init. */
#define WORK_PER_BYTE (2 * CHALLENGES_SIZE)
#define WORK_PER_CALL 2
#define WORK_PER_STREAM 1024

struct outcome {
	enum connect_verdict verdict;
	size_t used;
	struct connect_response response;
};

static bool is_relayed;

/* As if so many bytes of 1xx heads had come before. */
static struct outcome
parse_input(struct span input, enum fuzz_cut cut, size_t before)
{
	uint64_t state = fuzz_hash(input) + cut;
	struct outcome outcome = { .verdict = CONNECT_MORE };
	size_t length, used, calls = 0;
	unsigned char *piece;

	work = 0;
	if (is_relayed)
		connect_response_init_relayed(&outcome.response);
	else
		connect_response_init(&outcome.response);
	outcome.response.length = before;
	do {
		length = fuzz_piece(cut, &state, input.length - outcome.used);
		piece = fuzz_copy(span_of(input.bytes + outcome.used, length));
		outcome.verdict = connect_response_parse(
		    &outcome.response, span_of(piece + 1, length), &used);
		free(piece);
		FUZZ_CHECK(used <= length);
		FUZZ_CHECK(outcome.verdict != CONNECT_MORE || used == length);
		outcome.used += used;
		calls++;
	} while (
	    outcome.verdict == CONNECT_MORE && outcome.used < input.length);
	FUZZ_CHECK(work <= WORK_PER_BYTE * outcome.used +
		WORK_PER_CALL * calls + WORK_PER_STREAM);
	return outcome;
}

static void
check_outcome(const struct outcome *outcome, struct span input)
{
	const struct connect_response *response = &outcome->response;

	FUZZ_CHECK(is_relayed || outcome->used <= CONNECT_RESPONSE_LIMIT_BYTES);
	FUZZ_CHECK(response->reason_length <= sizeof response->reason);
	if (outcome->verdict == CONNECT_OPEN)
		FUZZ_CHECK(response->status >= 200 &&
		    (is_relayed || response->status <= 299));
	if (outcome->verdict == CONNECT_REFUSED)
		FUZZ_CHECK(response->status >= 300 && response->status <= 999);
	if (outcome->verdict != CONNECT_OPEN &&
	    outcome->verdict != CONNECT_REFUSED)
		return;
	FUZZ_CHECK(input.bytes[outcome->used - 1] == '\n' ||
	    connect_response_is_challenge(response));
	FUZZ_CHECK(memmem(input.bytes, outcome->used, response->reason,
		       response->reason_length) != NULL);
}

static void
check_same(const struct connect_response *a, const struct connect_response *b)
{
	FUZZ_CHECK(a->status == b->status);
	FUZZ_CHECK(a->reason_length == b->reason_length);
	FUZZ_CHECK(memcmp(a->reason, b->reason, a->reason_length) == 0);
	FUZZ_CHECK(a->challenges.length == b->challenges.length);
	FUZZ_CHECK(memcmp(a->challenges.schemes, b->challenges.schemes,
		       a->challenges.length) == 0);
}

/* The limit decides where it comes first, and changes nothing elsewhere. */
static void
check_limit(const struct outcome *wanted, struct span input)
{
	uint64_t state = fuzz_hash(input);
	size_t room = 1 + fuzz_random_below(&state, input.length + 1);
	struct outcome outcome;

	if (room > CONNECT_RESPONSE_LIMIT_BYTES)
		return;
	outcome =
	    parse_input(input, FUZZ_MANY, CONNECT_RESPONSE_LIMIT_BYTES - room);
	if (wanted->used > room ||
	    (wanted->used == room && wanted->verdict == CONNECT_MORE)) {
		FUZZ_CHECK(outcome.verdict ==
		    (connect_response_is_challenge(&outcome.response) &&
				outcome.response.place >= CONNECT_FIELD_START
			    ? CONNECT_REFUSED
			    : CONNECT_OVERSIZED));
		FUZZ_CHECK(outcome.used == room);
		return;
	}
	FUZZ_CHECK(outcome.verdict == wanted->verdict);
	FUZZ_CHECK(outcome.used == wanted->used);
}

static void
check_input(struct span input)
{
	struct outcome wanted = parse_input(input, FUZZ_BYTES, 0);
	struct outcome outcome;

	check_outcome(&wanted, input);
	for (enum fuzz_cut cut = FUZZ_WHOLE; cut < FUZZ_CUTS; cut++) {
		outcome = parse_input(input, cut, 0);
		FUZZ_CHECK(outcome.verdict == wanted.verdict);
		FUZZ_CHECK(outcome.used == wanted.used);
		check_same(&outcome.response, &wanted.response);
	}
	if (!is_relayed)
		check_limit(&wanted, input);
}

int
LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length)
{
	is_relayed = false;
	check_input(span_of(bytes, length));
	is_relayed = true;
	check_input(span_of(bytes, length));
	return 0;
}
