/* SPDX-License-Identifier: MIT */
/* quantity.h - numbers as people read them: counts, bytes, times. ASCII, so
 * that they fit each format as they are. Status process. Pure. */

#ifndef QUANTITY_H
#define QUANTITY_H

#include <stdint.h>

/* By value: quantity_count(n).text lives to the end of the expression. */
struct quantity {
	char text[40];
};

struct quantity quantity_count(uint64_t count); /* "1,204" */
struct quantity quantity_bytes(uint64_t bytes); /* "9.1 GiB" */
struct quantity quantity_bits(double bytes_a_second); /* "84 Mbit/s" */
struct quantity quantity_rate(double a_second); /* "12.4", "0.03" */
struct quantity quantity_percent(uint64_t part, uint64_t whole); /* "6 %" */

/* "90 ms", "1.6 s", "41 s"; "-" for a negative number. */
struct quantity quantity_ms(int64_t ms);

/* In seconds always: "0.09 s". */
struct quantity quantity_seconds(int64_t ms);

/* "8 s", "14 min", "3 h 5 min", "41 d 3 h". */
struct quantity quantity_age(int64_t seconds);

/* UTC: "13:52:07", with the date where it is not within 12 hours before `now`;
 * "never" for 0. */
struct quantity quantity_clock(int64_t time, int64_t now);

#endif
