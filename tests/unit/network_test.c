/* SPDX-License-Identifier: MIT */
/* network_test.c - addresses and prefixes as an administrator writes them. */

#include "config/network.h"

#include <string.h>

#include "check.h"

static const struct row {
	const char *text;
	enum network_verdict verdict;
	const char *first, *last; /* of NETWORK_VALID */
} rows[] = {
	{ "192.0.2.1", NETWORK_VALID, "192.0.2.1", "192.0.2.1" },
	{ "10.0.0.0/8", NETWORK_VALID, "10.0.0.0", "10.255.255.255" },
	{ "192.168.4.0/22", NETWORK_VALID, "192.168.4.0", "192.168.7.255" },
	{ "192.0.2.1/32", NETWORK_VALID, "192.0.2.1", "192.0.2.1" },
	{ "192.0.2.254/31", NETWORK_VALID, "192.0.2.254", "192.0.2.255" },
	{ "128.0.0.0/1", NETWORK_VALID, "128.0.0.0", "255.255.255.255" },
	{ "0.0.0.0/0", NETWORK_VALID, "0.0.0.0", "255.255.255.255" },
	{ "2001:db8::1", NETWORK_VALID, "2001:db8::1", "2001:db8::1" },
	{ "2001:db8::/32", NETWORK_VALID,
	    "2001:db8::", "2001:db8:ffff:ffff:ffff:ffff:ffff:ffff" },
	{ "fd00:8000::/17", NETWORK_VALID,
	    "fd00:8000::", "fd00:ffff:ffff:ffff:ffff:ffff:ffff:ffff" },
	{ "::/0", NETWORK_VALID,
	    "::", "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff" },
	{ "::1/128", NETWORK_VALID, "::1", "::1" },
	{ "64:ff9b::/96", NETWORK_VALID, "64:ff9b::", "64:ff9b::ffff:ffff" },

	{ "", NETWORK_NO_IP, NULL, NULL },
	{ "/8", NETWORK_NO_IP, NULL, NULL },
	{ "10", NETWORK_NO_IP, NULL, NULL },
	{ "10.0.0/8", NETWORK_NO_IP, NULL, NULL },
	{ "10.0.0.0.0/8", NETWORK_NO_IP, NULL, NULL },
	{ "10.0.0.256", NETWORK_NO_IP, NULL, NULL },
	{ "010.0.0.1", NETWORK_NO_IP, NULL, NULL },
	{ "[2001:db8::1]", NETWORK_NO_IP, NULL, NULL },
	{ "2001:db8::1%lan", NETWORK_NO_IP, NULL, NULL },
	{ "10.0.0.1:80", NETWORK_NO_IP, NULL, NULL },
	{ " 10.0.0.1", NETWORK_NO_IP, NULL, NULL },
	{ "example.com", NETWORK_NO_IP, NULL, NULL },
	{ "1111:2222:3333:4444:5555:6666:7777:8888:9999:aaaa:bbbb",
	    NETWORK_NO_IP, NULL, NULL },

	{ "10.0.0.0/", NETWORK_BAD_LENGTH, NULL, NULL },
	{ "10.0.0.0/33", NETWORK_BAD_LENGTH, NULL, NULL },
	{ "10.0.0.0/-1", NETWORK_BAD_LENGTH, NULL, NULL },
	{ "10.0.0.0/8/8", NETWORK_BAD_LENGTH, NULL, NULL },
	{ "10.0.0.0/8 ", NETWORK_BAD_LENGTH, NULL, NULL },
	{ "10.0.0.0/255.0.0.0", NETWORK_BAD_LENGTH, NULL, NULL },
	{ "10.0.0.0/4294967304", NETWORK_BAD_LENGTH, NULL, NULL },
	{ "2001:db8::/129", NETWORK_BAD_LENGTH, NULL, NULL },

	{ "10.0.0.1/8", NETWORK_HOST_BITS, NULL, NULL },
	{ "10.1.0.0/15", NETWORK_HOST_BITS, NULL, NULL },
	{ "0.0.0.1/0", NETWORK_HOST_BITS, NULL, NULL },
	{ "192.0.2.1/31", NETWORK_HOST_BITS, NULL, NULL },
	{ "2001:db8::1/64", NETWORK_HOST_BITS, NULL, NULL },
	{ "2001:db8:8000::/32", NETWORK_HOST_BITS, NULL, NULL },

	{ "::ffff:10.0.0.1", NETWORK_MAPPED, NULL, NULL },
	{ "::ffff:10.0.0.0/104", NETWORK_MAPPED, NULL, NULL },
	{ "::ffff:0:0/96", NETWORK_MAPPED, NULL, NULL },
	{ "::ffff:a00:0/104", NETWORK_MAPPED, NULL, NULL },
};

static struct network_key
key_of(const char *text)
{
	struct address address;

	CHECK_ROW(address_parse(&address, text, 1), text);
	return network_key(&address);
}

static bool
are_equal(const struct network_key *key, const char *text)
{
	struct network_key wanted = key_of(text);

	return network_key_compare(key, &wanted) == 0;
}

static void
a_network_is_an_address_or_a_prefix(void)
{
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		const struct row *row = &rows[i];
		struct network network;

		CHECK_ROW(
		    network_parse(&network,
			span_of(row->text, strlen(row->text))) == row->verdict,
		    row->text);
		if (row->verdict != NETWORK_VALID)
			continue;
		CHECK_ROW(are_equal(&network.first, row->first), row->text);
		CHECK_ROW(are_equal(&network.last, row->last), row->text);
	}
}

static void
a_byte_0_is_in_no_network(void)
{
	struct network network;

	CHECK(
	    network_parse(&network, span_of("10.0.0.1\0", 9)) == NETWORK_NO_IP);
	CHECK(network_parse(&network, span_of("10.0.0.0/8\0", 11)) ==
	    NETWORK_BAD_LENGTH);
}

static void
addresses_have_an_order_and_a_next_one(void)
{
	static const char *const ascending[] = { "0.0.0.0", "10.0.0.1",
		"192.0.2.1", "255.255.255.255", "::", "::1",
		"2001:db8::", "ffff::" };
	struct network_key key = key_of("10.0.255.255");

	for (size_t i = 1; i < sizeof ascending / sizeof ascending[0]; i++) {
		struct network_key a = key_of(ascending[i - 1]);
		struct network_key b = key_of(ascending[i]);

		CHECK_ROW(network_key_compare(&a, &b) < 0, ascending[i]);
		CHECK_ROW(network_key_compare(&b, &a) > 0, ascending[i]);
	}
	CHECK(network_key_next(&key) && are_equal(&key, "10.1.0.0"));
	key = key_of("255.255.255.255");
	CHECK(network_key_next(&key) && are_equal(&key, "::"));
	key = key_of("::ffff");
	CHECK(network_key_next(&key) && are_equal(&key, "::1:0"));
	key = key_of("ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff");
	CHECK(!network_key_next(&key));
}

int
main(void)
{
	RUN(a_network_is_an_address_or_a_prefix);
	RUN(a_byte_0_is_in_no_network);
	RUN(addresses_have_an_order_and_a_next_one);
	return check_report();
}
