/* report.h - what a worker says about connections: warnings, few of a kind at
 * a time, and a line for each connection that is finished. */

#ifndef REPORT_H
#define REPORT_H

#include <stdint.h>

#include "base/span.h"
#include "ipc/counters.h"

struct worker;
struct connection;

enum { REPORT_BURST = 10 };

/* A bucket of REPORT_BURST lines that gains one a second; what finds it empty
 * is counted and said with the next. */
struct report_limit {
	unsigned tokens;
	unsigned left_out;
	int64_t gained_ms;
	const char *words; /* of what was left out last */
};

struct report {
	struct report_limit limits[FAILURES];
};

void report_init(struct report *report, int64_t now_ms);

/* A warning with the connection's keys and the cause, if the kind's limit
 * allows. Counts the failure in any case. */
void report_failure(struct worker *worker, struct connection *connection,
    enum failure kind, const char *words, const char *cause);

/* The same for a tunnel that the upstream refused: its words are the cause. */
void report_refusal(struct worker *worker, struct connection *connection,
    const char *words, unsigned status, struct span reason);

/* The line at info. */
void report_closed(struct worker *worker, struct connection *connection);

/* When left-out warnings have to be said at the latest; DEADLINE_NEVER where
 * there are none. */
int64_t report_due_ms(const struct report *report);
void report_left_out(struct report *report, int64_t now_ms);

#endif
