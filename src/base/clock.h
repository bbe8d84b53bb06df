/* SPDX-License-Identifier: MIT */
/* clock.h - two clocks: a steady one for all deadlines, and the time of day,
 * for the log alone. Any process. Keeps no state. */

#ifndef CLOCK_H
#define CLOCK_H

#include <stdint.h>

/* Milliseconds since a fixed moment; never runs backwards. */
int64_t clock_now_ms(void);

enum { CLOCK_TEXT_SIZE = sizeof "2026-11-23T06:01:55.123Z" };

/* The time of day in UTC with milliseconds, in the format of RFC 3339. */
void clock_utc_text(char text[CLOCK_TEXT_SIZE]);

#endif
