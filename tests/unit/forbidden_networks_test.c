/* SPDX-License-Identifier: MIT */
/* forbidden_networks_test.c - where no connection leads, by the first and the
 * last address of each network and their neighbours. */

#include "worker/forbidden_networks.h"

#include <string.h>

#include "check.h"

static void
networks_end_where_they_end(void)
{
	static const struct row {
		const char *ip;
		const char *cause; /* NULL: allowed */
	} rows[] = {
		{ "0.0.0.0", "address in 0.0.0.0/8" },
		{ "0.255.255.255", "address in 0.0.0.0/8" },
		{ "1.0.0.0", NULL },
		{ "126.255.255.255", NULL },
		{ "127.0.0.0", "loopback address" },
		{ "127.255.255.255", "loopback address" },
		{ "128.0.0.0", NULL },
		{ "169.253.255.255", NULL },
		{ "169.254.0.0", "link-local address" },
		{ "169.254.255.255", "link-local address" },
		{ "169.255.0.0", NULL },
		{ "223.255.255.255", NULL },
		{ "224.0.0.0", "multicast address" },
		{ "239.255.255.255", "multicast address" },
		{ "240.0.0.0", NULL },
		{ "::", "unspecified address" },
		{ "::1", "loopback address" },
		{ "::2", NULL },
		{ "::fffe:ffff:ffff", NULL },
		{ "::ffff:0.0.0.0", "IPv4 address written as IPv6" },
		{ "::ffff:192.0.2.1", "IPv4 address written as IPv6" },
		{ "::ffff:255.255.255.255", "IPv4 address written as IPv6" },
		{ "::1:0:0:0", NULL },
		{ "64:ff9b::192.0.2.1", NULL },
		{ "2001:db8::1", NULL },
		{ "fc00::1", NULL },
		{ "fe7f:ffff::", NULL },
		{ "fe80::", "link-local address" },
		{ "febf:ffff::1", "link-local address" },
		{ "fec0::", NULL },
		{ "feff::", NULL },
		{ "ff00::", "multicast address" },
		{ "ffff::ffff", "multicast address" },
	};

	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		const struct destination_refusal *refusal;
		struct address address;

		CHECK_ROW(address_parse(&address, rows[i].ip, 443), rows[i].ip);
		refusal = forbidden_networks_find(&address);
		CHECK_ROW(
		    (refusal == NULL) == (rows[i].cause == NULL), rows[i].ip);
		if (refusal == NULL || rows[i].cause == NULL)
			continue;
		CHECK_ROW(refusal->failure == FAILURE_FORBIDDEN, rows[i].ip);
		CHECK_ROW(
		    strcmp(refusal->cause, rows[i].cause) == 0, rows[i].ip);
	}
}

int
main(void)
{
	RUN(networks_end_where_they_end);
	return check_report();
}
