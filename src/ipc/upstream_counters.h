/* SPDX-License-Identifier: MIT */
/* upstream_counters.h - a worker's counts of one upstream, or of `direct`: a
 * part of its page, see counters.h. Any process. */

#ifndef UPSTREAM_COUNTERS_H
#define UPSTREAM_COUNTERS_H

#include <stdbool.h>

#include "ipc/counter.h"
#include "ipc/histogram.h"

/* What took longer than the last bound is in the last bucket. */
struct duration_counters {
	struct counter buckets[HISTOGRAM_BUCKETS + 1];
	struct counter sum_ms;
};

enum { FAILURE_WORDS_SIZE = 64 };

/* With a request that has waited for so long, an upstream is slow to answer. */
enum { UPSTREAM_SLOW_MS = 10 * 1000 };

struct last_failure {
	_Atomic uint32_t changes; /* 0: there was none */
	_Atomic uint32_t at_s; /* of the clock that the worker runs by */
	_Atomic uint32_t words[FAILURE_WORDS_SIZE / sizeof(uint32_t)];
};

struct upstream_counters {
	_Atomic uint32_t is_down; /* 1: for this worker */
	_Atomic uint32_t open; /* connections that are at it now */
	_Atomic uint32_t waiting; /* requests that wait for its answer */
	_Atomic uint32_t oldest_ms; /* lower half of when the first was sent */
	_Atomic uint32_t dialling; /* connections that wait for connect(2) */
	_Atomic uint32_t unanswered_ms; /* since when none was connected */
	struct counter dialled; /* dials that connected */
	struct counter dial_failures;
	_Atomic uint32_t last_dial; /* see upstream_counters_note_dial() */
	_Atomic uint32_t address; /* index of the one that answered last */
	struct counter refused; /* answers that were no tunnel */
	struct duration_counters connect, answer;
	struct last_failure last_failure;
};

/* Of connections that dial and of requests. */
struct upstream_wait {
	unsigned count;
	uint32_t oldest_ms; /* how long the oldest has waited */
};

/* A worker that was taken over may say what it likes: of more than limit it is
 * not believed. */
struct upstream_wait upstream_counters_wait(
    struct upstream_counters *counters, unsigned limit, int64_t now_ms);

/* The longer wait of both is that of the sum. */
void upstream_wait_add(
    struct upstream_wait *sum, const struct upstream_wait *wait);

/* A connection begins to dial, or its dial is over. Where one of many clients
 * leaves, the others still wait for the first answer: the wait of all is that
 * since the last success, or since the first of them began. */
void upstream_counters_begin_dial(
    struct upstream_counters *counters, int64_t now_ms);
void upstream_counters_end_dial(struct upstream_counters *counters);

void duration_counters_add(struct duration_counters *counters, int64_t time_ms);
/* All bounds of *histogram are as counted; it is not to be trusted. */
void duration_counters_read(
    struct duration_counters *counters, struct histogram *histogram);

/* How the last dial ended and when: twice the lower 31 bits of the time, and 1
 * where it failed; 0: there was none. */
void upstream_counters_note_dial(
    struct upstream_counters *counters, int64_t now_ms, bool failed);

/* The words are cut. */
void last_failure_set(
    struct last_failure *failure, int64_t now_ms, const char *words);

/* False where there was none, or it changes at this moment. The words are
 * terminated, and printable ASCII. */
bool last_failure_get(struct last_failure *failure, uint32_t *at_s,
    char words[FAILURE_WORDS_SIZE]);

#endif
