/* SPDX-License-Identifier: MIT */
/* vanished.h - whether a peer has vanished with bytes under way to it.
 * TCP keepalive asks only where nothing is under way, and the kernel sends
 * again for a quarter of an hour. A peer that acknowledges, but takes nothing,
 * has not vanished. tcp(7), TCP_INFO. */

#ifndef VANISHED_H
#define VANISHED_H

#include <stdint.h>

enum { VANISHED_AFTER_MS = 2 * 60 * 1000 };

/* What the kernel says of a socket. */
struct vanished_facts {
	unsigned unacked; /* segments that were sent and not acknowledged */
	unsigned probes; /* of a closed window, unanswered */
	int64_t acked_ms; /* how long ago the last acknowledgement came */
};

/* How long the peer may still be silent: 0 or less, it has vanished;
 * DEADLINE_NEVER, nothing is under way. *since_ms, 0 before the first call, is
 * when bytes were first seen to be under way; the last acknowledgement may be
 * much older, if the tunnel was idle before. */
int64_t vanished_left_ms(
    int64_t *since_ms, const struct vanished_facts *facts, int64_t now_ms);

/* The same for what the kernel says of the socket; DEADLINE_NEVER where it says
 * nothing. */
int64_t vanished_check(int fd, int64_t *since_ms, int64_t now_ms);

#endif
