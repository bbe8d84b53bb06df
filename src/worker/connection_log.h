/* connection_log.h - what a worker says about connections: warnings, few of a
 * kind at a time, and a line for each connection that is finished. */

#ifndef CONNECTION_LOG_H
#define CONNECTION_LOG_H

#include <stdint.h>

#include "base/span.h"
#include "ipc/counters.h"

struct worker;
struct connection;

enum { CONNECTION_LOG_BURST = 10 };

/* A bucket of CONNECTION_LOG_BURST lines that gains one a second; what finds it
 * empty is counted and said with the next. */
struct warning_limit {
	unsigned tokens;
	unsigned left_out;
	int64_t gained_ms;
	const char *words; /* of what was left out last */
};

struct connection_log {
	struct warning_limit limits[FAILURES];
};

void connection_log_init(struct connection_log *log, int64_t now_ms);

/* A warning with the connection's keys and the cause, if the kind's limit
 * allows. Counts the failure in any case. */
void connection_log_failure(struct worker *worker,
    struct connection *connection, enum failure kind, const char *words,
    const char *cause);

/* The same for a tunnel that the upstream refused: its words are the cause. */
void connection_log_refusal(struct worker *worker,
    struct connection *connection, const char *words, unsigned status,
    struct span reason);

/* The line at info. */
void connection_log_closed(
    struct worker *worker, struct connection *connection);

/* When left-out warnings have to be said at the latest; DEADLINE_NEVER where
 * there are none. */
int64_t connection_log_due_ms(const struct connection_log *log);
void connection_log_suppressed(struct connection_log *log, int64_t now_ms);

#endif
