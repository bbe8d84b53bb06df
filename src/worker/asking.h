/* SPDX-License-Identifier: MIT */
/* asking.h - a connection's request to its upstream, from its begin to the
 * answer: what waits meanwhile is evidence of the upstream's health. */

#ifndef ASKING_H
#define ASKING_H

struct worker;
struct connection;

/* The request begins to be sent. */
void asking_begin(struct worker *worker, struct connection *connection);

/* An answer has come; nothing happens if the request does not wait. */
void asking_answered(struct worker *worker, struct connection *connection);

/* The request is given up, if it still waits. */
void asking_end(struct worker *worker, struct connection *connection);

#endif
