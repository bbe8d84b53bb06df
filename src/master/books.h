/* SPDX-License-Identifier: MIT */
/* books.h - what all workers there ever were have counted, in numbers that
 * never fall; kept where -status-address is set, for the snapshots of
 * snapshot.h. Master only: its children do not inherit the memory. */

#ifndef BOOKS_H
#define BOOKS_H

#include "master/history.h"
#include "master/upstream_books.h"

struct books {
	int64_t started_ms, due_ms; /* the next look */
	int64_t ahead_ms; /* of the time of day to the steady clock */
	int64_t reload_ms, restart_ms; /* the last; 0: never */
	bool reload_failed;
	uint64_t restarts[CHILD_NUMBERS];
	struct sums of_dead, all;
	uint64_t crashed; /* connections that were open in workers that died */
	uint64_t open, states[SNAPSHOT_STATES]; /* their sums are the same */
	int64_t failed_ms[FAILURES]; /* the last of a kind; 0: never */
	uint64_t failed_marks[HOUR_MARKS][FAILURES];
	int64_t mark_due_ms;
	struct upstream_books upstreams;
	struct heavy_clients clients;
	struct history history;
	struct snapshot snapshot; /* the next one, while it is made */
};

/* NULL with errno. */
struct books *books_open(int64_t now_ms);

void books_close(struct books **books); /* sets it to NULL */

/* A worker was forked; its page is read from now on. */
void books_begin(struct books *books, struct child *child);

/* Each second: reads the pages of all workers. */
void books_look(
    struct books *books, const struct children *children, int64_t now_ms);

/* The worker is dead: its page is read for the last time. `unasked`: nobody
 * wanted it to end. Books may be NULL, here and below. */
void books_bury(struct books *books, const struct child *child, bool unasked,
    int64_t now_ms);

void books_note_reload(struct books *books, bool failed, int64_t now_ms);

/* INT64_MAX without books. */
int64_t books_due_ms(const struct books *books);

#endif
