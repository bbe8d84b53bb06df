/* SPDX-License-Identifier: MIT */
/* address_test.c - addresses and their text; interfaces. */

#include "base/address.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "base/interface.h"
#include "check.h"

static void
an_address_is_read_and_written(void)
{
	static const struct row {
		const char *ip, *text;
	} rows[] = {
		{ "192.0.2.1", "192.0.2.1:443" },
		{ "255.255.255.255", "255.255.255.255:443" },
		{ "::1", "[::1]:443" },
		{ "2001:db8:1:2:3:4:5:6", "[2001:db8:1:2:3:4:5:6]:443" },
		{ "::", "[::]:443" },
		/* RFC 5952 4.2 and 4.3. */
		{ "2001:0DB8::0001", "[2001:db8::1]:443" },
		{ "2001:db8:0:1:1:1:1:1", "[2001:db8:0:1:1:1:1:1]:443" },
		{ "2001:0:0:1:0:0:0:1", "[2001:0:0:1::1]:443" },
		{ "2001:db8:0:0:1:0:0:1", "[2001:db8::1:0:0:1]:443" },
	};
	char text[ADDRESS_TEXT_SIZE], ip[ADDRESS_TEXT_SIZE];
	struct address address;

	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		CHECK_ROW(address_parse(&address, rows[i].ip, 443), rows[i].ip);
		CHECK_ROW(
		    strcmp(address_text(&address, text), rows[i].text) == 0,
		    rows[i].ip);
		CHECK_ROW(address_port(&address) == 443, rows[i].ip);
		address_ip_text(&address, ip);
		CHECK_ROW(strstr(text, ip) == text + (text[0] == '['), ip);
		CHECK_ROW(strlen(text) ==
			strlen(ip) + strlen(text[0] == '[' ? "[]:443" : ":443"),
		    ip);
	}
	CHECK(!address_parse(&address, "example.com", 443));
	CHECK(!address_parse(&address, "192.0.2", 443));
}

static void
addresses_differ_in_family_ip_and_port(void)
{
	struct address a, b, c;

	CHECK(address_parse(&a, "192.0.2.1", 80));
	CHECK(address_parse(&b, "192.0.2.1", 80) && address_equal(&a, &b));
	CHECK(address_parse(&b, "192.0.2.1", 81) && !address_equal(&a, &b));
	CHECK(address_parse(&b, "192.0.2.2", 80) && !address_equal(&a, &b));
	CHECK(address_parse(&b, "::1", 80) && !address_equal(&a, &b));
	CHECK(address_parse(&c, "::1", 80) && address_equal(&b, &c));
	CHECK(address_parse(&c, "::2", 80) && !address_equal(&b, &c));
}

static void
a_link_local_address_has_its_interface(void)
{
	unsigned loopback = if_nametoindex("lo");
	const struct row {
		unsigned index;
		const char *text;
	} rows[] = {
		{ 0, "[fe80::1]:443" },
		{ loopback, "[fe80::1%lo]:443" },
		{ 2147483647, "[fe80::1%2147483647]:443" },
	};
	char text[ADDRESS_TEXT_SIZE];
	struct address a, b;

	CHECK(address_parse(&a, "fe80::1", 443));
	CHECK(loopback != 0);
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		b = a;
		a.v6.sin6_scope_id = rows[i].index;
		CHECK_ROW(strcmp(address_text(&a, text), rows[i].text) == 0,
		    rows[i].text);
		CHECK_ROW(address_equal(&a, &b) == (i == 0), rows[i].text);
	}
}

static void
an_interface_is_found_by_name_and_number(void)
{
	unsigned loopback = if_nametoindex("lo");
	char number[16], name[IF_NAMESIZE];

	snprintf(number, sizeof number, "%u", loopback);
	CHECK(interface_index("lo") == loopback);
	CHECK(interface_index(number) == loopback);
	CHECK(interface_name(loopback, name) && strcmp(name, "lo") == 0);
	CHECK(interface_index("") == 0 && errno == ENODEV);
	CHECK(interface_index("2147483647") == 0);
	CHECK(interface_index("99999999999999999999") == 0);
	CHECK(interface_index("1x") == 0 && interface_index("-1") == 0);
	CHECK(interface_index("a_name_that_is_too_long") == 0);
	CHECK(!interface_name(0, name) && !interface_name(2147483647, name));
}

/* The longest of all. */
static void
a_text_fits(void)
{
	char text[ADDRESS_TEXT_SIZE];
	struct address a;

	CHECK(address_parse(
	    &a, "ffff:ffff:ffff:ffff:ffff:ffff:255.255.255.255", 65535));
	a.v6.sin6_scope_id = UINT32_MAX;
	CHECK(
	    strcmp(address_text(&a, text),
		"[ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff%4294967295]:65535") ==
	    0);
}

static void
a_wildcard_is_all_zeros(void)
{
	static const struct row {
		const char *ip;
		bool is_wildcard;
	} rows[] = { { "0.0.0.0", true }, { "::", true }, { "0.0.0.1", false },
		{ "::1", false }, { "::ffff:0.0.0.0", false } };
	struct address address;

	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
		CHECK_ROW(address_parse(&address, rows[i].ip, 443) &&
			address_is_wildcard(&address) == rows[i].is_wildcard,
		    rows[i].ip);
}

static void
a_mapped_address_is_the_one_it_stands_for(void)
{
	static const struct row {
		const char *ip, *text;
	} rows[] = {
		{ "::ffff:192.0.2.1", "192.0.2.1:443" },
		{ "::ffff:0.0.0.0", "0.0.0.0:443" },
		{ "::1:192.0.2.1", "[::1:c000:201]:443" },
		{ "::1", "[::1]:443" },
		{ "64:ff9b::192.0.2.1", "[64:ff9b::c000:201]:443" },
		{ "192.0.2.1", "192.0.2.1:443" },
	};
	char text[ADDRESS_TEXT_SIZE];
	struct address address;

	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		CHECK_ROW(address_parse(&address, rows[i].ip, 443), rows[i].ip);
		address_unmap(&address);
		CHECK_ROW(
		    strcmp(address_text(&address, text), rows[i].text) == 0,
		    rows[i].ip);
	}
}

int
main(void)
{
	RUN(an_address_is_read_and_written);
	RUN(addresses_differ_in_family_ip_and_port);
	RUN(a_link_local_address_has_its_interface);
	RUN(an_interface_is_found_by_name_and_number);
	RUN(a_text_fits);
	RUN(a_wildcard_is_all_zeros);
	RUN(a_mapped_address_is_the_one_it_stands_for);
	return check_report();
}
