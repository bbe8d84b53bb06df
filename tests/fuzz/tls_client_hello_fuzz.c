/* SPDX-License-Identifier: MIT */
#include "work.h"

#include "base/ascii.c"
#include "protocol/host_name.c"
#include "protocol/tls_client_hello.c"

#include "work_end.h"

#include "scan_fuzz.h"

static struct tls_client_hello hello;

static void
init(void)
{
	tls_client_hello_init(&hello);
}

static enum scan
scan(struct span fresh, struct host_name *name)
{
	return tls_client_hello_scan(&hello, fresh, name);
}

int
LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length)
{
	static const struct scanner scanner = { init, scan };
	struct outcome outcome = scan_fuzz(&scanner, span_of(bytes, length));
	const struct host_name *name = &outcome.name;

	/* Found with the name's last byte: not earlier, not later. */
	if (outcome.verdict == SCAN_FOUND)
		FUZZ_CHECK(bytes[outcome.given - 1] == '.' ||
		    bytes[outcome.given - 1] == name->text[name->length - 1]);
	return 0;
}
