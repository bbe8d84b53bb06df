/* SPDX-License-Identifier: MIT */
/* recheck.h - when a connection is looked at again although no event has come:
 * the kernel was short of memory, or a peer may have vanished. */

#ifndef RECHECK_H
#define RECHECK_H

#include <stdint.h>

struct worker;
struct connection;

enum {
	RECHECK_SHORTAGE_MS = 100, /* a call that lacked memory is made again */
	RECHECK_PEERS_MS = 30 * 1000, /* the peers must acknowledge */
};

/* Brings the deadline forward, if it is later than that. */
void recheck_in(
    struct worker *worker, struct connection *connection, int64_t ms);

/* How long both peers may still be silent; see vanished_left_ms(). */
int64_t recheck_peers_left_ms(
    const struct worker *worker, struct connection *connection);

#endif
