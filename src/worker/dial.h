/* dial.h - the DIALLING state: connects to the upstream without waiting. Its
 * addresses are tried in turn, beginning with the one that answered last, each
 * with an equal share of what is left of the dial timeout. Where no address is
 * known yet, the connection waits for the master to send some. */

#ifndef DIAL_H
#define DIAL_H

#include <stdbool.h>

#include "worker/connection.h"

/* It has no address to dial as yet. */
bool dial_is_waiting(const struct connection *connection);

enum connection_state dial_step(struct worker *worker,
    struct connection *connection, enum side side, uint32_t events);

#endif
