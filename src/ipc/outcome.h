/* SPDX-License-Identifier: MIT */
/* outcome.h - how connections end, and what upstreams refuse: the kinds that
 * are counted, and their names in the log and the totals. */

#ifndef OUTCOME_H
#define OUTCOME_H

/* How a connection ended. A connection that failed before it was a tunnel is
 * counted by its failure instead, so that each is counted once. */
enum connection_result {
	RESULT_DONE,
	RESULT_CLIENT_RESET,
	RESULT_UPSTREAM_RESET,
	RESULT_IDLE_TIMEOUT,
	RESULT_DRAINED,
	RESULT_ERROR,
};
enum { RESULTS = RESULT_ERROR + 1 };

/* Why a connection that was accepted did not become a tunnel. */
enum failure {
	FAILURE_NOT_REDIRECTED,
	FAILURE_NO_ENTRY,
	FAILURE_FORBIDDEN,
	FAILURE_LOOP,
	FAILURE_DIAL,
	FAILURE_NO_LOCAL_PORT,
	FAILURE_REFUSED,
	FAILURE_MALFORMED,
	FAILURE_MALFORMED_REQUEST,
	FAILURE_RESPONSE_TIMEOUT,
	FAILURE_CLIENT_LIMIT,
	FAILURE_EVICTED,
	FAILURE_INTERNAL,
};
enum { FAILURES = FAILURE_INTERNAL + 1 };

/* Statuses of refusals that are counted apart; the last stands for all others.
 */
enum { REFUSAL_STATUSES = 12 };

/* How the look for a host's name ended. */
enum sniff_outcome {
	SNIFF_TLS, /* a name, in a ClientHello */
	SNIFF_HTTP, /* a name, in a request */
	SNIFF_NO_NAME, /* there is none in what came */
	SNIFF_LIMIT, /* not within -sniff-max-bytes */
	SNIFF_TIMEOUT,
	SNIFF_CLIENT_END, /* the client ended its stream before */
};
enum { SNIFF_OUTCOMES = SNIFF_CLIENT_END + 1 };

const char *sniff_outcome_name(enum sniff_outcome outcome);
const char *result_name(enum connection_result result);
const char *failure_name(enum failure failure);

/* The index in `refused` of a status, and the index's name: the status or
 * "other". */
unsigned refusal_index(unsigned status);
const char *refusal_name(unsigned index);

#endif
