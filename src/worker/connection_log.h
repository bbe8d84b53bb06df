/* SPDX-License-Identifier: MIT */
/* connection_log.h - the lines about connections: a warning for each that
 * failed, few of a kind at a time, and a line for each that ended. */

#ifndef CONNECTION_LOG_H
#define CONNECTION_LOG_H

#include <stdbool.h>

#include "base/text.h"

struct worker;
struct connection;
struct connection_failure;

/* The warning about a failure, if the limit of its kind allows one: the
 * connection's own, or one that it survives. `has_upstream`: the line names the
 * upstream. */
void connection_log_failure(struct worker *worker,
    const struct connection *connection,
    const struct connection_failure *failure, bool has_upstream);

/* The line at debug for a connection whose ready socket was stale. */
void connection_log_stale(const struct worker *worker,
    const struct connection *connection, const char *cause);

/* Appends the upstream as the lines have it: the address dialled, before that
 * the configured name, or `direct`. */
void connection_log_upstream(struct text *text, const struct worker *worker,
    const struct connection *connection);

/* The line at debug for a state that it has entered. */
void connection_log_state(const struct worker *worker,
    const struct connection *connection, const char *words, bool has_upstream);

/* The line at info for a connection that had begun. */
void connection_log_closed(const struct worker *worker,
    const struct connection *connection, bool has_upstream);

/* The line at info for a connection whose upstream has failed it, and which
 * goes on to `next`, an index or UPSTREAM_DIRECT. */
void connection_log_passed_over(const struct worker *worker,
    const struct connection *connection, unsigned next);

#endif
