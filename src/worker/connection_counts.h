/* SPDX-License-Identifier: MIT */
/* connection_counts.h - counts connections, in the worker's page: by state, how
 * they end, and what their clients use. */

#ifndef CONNECTION_COUNTS_H
#define CONNECTION_COUNTS_H

#include "worker/connection_state.h"

struct connection;
struct worker;

/* It has a record of its client. */
void connection_counts_begin(
    struct worker *worker, struct connection *connection);

/* It leaves its state for the next one. */
void connection_counts_state(struct worker *worker,
    const struct connection *connection, enum connection_state next);

/* Bytes may have moved. Its client's use is counted in coarse steps: a tunnel
 * does not feel it. */
void connection_counts_progress(
    struct worker *worker, struct connection *connection);

/* Each connection that was accepted is counted once. */
void connection_counts_end(
    struct worker *worker, struct connection *connection);

#endif
