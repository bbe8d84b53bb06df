/* SPDX-License-Identifier: MIT */
/* connection_state.h - the states of a connection, and why it failed.
 *
 *   SNIFFING -> ROUTING -> DIALLING -> REQUESTING -> ANSWERING -> TUNNELLING
 *                                   -> RELAYING
 *
 * WAITING between ROUTING and DIALLING, while no address is known. Back to
 * ROUTING from each state between, if another upstream is left when one has
 * failed; from ROUTING to REQUESTING with a ready socket, and to DIALLING from
 * REQUESTING or ANSWERING if that was stale; from DIALLING to TUNNELLING where
 * no upstream is asked (`direct`); to DONE from any of them. */

#ifndef CONNECTION_STATE_H
#define CONNECTION_STATE_H

#include "ipc/outcome.h"

/* The order means nothing; what is true of a state is in its row in states.c.
 */
enum connection_state {
	CONNECTION_RESERVED, /* has no client yet */
	CONNECTION_SNIFFING, /* looks for a name in the first bytes */
	CONNECTION_ROUTING, /* chooses the upstream; never waits */
	CONNECTION_WAITING, /* no address of the upstream is known */
	CONNECTION_DIALLING, /* connect(2) is in flight */
	CONNECTION_REQUESTING, /* sends CONNECT, or a plain HTTP request */
	CONNECTION_ANSWERING, /* reads the upstream's response header */
	CONNECTION_TUNNELLING, /* bytes go both ways */
	CONNECTION_RELAYING, /* one plain HTTP request and its response */
	CONNECTION_DONE,
};
enum { CONNECTION_STATES = CONNECTION_DONE + 1 };

/* Why it failed, until its end is logged. */
struct connection_failure {
	enum failure kind;
	const char *words; /* NULL: it did not fail */
	const char *cause; /* NULL: the upstream's status and reason */
};

#endif
