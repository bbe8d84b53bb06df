/* SPDX-License-Identifier: MIT */
/* states.h - the life of connections: which state follows, how long one may
 * last, which events it waits for, and the one way out, which counts and logs.
 * Above connection.h and the steps; below the acceptor and the loop. */

#ifndef STATES_H
#define STATES_H

#include "worker/connection.h"
#include "worker/steps.h"

/* The connection has its client, its destination and their addresses. */
void states_begin(struct worker *worker, struct connection *connection);

/* The same for a client that is refused at once, and never begins. */
void states_refuse(struct worker *worker, struct connection *connection,
    enum failure kind, const char *words, const char *cause);

/* Events of one side's socket. */
void states_step(struct worker *worker, struct connection *connection,
    enum side side, uint32_t events);

/* WAKE_DEADLINE or WAKE_NEWS. */
void states_wake(struct worker *worker, struct connection *connection,
    enum wake_reason reason);

/* The same for each pending connection. */
void states_wake_pending(struct worker *worker, enum wake_reason reason);

/* Ends it with RST on both sides, whatever its state. */
void states_abort(struct worker *worker, struct connection *connection,
    enum connection_result result);

/* The same, with a warning. */
void states_fail(struct worker *worker, struct connection *connection,
    enum failure kind, const char *words, const char *cause);

#endif
