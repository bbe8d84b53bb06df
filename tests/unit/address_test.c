/* address_test.c - addresses and their text. */

#include "base/address.h"

#include <string.h>

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
	};
	char text[ADDRESS_TEXT_SIZE];
	struct address address;

	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		CHECK_ROW(address_parse(&address, rows[i].ip, 443), rows[i].ip);
		CHECK_ROW(
		    strcmp(address_text(&address, text), rows[i].text) == 0,
		    rows[i].ip);
		CHECK_ROW(address_port(&address) == 443, rows[i].ip);
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
	RUN(a_mapped_address_is_the_one_it_stands_for);
	return check_report();
}
