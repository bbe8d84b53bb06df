/* SPDX-License-Identifier: MIT */
#include "protocol/challenges.h"

#include <string.h>

#include "check.h"

/* A row has up to three fields. */
static const struct row {
	const char *fields[3];
	const char *schemes;
	bool has_basic;
} rows[] = {
	{ { "Basic realm=\"proxy\"" }, "Basic", true },
	{ { "BASIC" }, "BASIC", true },
	{ { "Negotiate", "NTLM", "basic realm=\"x\"" }, "Negotiate,NTLM,basic",
	    true },
	{ { "Negotiate, NTLM, Basic realm=\"x\"" }, "Negotiate,NTLM,Basic",
	    true },
	{ { "Basic realm=\"x\", Negotiate", "NTLM" }, "Basic,Negotiate,NTLM",
	    true },
	{ { "Digest realm=\"a, Basic\", nonce=\"b\\\", NTLM\", qop=\"auth\"" },
	    "Digest", false },
	{ { "Digest nonce=\"b\\\", NTLM, c\"" }, "Digest", false },
	{ { "Digest realm = \"a\" , nonce = b, stale=false,NTLM" },
	    "Digest,NTLM", false },
	{ { "NTLM TlRMTVNTUAACAAAA==", "Negotiate YII=, Basic realm=x" },
	    "NTLM,Negotiate,Basic", true },
	{ { " ,, Negotiate ,\t, NTLM , " }, "Negotiate,NTLM", false },
	{ { "Basic realm=\"a\"", "Basic realm=\"b\"", "basic" }, "Basic",
	    true },
	{ { "realm=\"x\"" }, "", false },
	{ { "Basic=x" }, "", false },
	{ { "Basic\xe4, NTLM" }, "NTLM", false },
	{ { "\"Basic\", NTLM" }, "NTLM", false },
	{ { "Digest realm=\"never ends, Basic", "NTLM" }, "Digest,NTLM",
	    false },
	{ { "Basic " }, "Basic", true },
	{ { "" }, "", false },
	{ { "a1234567890123456789012345678901, x" },
	    "a1234567890123456789012345678901,x", false },
	{ { "a12345678901234567890123456789012, x" }, "x", false },
	{ { "a1234567890123456789012345678901,"
	    "b1234567890123456789012345678901,"
	    "c1234567890123456789012345678901,"
	    "d1234567890123456789012345678901,Basic" },
	    "a1234567890123456789012345678901,"
	    "b1234567890123456789012345678901,"
	    "c1234567890123456789012345678901,Basic",
	    true },
};

static void
read_row(struct challenges *challenges, const struct row *row, size_t step)
{
	memset(challenges, 0, sizeof *challenges);
	for (size_t i = 0; i < 3 && row->fields[i] != NULL; i++) {
		struct span left =
		    span_of(row->fields[i], strlen(row->fields[i]));

		while (left.length > 0) {
			size_t piece = step < left.length ? step : left.length;

			challenges_read(challenges, span_of(left.bytes, piece));
			left = span_after(left, piece);
		}
		challenges_end_field(challenges);
	}
}

static bool
is_right(const struct challenges *challenges, const struct row *row)
{
	return challenges->length == strlen(row->schemes) &&
	    memcmp(challenges->schemes, row->schemes, challenges->length) ==
	    0 &&
	    challenges->has_basic == row->has_basic;
}

static void
schemes_are_found_in_any_field_and_order(void)
{
	struct challenges challenges;

	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		size_t step = 0;

		do {
			step++;
			read_row(&challenges, &rows[i], step);
		} while (step < 200 && is_right(&challenges, &rows[i]));
		CHECK_ROW(step == 200, rows[i].fields[0]);
	}
}

int
main(void)
{
	RUN(schemes_are_found_in_any_field_and_order);
	return check_report();
}
