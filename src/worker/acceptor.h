/* acceptor.h - takes clients from the shared listener, as many as there is
 * room for: what a client will need is reserved before it is accepted, and
 * without it the listener rests; the kernel's queue holds the others.
 * A new client wakes all that wait for one. So two workers are on duty at any
 * time, in slots of DUTY_MS that need no agreement but the clock; one that was
 * woken and is not waits for no client until its next slot, unless there are
 * more than it took at once: then all are needed. Where there are no clients
 * nobody is woken, and all wait. */

#ifndef ACCEPTOR_H
#define ACCEPTOR_H

#include <stdbool.h>
#include <stdint.h>

struct worker;
struct connection;

struct acceptor {
	struct connection *spare; /* owned: the next client's, or NULL */
	bool full; /* the master knows: at the limit */
	bool out_of_resources; /* the log knows: no descriptor, no memory */
	int64_t retry_ms; /* when that may have changed */
	int64_t duty_from_ms; /* its next duty slot */
};

/* Reserves what the first client will need, if that is possible now. */
void acceptor_open(struct worker *worker);

/* Whether the loop should wait for clients now; tells the master where that
 * changes because of the limit. */
bool acceptor_wants_client(struct worker *worker);

/* The listener is readable. */
void acceptor_run(struct worker *worker);

/* A connection has ended: there may be room again. */
void acceptor_capacity_freed(struct worker *worker);

/* When to look again although no connection ends; DEADLINE_NEVER. */
int64_t acceptor_due_ms(const struct worker *worker);

/* No more clients: closes the listener and gives the spare back. */
void acceptor_close(struct worker *worker);

#endif
