/* SPDX-License-Identifier: MIT */
#include "work.h"

#include "base/ascii.c"
#include "protocol/request_body.c"

#include "work_end.h"

#include "fuzz.h"

/* The dearest byte is one of a name that is neither letter nor digit. */
#define WORK_PER_BYTE 24
#define WORK_PER_CALL 2
#define WORK_PER_STREAM 16

struct outcome {
	enum body_verdict verdict;
	size_t used;
};

/* Data is counted, or skipped as if it had been passed on unseen. */
static struct outcome
count_input(
    struct request_body body, struct span input, enum fuzz_cut cut, bool skips)
{
	uint64_t state = fuzz_hash(input) + cut, data;
	struct outcome outcome = { .verdict = BODY_MORE };
	size_t length, used, calls = 0;
	unsigned char *piece;

	work = 0;
	do {
		length = fuzz_piece(cut, &state, input.length - outcome.used);
		piece = fuzz_copy(span_of(input.bytes + outcome.used, length));
		data = request_body_data_left(&body);
		if (skips && data > 0 && length > 0) {
			used = data < length ? (size_t)data : length;
			outcome.verdict = request_body_skip(&body, used);
		} else {
			outcome.verdict = request_body_count(
			    &body, span_of(piece + 1, length), &used);
			FUZZ_CHECK(
			    outcome.verdict != BODY_MORE || used == length);
		}
		free(piece);
		FUZZ_CHECK(used <= length);
		outcome.used += used;
		calls++;
	} while (outcome.verdict == BODY_MORE && outcome.used < input.length);
	FUZZ_CHECK(work <= WORK_PER_BYTE * outcome.used +
		WORK_PER_CALL * calls + WORK_PER_STREAM);
	return outcome;
}

static void
check_body(struct request_body body, struct span input)
{
	struct outcome wanted = count_input(body, input, FUZZ_BYTES, false);
	struct outcome outcome;

	for (enum fuzz_cut cut = FUZZ_WHOLE; cut < FUZZ_CUTS; cut++) {
		for (int skips = 0; skips <= 1; skips++) {
			outcome = count_input(body, input, cut, skips != 0);
			FUZZ_CHECK(outcome.verdict == wanted.verdict);
			FUZZ_CHECK(outcome.used == wanted.used);
		}
	}
	if (wanted.verdict == BODY_END && body.place != BODY_PLAIN)
		FUZZ_CHECK(
		    memcmp(input.bytes + wanted.used - 4, "\r\n\r\n", 4) == 0);
}

int
LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length)
{
	struct span input = span_of(bytes, length);

	check_body(request_body_chunked(), input);
	check_body(request_body_plain(1 + fuzz_hash(input) % 100), input);
	return 0;
}
