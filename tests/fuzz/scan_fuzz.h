/* SPDX-License-Identifier: MIT */
/* scan_fuzz.h - what must be true of a scanner for a host name, whatever it is
 * fed. To be included behind the scanner's source (see work.h). */

#ifndef SCAN_FUZZ_H
#define SCAN_FUZZ_H

#include "fuzz.h"

struct scanner {
	void (*init)(void);
	enum scan (*scan)(struct span fresh, struct host_name *name);
};

struct outcome {
	enum scan verdict;
	size_t given; /* bytes, the piece that decided included */
	size_t before; /* bytes in front of that piece */
	struct host_name name;
};

/* The dearest byte is one in a record of its own, or of a token that is neither
 * letter nor digit; what is constant is the struct's init and that a name is
 * looked at once or twice more when it is whole. */
#define WORK_PER_BYTE 24
#define WORK_PER_CALL 2
#define WORK_PER_STREAM 4096

static struct outcome
scan_input(const struct scanner *scanner, struct span input, enum fuzz_cut cut)
{
	uint64_t state = fuzz_hash(input) + cut;
	struct outcome outcome = { .verdict = SCAN_MORE };
	size_t length, calls = 0;
	unsigned char *piece;

	work = 0;
	scanner->init();
	do {
		outcome.before = outcome.given;
		length = fuzz_piece(cut, &state, input.length - outcome.given);
		piece = fuzz_copy(span_of(input.bytes + outcome.given, length));
		outcome.verdict =
		    scanner->scan(span_of(piece + 1, length), &outcome.name);
		free(piece);
		outcome.given += length;
		calls++;
	} while (outcome.verdict == SCAN_MORE && outcome.given < input.length);
	FUZZ_CHECK(work <= WORK_PER_BYTE * outcome.given +
		WORK_PER_CALL * calls + WORK_PER_STREAM);
	return outcome;
}

static void
check_name(const struct host_name *name)
{
	struct host_name again;

	FUZZ_CHECK(name->length <= HOST_NAME_MAX_LENGTH);
	FUZZ_CHECK(strlen(name->text) == name->length);
	FUZZ_CHECK(host_name_parse(&again, span_of(name->text, name->length)));
	FUZZ_CHECK(strcmp(again.text, name->text) == 0);
}

/* Each cut must come to what byte by byte came to, at the same byte. Returns
 * that. */
static struct outcome
scan_fuzz(const struct scanner *scanner, struct span input)
{
	struct outcome wanted = scan_input(scanner, input, FUZZ_BYTES);
	struct outcome outcome;

	if (wanted.verdict == SCAN_FOUND)
		check_name(&wanted.name);
	for (enum fuzz_cut cut = FUZZ_WHOLE; cut < FUZZ_CUTS; cut++) {
		outcome = scan_input(scanner, input, cut);
		FUZZ_CHECK(outcome.verdict == wanted.verdict);
		FUZZ_CHECK(outcome.given >= wanted.given);
		FUZZ_CHECK(outcome.before <= wanted.before);
		if (wanted.verdict == SCAN_FOUND)
			FUZZ_CHECK(
			    strcmp(outcome.name.text, wanted.name.text) == 0);
	}
	return wanted;
}

#endif
