/* SPDX-License-Identifier: MIT */
/* upstream_counts.h - counts what an upstream does, in the worker's page:
 * dials, answers, refusals, how long they took, and the last failure. `direct`
 * counts as an upstream. */

#ifndef UPSTREAM_COUNTS_H
#define UPSTREAM_COUNTS_H

#include <stdbool.h>

struct connection;
struct worker;

/* A dial begins or is over. One of `direct` waits for its destination, not for
 * an upstream. */
void upstream_counts_dialling(struct worker *worker,
    const struct connection *connection, bool is_dialling);

/* How long it took is noted in the connection. */
void upstream_counts_connected(
    struct worker *worker, const struct connection *connection);
void upstream_counts_dial_failed(
    struct worker *worker, const struct connection *connection);
void upstream_counts_answered(
    struct worker *worker, const struct connection *connection);

/* The answer's status is no tunnel, or wants credentials. */
void upstream_counts_refused(struct worker *worker,
    const struct connection *connection, unsigned status);

/* The failure that is noted in the connection is the upstream's last one,
 * unless it is of a kind that has nothing to do with upstreams. */
void upstream_counts_failed(
    struct worker *worker, const struct connection *connection);

#endif
