/* SPDX-License-Identifier: MIT */
/* warning_limit.h - the rate limit of one kind of warning: a bucket of
 * WARNING_BURST lines that gains one line a second. Lines that find it empty
 * are counted, and their number is logged later. Pure but for that line. */

#ifndef WARNING_LIMIT_H
#define WARNING_LIMIT_H

#include <stdbool.h>
#include <stdint.h>

enum { WARNING_BURST = 10 };

struct warning_limit {
	unsigned tokens;
	unsigned left_out; /* lines since the last one that was logged */
	int64_t gained_ms;
	const char *words; /* of the last line, for the line about others */
};

void warning_limit_init(struct warning_limit *limit, int64_t now_ms);

/* Whether a line with these words may be logged now; if so, *left_out is the
 * number of those that were left out before it. */
bool warning_limit_take(struct warning_limit *limit, const char *words,
    int64_t now_ms, unsigned *left_out);

/* When the lines that were left out can be logged as a number; DEADLINE_NEVER
 * where there are none. */
int64_t warning_limit_due_ms(const struct warning_limit *limit);

/* Logs their number, if that is due. */
void warning_limit_flush(struct warning_limit *limit, int64_t now_ms);

#endif
