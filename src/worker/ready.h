/* SPDX-License-Identifier: MIT */
/* ready.h - ready sockets: with -ready-connections, sockets that are connected
 * to an upstream before a client comes, which so waits a round trip less. They
 * are opened only while clients go by the upstream, belong to no connection,
 * and give way to clients. How a connection takes one is in ready_use.h. */

#ifndef READY_H
#define READY_H

#include <stdbool.h>
#include <stdint.h>

struct ready_socket;
struct watch;
struct worker;

/* A connection has got to the upstream: at the end of the turn the upstream's
 * set is filled. */
void ready_want(struct worker *worker, unsigned upstream);

/* Events of a ready socket. */
void ready_step(struct worker *worker, struct watch *watch, uint32_t events);

/* What is due at worker->ready.due_ms. */
void ready_run(struct worker *worker);

/* The upstream has ended the socket, or has sent what nobody asked for. */
void ready_discard(struct worker *worker, struct ready_socket *socket);

/* A connection has more need of the descriptors: closes what is too much. */
void ready_make_room(struct worker *worker);

/* Closes the upstream's, of whatever address, or of those that are its
 * addresses no more. */
void ready_drop(struct worker *worker, unsigned upstream);
void ready_drop_others(struct worker *worker, unsigned upstream);

/* Closes all, and opens none for a minute; false if there was none. */
bool ready_drop_all(struct worker *worker);

#endif
