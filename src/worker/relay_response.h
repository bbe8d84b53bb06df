/* SPDX-License-Identifier: MIT */
/* relay_response.h - the response to a relayed request: held back until its
 * status is known, then passed on untouched. */

#ifndef RELAY_RESPONSE_H
#define RELAY_RESPONSE_H

#include "worker/connection.h"

struct worker;

/* The upstream is readable. Returns the state that follows. */
enum connection_state relay_response_read(
    struct worker *worker, struct connection *connection);

/* The upstream has ended before the response's status was known. */
enum connection_state relay_response_end(
    struct worker *worker, struct connection *connection);

#endif
