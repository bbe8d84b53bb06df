/* SPDX-License-Identifier: MIT */
/* What a stranger sends to the status process. However the bytes are cut, the
 * verdict is the same, and a good request names this host. */

#include "status/request.h"

#include "base/ascii.h"
#include "fuzz.h"

/* The verdict on a prefix of the input, in a block of its own. */
static enum request_verdict
parse(struct span input, size_t length, struct request *request)
{
	unsigned char *block = fuzz_copy(span_of(input.bytes, length));
	enum request_verdict verdict =
	    request_parse(span_of(block + 1, length), request);

	if (verdict == REQUEST_GOOD) {
		FUZZ_CHECK(request->path.length > 0);
		FUZZ_CHECK(request->path.bytes[0] == '/');
		FUZZ_CHECK(request->path.bytes > block);
		FUZZ_CHECK(request->query.bytes + request->query.length <
		    block + 1 + length);
	}
	free(block);
	return verdict;
}

/* As bytes come in: grown until there is a verdict. */
static enum request_verdict
parse_grown(struct span input, enum fuzz_cut cut)
{
	uint64_t state = fuzz_hash(input) + cut;
	enum request_verdict verdict = REQUEST_MORE;
	struct request request;
	size_t length = 0;

	while (verdict == REQUEST_MORE && length < input.length) {
		length += fuzz_piece(cut, &state, input.length - length);
		verdict = parse(input, length, &request);
	}
	return verdict;
}

int
LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length)
{
	struct span input = span_of(
	    bytes, length < REQUEST_HEAD_MAX ? length : REQUEST_HEAD_MAX);
	enum request_verdict wanted = parse_grown(input, FUZZ_WHOLE);

	for (enum fuzz_cut cut = FUZZ_BYTES; cut < FUZZ_CUTS; cut++)
		FUZZ_CHECK(parse_grown(input, cut) == wanted);
	return 0;
}
