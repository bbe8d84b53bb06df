/* SPDX-License-Identifier: MIT */
/* snapshot_parts.h - what a snapshot has several of. See snapshot.h, also for
 * the units. Any process. */

#ifndef SNAPSHOT_PARTS_H
#define SNAPSHOT_PARTS_H

#include <stdbool.h>
#include <stdint.h>

#include "base/address.h"
#include "ipc/histogram.h"

enum { SNAPSHOT_NAME_SIZE = 264, SNAPSHOT_WORDS_SIZE = 64 };

/* What happened in one minute, or in one second. */
struct snapshot_period {
	int64_t begin; /* 0: before the start */
	uint32_t accepted, tunnelled, failed; /* tunnelled: of each mode */
	uint32_t open, waiting, oldest_ms; /* the most at once */
	uint64_t sent, received; /* bytes */
	struct histogram answers; /* of all upstreams */
};
struct snapshot_upstream {
	char name[SNAPSHOT_NAME_SIZE]; /* as configured; empty: not in use */
	char address[ADDRESS_TEXT_SIZE]; /* that was used last, or empty */
	bool is_down; /* by the latest evidence of any worker */
	unsigned workers, workers_down; /* that serve; that say so */
	int64_t since; /* of its state */
	uint32_t open, waiting, oldest_ms; /* now */
	uint64_t dialled, dial_failures, refused;
	struct histogram connect, answer; /* since the start */
	struct histogram hour_connect, hour_answer;
	int64_t last_failure;
	char last_failure_words[SNAPSHOT_WORDS_SIZE]; /* "status 403" */
};

struct snapshot_failure {
	uint64_t count, hour;
	int64_t last;
};

struct snapshot_client {
	char address[ADDRESS_TEXT_SIZE]; /* of IPv6 the /64; empty: none */
	uint32_t open;
	uint64_t accepted, failed, sent, received;
};

struct snapshot_worker {
	unsigned number;
	int32_t pid;
	bool is_draining;
	uint32_t open, waiting;
	uint64_t accepted, cpu_ms, restarts;
};

#endif
