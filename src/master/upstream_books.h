/* SPDX-License-Identifier: MIT */
/* upstream_books.h - what all workers have counted of each upstream, by its
 * name: a reload may give it another index, or take it out of the list and put
 * it back. Also whether it is down, since when, and its last failure. Master
 * only.
 */

#ifndef UPSTREAM_BOOKS_H
#define UPSTREAM_BOOKS_H

#include "config/config.h"
#include "ipc/snapshot.h"
#include "master/children.h"
#include "master/upstream_evidence.h"
#include "master/worker_books.h"

/* Those of the configuration, `direct`, and some former ones, whose numbers are
 * lost when more others have come. */
enum { UPSTREAM_BOOKS = 2 * UPSTREAM_COUNTERS, BOOK_OF_DIRECT = 0 };

/* A state of five minutes ago, of ten, ..., of an hour. */
enum { HOUR_MARKS = 12, HOUR_MARK_MS = 5 * 60 * 1000 };

struct upstream_book {
	char name[SNAPSHOT_NAME_SIZE]; /* "": free */
	struct upstream_sums of_dead, all;
	struct upstream_condition condition;
	struct upstream_evidence now;
	struct {
		struct histogram connect, answer;
	} marks[HOUR_MARKS];
};

struct upstream_books {
	unsigned generation; /* of the configuration's names */
	uint8_t current[UPSTREAM_COUNTERS]; /* by index; NO_BOOK: no upstream */
	unsigned mark; /* the oldest */
	struct upstream_book list[UPSTREAM_BOOKS];
};

/* At the start, and when the configuration may be another one. */
void upstream_books_configure(struct upstream_books *books,
    const struct config *config, unsigned generation,
    const struct children *children, int64_t now_ms);

/* A worker has been forked with the configuration as it is. */
void upstream_books_begin(
    const struct upstream_books *books, struct worker_books *worker);

/* Each second: clears what the workers said last; then for each worker; then
 * what follows from it. */
void upstream_books_clear(struct upstream_books *books);
void upstream_books_read(
    struct upstream_books *books, const struct child *child, int64_t now_ms);
void upstream_books_conclude(struct upstream_books *books, int64_t now_ms);

/* The worker is dead; its page has been read for the last time. */
void upstream_books_bury(
    struct upstream_books *books, const struct worker_books *worker);

/* Every HOUR_MARK_MS. */
void upstream_books_mark(struct upstream_books *books);

#endif
