/* SPDX-License-Identifier: MIT */
/* failover.h - the upstream that a connection is at has failed it: the
 * connection goes on to the next of its list, or fails. For the steps of the
 * states up to the answer. */

#ifndef FAILOVER_H
#define FAILOVER_H

#include "worker/connection.h"

/* As connection_fail(), but returns CONNECTION_ROUTING where another upstream
 * is left. A cause of NULL: the upstream's answer has refused. */
enum connection_state failover(struct worker *worker,
    struct connection *connection, enum failure kind, const char *words,
    const char *cause);

/* The upstream has ended the exchange, or its answer is no HTTP: the same, and
 * the upstream is suspected. */
enum connection_state failover_bad_answer(
    struct worker *worker, struct connection *connection, const char *cause);

/* Some upstream has changed. Where the connection is at one that is down while
 * another is up, as failover(); else the connection's state. */
enum connection_state failover_at_news(
    struct worker *worker, struct connection *connection);

#endif
