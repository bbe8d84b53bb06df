/* SPDX-License-Identifier: MIT */
#include "protocol/host_name.h"

#include <string.h>

#include "check.h"

#define LABEL_63 \
	"abcdefghijklmnopqrstuvwxyz0123456789-_ABCDEFGHIJKLMNOPQRSTUVWXY"
#define NAME_192 LABEL_63 "." LABEL_63 "." LABEL_63 "."
#define LABEL_61 "abcdefghijklmnopqrstuvwxyz0123456789-_ABCDEFGHIJKLMNOPQRSTUVW"

static const struct {
	const char *raw;
	const char *name; /* NULL: none */
} rows[] = {
	{ "example.com", "example.com" },
	{ "www.Example.COM", "www.Example.COM" },
	{ "intranet", "intranet" },
	{ "a", "a" },
	{ "a.b", "a.b" },
	{ "_dmarc.my_host.example", "_dmarc.my_host.example" },
	{ "-a-.example-", "-a-.example-" },
	{ "xn--bcher-kva.example", "xn--bcher-kva.example" },
	{ "1.2.3.4.example", "1.2.3.4.example" },
	{ "0x7f.example", "0x7f.example" },
	{ "123.4a", "123.4a" },
	{ "1e3", "1e3" },
	{ "x0", "x0" },
	{ "0", NULL },
	{ "0.x", "0.x" },
	{ "1.0y", "1.0y" },

	/* One trailing dot is dropped, and only one. */
	{ "example.com.", "example.com" },
	{ "example.com..", NULL },
	{ "a.", "a" },
	{ ".", NULL },
	{ "..", NULL },
	{ "", NULL },

	/* Empty labels. */
	{ ".example.com", NULL },
	{ "www..example.com", NULL },

	/* Addresses, and what resolvers take for one. */
	{ "127.0.0.1", NULL },
	{ "127.0.0.1.", NULL },
	{ "127.1", NULL },
	{ "2130706433", NULL },
	{ "0x7f000001", NULL },
	{ "0X7F000001", NULL },
	{ "0x7f.0.0.0x1", NULL },
	{ "0x", NULL },
	{ "example.0xabc", NULL },
	{ "example.0xyz", NULL },
	{ "017700000001", NULL },
	{ "example.1", NULL },
	{ "example.1.", NULL },
	{ "999.999.999.999.999", NULL },
	{ "::1", NULL },
	{ "[::1]", NULL },
	{ "2001:db8::1", NULL },

	/* This host itself, however it is written. */
	{ "localhost", NULL },
	{ "LocalHost", NULL },
	{ "localhost.", NULL },
	{ "www.localhost", NULL },
	{ "WWW.LOCALHOST.", NULL },
	{ "localhost.example", "localhost.example" },
	{ "mylocalhost", "mylocalhost" },
	{ "localhosts", "localhosts" },
	{ "localhos", "localhos" },
	{ "lokalhost", "lokalhost" },
	{ "www.localhosT.lokalhost", "www.localhosT.lokalhost" },

	/* Bytes that no name has. */
	{ "exam ple.com", NULL },
	{ " example.com", NULL },
	{ "example.com ", NULL },
	{ "example.com:80", NULL },
	{ "user@example.com", NULL },
	{ "example.com/", NULL },
	{ "example.com\r\nX: y", NULL },
	{ "example.com\n", NULL },
	{ "ex\tample.com", NULL },
	{ "*.example.com", NULL },
	{ "b\xc3\xbc"
	  "cher.example",
	    NULL },
	{ "example%2ecom", NULL },
	{ "a,b", NULL },
	{ "a\\b", NULL },
	{ "a\x7f", NULL },
	{ "a\xff", NULL },
	{ "a`b", NULL },
	{ "a{b", NULL },
	{ "a@b", NULL },

	/* Lengths: 63 for a label, 253 for a name. */
	{ LABEL_63, LABEL_63 },
	{ LABEL_63 ".com", LABEL_63 ".com" },
	{ LABEL_63 "z", NULL },
	{ "www." LABEL_63 "z.com", NULL },
	{ "www." LABEL_63 "z", NULL },
	{ NAME_192 LABEL_61, NAME_192 LABEL_61 },
	{ NAME_192 LABEL_61 ".", NAME_192 LABEL_61 },
	{ NAME_192 LABEL_61 "z", NULL },
	{ NAME_192 LABEL_61 "z.", NULL },
	{ NAME_192 LABEL_61 "zz", NULL },
	{ NAME_192 NAME_192 NAME_192, NULL },
};

static void
a_name_is_taken_and_all_else_leaves_the_old_one(void)
{
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		const char *raw = rows[i].raw;
		const char *wanted =
		    rows[i].name != NULL ? rows[i].name : "before";
		struct host_name name = { .length = 6, .text = "before" };

		CHECK_ROW(host_name_parse(&name, span_of(raw, strlen(raw))) ==
			(rows[i].name != NULL),
		    raw);
		CHECK_ROW(strcmp(name.text, wanted) == 0, raw);
		CHECK_ROW(name.length == strlen(wanted), raw);
	}
}

static void
a_nul_is_in_no_name(void)
{
	struct host_name name;

	CHECK(!host_name_parse(&name, span_of("a\0b", 3)));
	CHECK(!host_name_parse(&name, span_of("a\0", 2)));
	CHECK(!host_name_parse(&name, span_of("\0", 1)));
	CHECK(!host_name_parse(&name, span_of(NULL, 0)));
}

/* The rows again in pieces: what a name may be made of is collected, and no
 * name is lost by it. */
static void
a_name_in_pieces_is_the_same_name(void)
{
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		struct span raw = span_of(rows[i].raw, strlen(rows[i].raw));
		struct host_name_pieces pieces = { 0 };
		struct host_name name;
		bool right = true;

		for (size_t at = 0; right && at < raw.length; at++)
			right = host_name_collect(
			    &pieces, span_of(raw.bytes + at, 1));
		right = right &&
		    host_name_parse(
			&name, span_of(pieces.bytes, pieces.length));
		CHECK_ROW(right == (rows[i].name != NULL), rows[i].raw);
		if (right)
			CHECK_ROW(
			    strcmp(name.text, rows[i].name) == 0, rows[i].raw);
	}
}

static void
pieces_are_refused_as_soon_as_they_cannot_be_a_name(void)
{
	static const char full[HOST_NAME_MAX_LENGTH + 1] = NAME_192 LABEL_61;
	struct host_name_pieces pieces = { 0 };

	CHECK(host_name_collect(&pieces, span_of("www.", 4)));
	CHECK(!host_name_collect(&pieces, span_of("exam ple", 8)));
	CHECK(!host_name_collect(&pieces, span_of("", 1)));
	CHECK(pieces.length == 4);

	pieces.length = 0;
	CHECK(host_name_collect(&pieces, span_of(full, sizeof full - 1)));
	CHECK(!host_name_collect(&pieces, span_of("..", 2)));
	CHECK(host_name_collect(&pieces, span_of(".", 1)));
	CHECK(!host_name_collect(&pieces, span_of("a", 1)));
	CHECK(pieces.length == HOST_NAME_MAX_LENGTH + 1);
}

int
main(void)
{
	RUN(a_name_is_taken_and_all_else_leaves_the_old_one);
	RUN(a_nul_is_in_no_name);
	RUN(a_name_in_pieces_is_the_same_name);
	RUN(pieces_are_refused_as_soon_as_they_cannot_be_a_name);
	return check_report();
}
