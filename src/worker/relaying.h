/* SPDX-License-Identifier: MIT */
/* relaying.h - the RELAYING state: one plain HTTP request as a proxy request,
 * and its response. What is behind the request is read and thrown away; a FIN
 * of the client is not passed on. */

#ifndef RELAYING_H
#define RELAYING_H

#include <stdint.h>

#include "worker/connection.h"

struct worker;

/* REQUESTING, with a request in the client's flow that may be relayed. Sends
 * what it can; once a byte is sent, no other upstream is asked, and the
 * handshake ends. Returns the state that follows: REQUESTING where the upstream
 * has taken no byte yet, with the flow as it was. */
enum connection_state relaying_begin(
    struct worker *worker, struct connection *connection);

/* REQUESTING, with a request that may be repeated: makes the relay, and the
 * bytes to send. Those of the client stay in its flow. False without memory. */
bool relaying_write(const struct worker *worker, struct connection *connection,
    struct unsent *request);

/* ANSWERING, with the relay that such a request has: its response begins, so
 * that it is not repeated any more. Returns RELAYING. */
enum connection_state relaying_answered(
    struct worker *worker, struct connection *connection);

enum connection_state relaying_no_memory(struct connection *connection);

/* The client's body is not what its head said. */
enum connection_state relaying_malformed(struct connection *connection);

/* The events that the state waits for on that side. */
uint32_t relaying_interest(const struct connection *connection, enum side side);

#endif
