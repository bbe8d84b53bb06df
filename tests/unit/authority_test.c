/* SPDX-License-Identifier: MIT */
#include "protocol/authority.h"

#include <string.h>

#include "check.h"

static void
hosts_with_and_without_a_port(void)
{
	static const struct {
		const char *authority;
		const char *host;
	} rows[] = {
		{ "a", "a" },
		{ "a.b-c_d.", "a.b-c_d." },
		{ "a:1", "a" },
		{ "a:65535", "a" },
		{ "a:00080", "a" },
		{ "10.0.0.1:80", "10.0.0.1" },
		{ "[::]", "[::]" },
		{ "[::1]:8080", "[::1]" },
		{ "[1::]", "[1::]" },
		{ "[1:2:3:4:5:6:7:8]", "[1:2:3:4:5:6:7:8]" },
		{ "[1:2:3:4:5:6:7::]", "[1:2:3:4:5:6:7::]" },
		{ "[::2:3:4:5:6:7:8]", "[::2:3:4:5:6:7:8]" },
		{ "[2001:DB8::aBcD:1]", "[2001:DB8::aBcD:1]" },
		{ "[::ffff:192.0.2.255]", "[::ffff:192.0.2.255]" },
		{ "[1:2:3:4:5:6:0.0.0.0]", "[1:2:3:4:5:6:0.0.0.0]" },
	};
	struct span host;

	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		const char *text = rows[i].authority;

		CHECK_ROW(
		    authority_split(span_of(text, strlen(text)), &host), text);
		CHECK_ROW(host.length == strlen(rows[i].host), text);
		CHECK_ROW(host.bytes == (const unsigned char *)text, text);
	}
}

static void
what_is_no_host(void)
{
	static const char *const rows[] = { "", ":", ":80", "a:", "a:0",
		"a:65536", "a:80x", "a:-1", "a:80:80", "a b", "a,b", "a@b",
		"a/", "a%41", "\xc3\xa4", "::1", "1::2", "[", "[]", "[:]",
		"[:::]", "[::1", "::1]", "[::1]x", "[::1]80", "[::1]:", "[a]",
		"[1:2]", "[1:2:3:4:5:6:7]", "[1:2:3:4:5:6:7:8:9]",
		"[1:2:3:4:5:6:7:8::]", "[1:2:3:4::5:6:7:8]", "[1::2::3]",
		"[:1::2]", "[1::2:]", "[12345::]", "[g::]", "[fe80::1%25eth0]",
		"[v1.a]", "[::1.2.3]", "[::1.2.3.4.5]", "[::1.2.3.256]",
		"[::01.2.3.4]", "[::1.2.3.]", "[1.2.3.4::]",
		"[1:2:3:4:5:6:7:1.2.3.4]", "[1.2.3.4]" };
	struct span host;

	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
		CHECK_ROW(
		    !authority_split(span_of(rows[i], strlen(rows[i])), &host),
		    rows[i]);
}

int
main(void)
{
	RUN(hosts_with_and_without_a_port);
	RUN(what_is_no_host);
	return check_report();
}
