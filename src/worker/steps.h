/* SPDX-License-Identifier: MIT */
/* steps.h - the steps of a connection's states: a function for each, in a file
 * of its name.
 * A step is called once with WAKE_ENTERED when its state is entered, and then
 * whenever something happens. It returns the state that follows, or its own to
 * wait. Only states.c calls it. */

#ifndef STEPS_H
#define STEPS_H

#include <stdint.h>

#include "worker/connection.h"

/* Why a step runs. */
enum wake_reason {
	WAKE_ENTERED, /* its state has just been entered */
	WAKE_EVENT, /* of one side's socket, as socket_set.h has them */
	WAKE_DEADLINE, /* it must move its deadline, or leave the state */
	WAKE_NEWS, /* the master sent addresses, or an upstream is down */
};

struct wake {
	enum wake_reason reason;
	enum side side; /* of WAKE_EVENT, as the next */
	uint32_t events;
};

typedef enum connection_state connection_step(struct worker *worker,
    struct connection *connection, const struct wake *wake);

/* Collects the client's first bytes until a scanner has found a name in them,
 * all have said that there is none, or a bound is reached. The bytes stay in
 * the client's flow for the tunnel. Entered if sniff_init() said so. */
connection_step sniffing_step;

/* Chooses the upstream that is asked next, or direct. */
connection_step routing_step;

/* Waits until the master sends an address. */
connection_step waiting_step;

/* Connects to the addresses in turn without ever blocking. */
connection_step dialling_step;

/* Sends CONNECT for the sniffed name or the original address, or the beginning
 * of a plain HTTP request. */
connection_step requesting_step;

/* The events that it waits for on that side. */
uint32_t requesting_interest(
    const struct connection *connection, enum side side);

/* Reads the response header; bytes behind it are the origin's first. */
connection_step answering_step;

/* Moves bytes both ways; see tunnel.h. */
connection_step tunnelling_step;

/* Sends the rewritten head and the body of one request; reads what is behind it
 * and throws it away. Passes the response on, then its end. */
connection_step relaying_step;

#endif
