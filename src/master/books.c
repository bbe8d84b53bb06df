/* SPDX-License-Identifier: MIT */
#include "master/books.h"

#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <time.h>

#include "master/client_books.h"

/* The time of day is adopted anew when it is so much off: start and begin of
 * all that is shown would else change with each correction. */
enum { STEP_MS = 2000 };

static int64_t
ahead_now_ms(int64_t now_ms)
{
	struct timespec time;

	clock_gettime(CLOCK_REALTIME, &time);
	return (int64_t)time.tv_sec * 1000 + time.tv_nsec / 1000000 - now_ms;
}

struct books *
books_open(int64_t now_ms)
{
	struct books *books = mmap(NULL, sizeof *books, PROT_READ | PROT_WRITE,
	    MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	if (books == MAP_FAILED)
		return NULL;
	madvise(books, sizeof *books, MADV_DONTFORK);
	books->started_ms = books->due_ms = now_ms;
	books->mark_due_ms = now_ms + HOUR_MARK_MS;
	books->ahead_ms = ahead_now_ms(now_ms);
	history_begin(&books->history, now_ms);
	return books;
}

void
books_close(struct books **books)
{
	if (*books != NULL)
		munmap(*books, sizeof **books);
	*books = NULL;
}

/* Without memory the worker's numbers are missing. */
void
books_begin(struct books *books, struct child *child)
{
	child->books = calloc(1, sizeof *child->books);
	if (child->books != NULL)
		upstream_books_begin(&books->upstreams, child->books);
}

static void
read_worker(struct books *books, const struct child *child)
{
	sums_read(&child->books->sums, child->counters, child->limit_max);
	client_books_read(
	    &books->clients, child->books, &child->counters->clients);
}

static void
add_states(struct books *books, const struct child *child)
{
	for (unsigned i = 0; i < SNAPSHOT_STATES; i++) {
		uint32_t count = counter_now(&child->counters->states[i]);

		books->states[i] +=
		    count <= child->limit_max ? count : child->limit_max;
	}
}

/* Connections changed their states while they were counted: those in the most
 * frequent states have the remainder. */
static void
balance_states(struct books *books)
{
	uint64_t sum = 0;
	unsigned most;

	for (unsigned i = 0; i < SNAPSHOT_STATES; i++)
		sum += books->states[i];
	do {
		uint64_t surplus = sum > books->open ? sum - books->open : 0;

		most = 0;
		for (unsigned i = 1; i < SNAPSHOT_STATES; i++) {
			if (books->states[i] > books->states[most])
				most = i;
		}
		if (surplus > books->states[most])
			surplus = books->states[most];
		books->states[most] -= surplus;
		sum -= surplus;
	} while (sum > books->open);
	books->states[most] += books->open - sum;
}

static void
note_failures(struct books *books, const struct sums *before, int64_t now_ms)
{
	for (unsigned i = 0; i < FAILURES; i++) {
		if (books->all.values[SUM_FAILED + i] >
		    before->values[SUM_FAILED + i])
			books->failed_ms[i] = now_ms;
	}
}

static void
add_history(struct books *books, int64_t now_ms)
{
	const uint64_t *sums = books->all.values;
	struct history_look look = {
		.accepted = sums[SUM_ACCEPTED],
		.tunnelled =
		    sums[SUM_TUNNELLED] + sums[SUM_RELAYED] + sums[SUM_DIRECT],
		.failed = sums_failed(&books->all),
		.sent = sums[SUM_SENT],
		.received = sums[SUM_RECEIVED],
		.open = (uint32_t)books->open,
	};
	struct upstream_wait wait = { 0, 0 };

	for (unsigned i = 0; i < UPSTREAM_BOOKS; i++) {
		const struct upstream_book *book = &books->upstreams.list[i];

		histogram_add(&look.answers, &book->all.answer);
		upstream_wait_add(&wait, &book->now.wait);
	}
	look.waiting = wait.count;
	look.oldest_ms = wait.oldest_ms;
	history_add(&books->history, &look, now_ms);
}

static void
mark_hour(struct books *books, int64_t now_ms)
{
	uint64_t *marks = books->failed_marks[books->upstreams.mark];

	if (now_ms < books->mark_due_ms)
		return;
	books->mark_due_ms = now_ms + HOUR_MARK_MS;
	for (unsigned i = 0; i < FAILURES; i++)
		marks[i] = books->all.values[SUM_FAILED + i];
	upstream_books_mark(&books->upstreams);
}

static void
look_at_clocks(struct books *books, int64_t now_ms)
{
	int64_t ahead_ms = ahead_now_ms(now_ms);

	if (llabs(ahead_ms - books->ahead_ms) > STEP_MS)
		books->ahead_ms = ahead_ms;
	books->due_ms += 1000;
	if (books->due_ms <= now_ms)
		books->due_ms = now_ms + 1000;
}

void
books_look(struct books *books, const struct children *children, int64_t now_ms)
{
	const struct sums before = books->all;

	look_at_clocks(books, now_ms);
	books->all = books->of_dead;
	books->open = 0;
	memset(books->states, 0, sizeof books->states);
	upstream_books_clear(&books->upstreams);
	for (const struct child *child = children->first; child != NULL;
	     child = child->next) {
		if (child->books == NULL)
			continue;
		read_worker(books, child);
		sums_add(&books->all, &child->books->sums);
		books->open += sums_open(&child->books->sums);
		add_states(books, child);
		upstream_books_read(&books->upstreams, child, now_ms);
	}
	balance_states(books);
	upstream_books_conclude(&books->upstreams, now_ms);
	note_failures(books, &before, now_ms);
	add_history(books, now_ms);
	mark_hour(books, now_ms);
}

void
books_bury(struct books *books, const struct child *child, bool unasked,
    int64_t now_ms)
{
	if (books == NULL || child->books == NULL)
		return;
	read_worker(books, child);
	upstream_books_read(&books->upstreams, child, now_ms);
	sums_add(&books->of_dead, &child->books->sums);
	books->crashed += sums_open(&child->books->sums);
	upstream_books_bury(&books->upstreams, child->books);
	if (!unasked)
		return;
	books->restarts[child->number]++;
	books->restart_ms = now_ms;
}

void
books_note_reload(struct books *books, bool failed, int64_t now_ms)
{
	if (books == NULL)
		return;
	books->reload_ms = now_ms;
	books->reload_failed = failed;
}

int64_t
books_due_ms(const struct books *books)
{
	return books != NULL ? books->due_ms : INT64_MAX;
}
