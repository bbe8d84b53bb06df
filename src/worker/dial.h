/* dial.h - the DIALLING state: connects to the upstream without waiting. Its
 * addresses are tried in turn, beginning with the one that answered last, each
 * with an equal share of what is left of the dial timeout. Where no address is
 * known yet, the connection waits for the master to send some. */

#ifndef DIAL_H
#define DIAL_H

#include <stdbool.h>

#include "worker/connection.h"

/* Gives a connection that has its handshake a socket towards the address that
 * answered last, with all its options, perhaps one that has served before; -1
 * with errno. */
int dial_reserve_socket(struct worker *worker, struct connection *connection);

/* Keeps the upstream's socket of a delivered tunnel for another connection, if
 * it is worth that; false if it is to be closed. */
bool dial_keep_socket(struct worker *worker, struct connection *connection);

/* It has no address to dial as yet. */
bool dial_is_waiting(const struct connection *connection);

enum connection_state dial_step(struct worker *worker,
    struct connection *connection, enum side side, uint32_t events);

#endif
