/* SPDX-License-Identifier: MIT */
#include "work.h"

#include "base/ascii.c"
#include "protocol/authority.c"
#include "protocol/host_name.c"
#include "protocol/relay_field.c"
#include "protocol/relay_head.c"
#define part_of written_part_of
#include "protocol/relay_head_write.c"
#undef part_of

#include "work_end.h"

#include "fuzz.h"

/* A byte of a field's name is looked at once for each of the names that are
 * known, and the longest Host or list a few times at its end. */
#define WORK_PER_BYTE 64
#define WORK_PER_CALL 2
#define WORK_PER_STREAM 4096
/* Sorting takes a logarithm more. */
#define WORK_PER_BYTE_WRITTEN 128

struct outcome {
	enum relay_verdict verdict;
	size_t given; /* bytes, those of the piece that decided included */
	struct relay_head head;
};

/* Each call gets all bytes so far in a block of their own; so the blocks alone
 * would be quadratic byte by byte, and few cuts have to do. */
static struct outcome
scan_input(struct span input, enum fuzz_cut cut)
{
	uint64_t state = fuzz_hash(input) + cut;
	struct outcome outcome = { .verdict = RELAY_MORE };
	unsigned char *block;
	size_t calls = 0;

	work = 0;
	relay_head_init(&outcome.head);
	do {
		outcome.given +=
		    fuzz_piece(cut, &state, input.length - outcome.given);
		block = fuzz_copy(span_of(input.bytes, outcome.given));
		outcome.verdict = relay_head_scan(
		    &outcome.head, span_of(block + 1, outcome.given));
		free(block);
		calls++;
	} while (outcome.verdict == RELAY_MORE && outcome.given < input.length);
	FUZZ_CHECK(work <= WORK_PER_BYTE * outcome.head.scanned +
		WORK_PER_CALL * calls + WORK_PER_STREAM);
	return outcome;
}

/* Returns the head that is sent on, in a block that the caller frees. */
static unsigned char *
write_input(const struct outcome *outcome, struct span input, size_t *length)
{
	struct relay_target target = { .host = span_of("192.0.2.1", 9),
		.port = 8080,
		.credentials = span_of("eDp5", 4) };
	struct host_name name;
	uint64_t *named =
	    malloc(outcome->head.fields.named * sizeof *named + 1);
	size_t size;
	char *out;

	if (relay_head_name(&outcome->head, input, &name))
		target.host = span_of(name.text, name.length);
	size = relay_head_room(&outcome->head, &target);
	out = malloc(size);
	if (named == NULL || out == NULL)
		abort();
	work = 0;
	*length =
	    relay_head_write(out, size, &outcome->head, input, &target, named);
	FUZZ_CHECK(work <=
	    WORK_PER_BYTE_WRITTEN * outcome->head.scanned + WORK_PER_STREAM);
	free(named);
	return (unsigned char *)out;
}

/* Who reads what is sent on must find the same request in it: of the same
 * body, and with nothing left that is not for the next hop. */
static void
check_written(const struct outcome *outcome, struct span input)
{
	struct outcome again;
	size_t length;
	unsigned char *out = write_input(outcome, input, &length);

	FUZZ_CHECK(length > 0);
	if (length <= RELAY_HEAD_LIMIT_BYTES) {
		again = scan_input(span_of(out, length), FUZZ_WHOLE);
		FUZZ_CHECK(again.verdict == RELAY_REQUEST);
		FUZZ_CHECK(again.head.scanned == length);
		FUZZ_CHECK(again.head.is_absolute);
		FUZZ_CHECK(again.head.has_host_field);
		FUZZ_CHECK(again.head.bare_lfs == 0);
		FUZZ_CHECK(again.head.fields.content_length ==
		    outcome->head.fields.content_length);
		FUZZ_CHECK(again.head.fields.has_length ==
		    outcome->head.fields.has_length);
		FUZZ_CHECK(again.head.fields.is_chunked ==
		    outcome->head.fields.is_chunked);
		FUZZ_CHECK(!again.head.fields.offers_upgrade);
	}
	free(out);
}

int
LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length)
{
	struct span input = span_of(bytes, length);
	struct outcome wanted = scan_input(input, FUZZ_WHOLE);
	struct outcome outcome;

	for (enum fuzz_cut cut = FUZZ_WHOLE; cut < FUZZ_CUTS; cut++) {
		if (cut != FUZZ_FEW && cut != FUZZ_WHOLE && length > 2000)
			continue;
		outcome = scan_input(input, cut);
		FUZZ_CHECK(outcome.verdict == wanted.verdict);
		FUZZ_CHECK(outcome.head.scanned == wanted.head.scanned);
	}
	if (wanted.verdict == RELAY_REQUEST)
		check_written(&wanted, input);
	return 0;
}
