/* SPDX-License-Identifier: MIT */
/* quantity_test.c - numbers as people read them. */

#include "status/quantity.h"

#include <string.h>

#include "check.h"

#define IS(quantity, wanted) \
	CHECK_ROW(strcmp((quantity).text, (wanted)) == 0, wanted)

static void
counts_have_their_thousands_apart(void)
{
	IS(quantity_count(0), "0");
	IS(quantity_count(999), "999");
	IS(quantity_count(1000), "1,000");
	IS(quantity_count(45120), "45,120");
	IS(quantity_count(123456), "123,456");
	IS(quantity_count(UINT64_MAX), "18,446,744,073,709,551,615");
}

static void
sizes_have_the_unit_that_fits(void)
{
	IS(quantity_bytes(0), "0 B");
	IS(quantity_bytes(1023), "1023 B");
	IS(quantity_bytes(1024), "1.0 KiB");
	IS(quantity_bytes(1024 * 1024 - 1), "1.0 MiB");
	IS(quantity_bytes(UINT64_C(9800000000)), "9.1 GiB");
	IS(quantity_bytes(UINT64_MAX), "16 EiB");
	IS(quantity_bits(0), "0 bit/s");
	IS(quantity_bits(124), "992 bit/s");
	IS(quantity_bits(10500000), "84 Mbit/s");
	IS(quantity_bits(125e9), "1.0 Tbit/s");
}

static void
rates_and_shares_never_hide_what_is_there(void)
{
	IS(quantity_rate(0), "0");
	IS(quantity_rate(0.0333), "0.03");
	IS(quantity_rate(12.42), "12.4");
	IS(quantity_rate(1234.5), "1234");
	IS(quantity_percent(0, 0), "-");
	IS(quantity_percent(0, 10), "0 %");
	IS(quantity_percent(1, UINT64_MAX), "< 0.1 %");
	IS(quantity_percent(31, 1000), "3.1 %");
	IS(quantity_percent(1, 2), "50 %");
	IS(quantity_percent(9999, 10000), "> 99.9 %");
	IS(quantity_percent(10, 10), "100 %");
	IS(quantity_percent(20, 10), "200 %");
}

static void
times_are_as_long_as_they_need(void)
{
	IS(quantity_ms(-1), "-");
	IS(quantity_ms(0), "0 ms");
	IS(quantity_ms(949), "949 ms");
	IS(quantity_ms(999), "1.0 s");
	IS(quantity_ms(1600), "1.6 s");
	IS(quantity_ms(9949), "9.9 s");
	IS(quantity_ms(41000), "41 s");
	IS(quantity_seconds(4), "0.004 s");
	IS(quantity_seconds(90), "0.09 s");
	IS(quantity_seconds(940), "0.94 s");
	IS(quantity_seconds(1600), "1.6 s");
	IS(quantity_age(-5), "0 s");
	IS(quantity_age(59), "59 s");
	IS(quantity_age(14 * 60 + 59), "14 min");
	IS(quantity_age(3600), "1 h");
	IS(quantity_age(3 * 3600 + 5 * 60), "3 h 5 min");
	IS(quantity_age(41 * 86400 + 3 * 3600), "41 d 3 h");
}

static void
clocks_have_the_date_where_it_is_not_today(void)
{
	const int64_t now = INT64_C(1795442822);

	IS(quantity_clock(0, now), "never");
	IS(quantity_clock(now, now), "14:07:02");
	IS(quantity_clock(now - 14 * 60, now), "13:53:02");
	IS(quantity_clock(now - 86400, now), "2026-11-22 14:07");
	IS(quantity_clock(now + 86400, now), "2026-11-24 14:07");
	/* More than 32 bits. */
	IS(quantity_clock(4102444800, now), "2100-01-01 00:00");
}

int
main(void)
{
	RUN(counts_have_their_thousands_apart);
	RUN(sizes_have_the_unit_that_fits);
	RUN(rates_and_shares_never_hide_what_is_there);
	RUN(times_are_as_long_as_they_need);
	RUN(clocks_have_the_date_where_it_is_not_today);
	return check_report();
}
