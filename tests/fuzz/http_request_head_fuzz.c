/* SPDX-License-Identifier: MIT */
#include "work.h"

#include "base/ascii.c"
#include "protocol/host_name.c"
#include "protocol/http_request_head.c"

#include "work_end.h"

#include "scan_fuzz.h"

static struct http_request_head head;

static void
init(void)
{
	http_request_head_init(&head);
}

static enum scan
scan(struct span fresh, struct host_name *name)
{
	return http_request_head_scan(&head, fresh, name);
}

int
LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length)
{
	static const struct scanner scanner = { init, scan };
	struct span input = span_of(bytes, length);
	struct outcome outcome = scan_fuzz(&scanner, input);
	const struct host_name *name = &outcome.name;

	/* Found at the end of a line, and as the head spells it. */
	if (outcome.verdict == SCAN_FOUND) {
		FUZZ_CHECK(bytes[outcome.given - 1] == '\n');
		FUZZ_CHECK(memmem(bytes, outcome.given, name->text,
			       name->length) != NULL);
	}
	return 0;
}
