/* SPDX-License-Identifier: MIT */
/* upstream_test.c - what is known of an upstream's addresses when others come.
 */

#include "worker/upstream.h"

#include <string.h>

#include "check.h"

static struct upstream upstream;

static struct address
address_of(unsigned last)
{
	return (struct address){ .v4 = { .sin_family = AF_INET,
				     .sin_port = htons(3128),
				     .sin_addr.s_addr =
					 htonl(0x0a000000 + last) } };
}

/* A digit for each address, in the order in which they came. */
static void
take(const char *digits)
{
	struct upstream_addresses addresses = { .count = 0 };

	for (; *digits != '\0'; digits++)
		addresses.list[addresses.count++] =
		    address_of((unsigned)*digits);
	upstream_take(&upstream, &addresses);
}

static void
answer(char digit)
{
	struct address address = address_of((unsigned)digit);

	upstream_prefer(&upstream, &address);
}

static char
preferred(void)
{
	return (char)(ntohl(upstream.addresses.list[upstream.preferred]
				.v4.sin_addr.s_addr) &
	    0xff);
}

static void
without_an_answer_the_order_of_the_list_counts(void)
{
	memset(&upstream, 0, sizeof upstream);
	take("2");
	CHECK(preferred() == '2');
	take("12");
	CHECK(preferred() == '1');
}

static void
the_address_that_answered_last_is_preferred_while_it_is_there(void)
{
	memset(&upstream, 0, sizeof upstream);
	take("12");
	answer('2');
	take("312");
	CHECK(preferred() == '2');
	take("31");
	CHECK(preferred() == '3');
	take("13");
	CHECK(preferred() == '1');
	answer('9');
	CHECK(preferred() == '1');
}

static void
silence_goes_with_its_address(void)
{
	memset(&upstream, 0, sizeof upstream);
	take("123");
	upstream.silent_until_ms[1] = 7;
	take("234");
	CHECK(upstream.silent_until_ms[0] == 7);
	CHECK(upstream.silent_until_ms[1] == 0);
	answer('2');
	CHECK(upstream.silent_until_ms[0] == 0);
}

int
main(void)
{
	RUN(without_an_answer_the_order_of_the_list_counts);
	RUN(the_address_that_answered_last_is_preferred_while_it_is_there);
	RUN(silence_goes_with_its_address);
	return check_report();
}
