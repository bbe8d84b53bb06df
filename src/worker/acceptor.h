/* SPDX-License-Identifier: MIT */
/* acceptor.h - takes clients from the shared listener, as many as there is
 * room for. The memory and descriptors for a client are reserved before it is
 * accepted; without them the worker stops accepting, and the kernel's queue
 * holds the others.
 * A new client wakes all workers that wait for one, so two workers are on duty
 * at a time, in slots that need no agreement but the clock. A worker woken off
 * duty ignores the listener until its next slot, unless more clients came than
 * one burst takes. Without clients nobody is woken, and all workers wait. */

#ifndef ACCEPTOR_H
#define ACCEPTOR_H

#include <stdbool.h>
#include <stdint.h>

struct worker;

/* Reserves for the first client, if that is possible now. */
void acceptor_open(struct worker *worker);

/* Whether the loop should wait for clients now. Tells the master when the limit
 * is reached, and when it is no more. */
bool acceptor_takes_clients(struct worker *worker);

/* The listener is readable; true if there may be more clients. */
bool acceptor_run(struct worker *worker);

/* Once a turn, behind the sweep: connections may have ended and left room. */
void acceptor_take_room(struct worker *worker);

/* When to ask acceptor_takes_clients() again though no connection ends, or
 * DEADLINE_NEVER. */
int64_t acceptor_due_ms(struct worker *worker);

/* No more clients: closes the listener and releases the reserve. */
void acceptor_close(struct worker *worker);

#endif
