/* SPDX-License-Identifier: MIT */
/* brake.h - keeps a worker from asking an upstream that refuses its credentials
 * again and again: accounts get locked for that. After BRAKE_REFUSALS refusals
 * in a row one request a minute may try. Pure. */

#ifndef BRAKE_H
#define BRAKE_H

#include <stdbool.h>
#include <stdint.h>

enum { BRAKE_REFUSALS = 3, BRAKE_PAUSE_MS = 60 * 1000 };

/* All bytes 0: nothing was refused. */
struct brake {
	unsigned refusals; /* in a row, BRAKE_REFUSALS at most */
	int64_t next_ms; /* the next request may try then */
};

/* The credentials were refused. */
void brake_refused(struct brake *brake, int64_t now_ms);

/* They were not: the row ends. */
void brake_release(struct brake *brake);

/* Whether no request may go out now. */
bool brake_holds(const struct brake *brake, int64_t now_ms);

/* Whether a request may go out now; it counts as the one of its minute. */
bool brake_lets_pass(struct brake *brake, int64_t now_ms);

#endif
