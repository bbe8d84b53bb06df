/* SPDX-License-Identifier: MIT */
/* sums.h - what a worker has counted, as far as it can be true: no sum falls,
 * and its books balance, whatever moment its page is read at and whatever it
 * writes there. Master only. */

#ifndef SUMS_H
#define SUMS_H

#include "ipc/counters.h"

/* Of some, there is one for each kind. */
enum sum {
	SUM_ENDED,
	SUM_FAILED = SUM_ENDED + RESULTS,
	SUM_ACCEPTED = SUM_FAILED + FAILURES,
	SUM_TUNNELLED,
	SUM_RELAYED,
	SUM_DIRECT,
	SUM_SENT,
	SUM_RECEIVED,
	SUM_SPLICED,
	SUM_READY_TAKEN,
	SUM_READY_EXPIRED,
	SUM_READY_STALE,
	SUM_REFUSED,
	SUM_SNIFFS = SUM_REFUSED + REFUSAL_STATUSES,
	SUMS = SUM_SNIFFS + SNIFF_OUTCOMES,
};

struct sums {
	uint64_t values[SUMS];
};

/* accepted = open + ended + failed. A worker's open connections never exceed
 * `limit`, the most that it was ever allowed. */
void sums_read(struct sums *sums, struct counters *counters, unsigned limit);
void sums_add(struct sums *all, const struct sums *more);
uint64_t sums_open(const struct sums *sums);
uint64_t sums_failed(const struct sums *sums);

/* Of one upstream. */
struct upstream_sums {
	uint64_t dialled, dial_failures, refused;
	struct histogram connect, answer;
};

void upstream_sums_read(
    struct upstream_sums *sums, struct upstream_counters *counters);
void upstream_sums_add(
    struct upstream_sums *all, const struct upstream_sums *more);

/* The greater one; what a worker cannot have counted is not believed. */
uint64_t sums_raise(uint64_t sum, uint64_t counted);

#endif
