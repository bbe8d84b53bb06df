/* clock.h - the two clocks: one that never jumps, for every deadline, and the
 * calendar, for the log alone. Any process; asks the system, keeps nothing. */

#ifndef CLOCK_H
#define CLOCK_H

#include <stdint.h>

/* Milliseconds since some fixed moment; never runs backwards. */
int64_t clock_now_ms(void);

enum { CLOCK_TEXT_SIZE = sizeof "2026-11-23T06:01:55.123Z" };

/* The time of day in UTC as RFC 3339 writes it, with milliseconds. */
void clock_utc_text(char text[CLOCK_TEXT_SIZE]);

#endif
