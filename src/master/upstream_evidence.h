/* SPDX-License-Identifier: MIT */
/* upstream_evidence.h - what workers say of an upstream at one moment, and what
 * the master makes of it: whether it is down, since when, its last failure.
 * Master only. */

#ifndef UPSTREAM_EVIDENCE_H
#define UPSTREAM_EVIDENCE_H

#include <stdbool.h>

#include "master/child.h"
#include "master/worker_books.h"

/* Since the last look. */
struct upstream_news {
	bool has_gone_down, has_answered; /* for a worker that takes clients */
	bool has_dial, last_dial_failed;
	uint32_t last_dial; /* when, in the lower bits of a worker's clock */
};

/* Of all workers. All bytes 0: none has said anything. */
struct upstream_evidence {
	struct upstream_news news; /* of those that died meanwhile, too */
	unsigned voters, down; /* workers that take clients */
	uint32_t open;
	struct upstream_wait wait;
	uint32_t address; /* index of the one that answered last */
};

struct upstream_condition {
	bool can_fail_over; /* it is not alone in some list */
	bool is_down;
	int64_t since_ms; /* of that */
	int64_t went_down_ms, answered_ms; /* the latest evidence */
	int64_t failed_ms; /* 0: never */
	char failed_words[FAILURE_WORDS_SIZE];
};

/* What was so at the last look; the news stay. */
void upstream_evidence_clear(struct upstream_evidence *evidence);

/* Adds what the worker says of the upstream with this index of its own. */
void upstream_evidence_read(struct upstream_evidence *evidence,
    const struct child *worker, unsigned index, int64_t now_ms);

void upstream_condition_note_failure(struct upstream_condition *condition,
    struct last_failure *failure, int64_t now_ms);

/* Alone, an upstream is down from a failed dial to the next good one. Among
 * others it is down while a worker says so, unless another one has connected to
 * it since. */
void upstream_condition_conclude(struct upstream_condition *condition,
    const struct upstream_evidence *evidence, int64_t now_ms);

#endif
