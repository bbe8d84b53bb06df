/* SPDX-License-Identifier: MIT */
/* ready_use.h - a connection takes a ready socket in place of a dial. The
 * upstream may have ended it meanwhile: then the connection dials after all,
 * once, and nobody hears of it. */

#ifndef READY_USE_H
#define READY_USE_H

#include "worker/connection.h"

/* ROUTING: the connection is at its upstream, and may be asked for at once.
 * True if it has a ready socket now; false: it has to dial. */
bool ready_take(struct worker *worker, struct connection *connection);

/* Whether the connection has a socket that was ready, so that the next is what
 * follows if the upstream ends it before an answer. */
bool ready_was_taken(const struct connection *connection);

/* REQUESTING or ANSWERING: gives the socket up. Returns DIALLING. */
enum connection_state ready_retry(
    struct worker *worker, struct connection *connection, const char *cause);

#endif
