/* SPDX-License-Identifier: MIT */
/* snapshot.h - all that the status process shows, but for the list of tunnels:
 * the master writes it once a second, the status process reads it. Times of the
 * clock are in seconds since 1970, 0: never. Any process. */

#ifndef SNAPSHOT_H
#define SNAPSHOT_H

#include <stdbool.h>
#include <stdint.h>

#include "base/upstream_addresses.h"
#include "ipc/outcome.h"
#include "ipc/snapshot_parts.h"

enum {
	SNAPSHOT_UPSTREAMS = UPSTREAMS_MAX + 1, /* the last is `direct` */
	SNAPSHOT_WORKERS = 32, /* shown; the sums are of all */
	SNAPSHOT_CLIENTS = 10,
	SNAPSHOT_MINUTES = 60,
	SNAPSHOT_SECONDS = 60,
	/* Of connections: worker/connection_state.h, SNIFFING to RELAYING. */
	SNAPSHOT_STATES = 8,
	SNAPSHOT_SNIFFS = SNIFF_OUTCOMES,
};

struct snapshot {
	int64_t now, started, last_reload; /* started: of the master */
	int64_t last_restart; /* of a worker that died */
	bool last_reload_failed;
	char host[SNAPSHOT_WORDS_SIZE]; /* name of this machine */
	char limit_cause[SNAPSHOT_WORDS_SIZE]; /* what bounds the capacity */
	uint32_t limit, open, states[SNAPSHOT_STATES];
	uint32_t accept_queue, accept_queue_limit;
	uint32_t local_ports_used, local_ports; /* 0: not known */
	/* By CONNECT, as proxy requests, to the destination itself. */
	uint64_t tunnelled, relayed, direct;
	uint64_t accepted, sent, received, spliced;
	/* accepted = the sums of states, ended, failed, and crashed: those that
	 * were open in a worker that died. */
	uint64_t ended[RESULTS], crashed, refused[REFUSAL_STATUSES];
	uint64_t sniffs[SNAPSHOT_SNIFFS];
	uint64_t ready_taken, ready_expired, ready_stale;
	uint64_t worker_restarts, log_lines_dropped;
	struct snapshot_failure failed[FAILURES];
	uint32_t workers_alive; /* all, those that drain too */
	/* Of the lists below; worker_count may be less than workers_alive. */
	unsigned worker_count, client_count, minute_count, second_count;
	struct snapshot_upstream upstreams[SNAPSHOT_UPSTREAMS];
	struct snapshot_worker workers[SNAPSHOT_WORKERS];
	struct snapshot_client clients[SNAPSHOT_CLIENTS]; /* most bytes first */
	/* The first is the oldest. The last minute is under way. */
	struct snapshot_period minutes[SNAPSHOT_MINUTES];
	struct snapshot_period seconds[SNAPSHOT_SECONDS];
};

/* "sniffing": of an index of `states`, in metrics and JSON. */
const char *snapshot_state_name(unsigned state);

#endif
