/* SPDX-License-Identifier: MIT */
#include "master/upstream_books.h"

#include <assert.h>
#include <string.h>

#include "base/text.h"

static void
name_of(const struct config_upstream *upstream, char name[SNAPSHOT_NAME_SIZE])
{
	struct text text = text_in(name, SNAPSHOT_NAME_SIZE);

	text_host(&text, upstream->host, upstream->port);
}

static unsigned
find(const struct upstream_books *books, const char *name)
{
	unsigned book = 0;

	while (
	    book < UPSTREAM_BOOKS && strcmp(books->list[book].name, name) != 0)
		book++;
	return book < UPSTREAM_BOOKS ? book : NO_BOOK;
}

static bool
is_of_worker(const struct worker_books *worker, unsigned book)
{
	unsigned index = 0;

	while (
	    index < UPSTREAM_COUNTERS && worker->upstreams[index].book != book)
		index++;
	return index < UPSTREAM_COUNTERS;
}

static bool
is_configured(const struct upstream_books *books, unsigned book)
{
	return memchr(books->current, (int)book, sizeof books->current) != NULL;
}

static bool
is_of_any_worker(const struct children *children, unsigned book)
{
	const struct child *child = children->first;

	while (child != NULL &&
	    (child->books == NULL || !is_of_worker(child->books, book)))
		child = child->next;
	return child != NULL;
}

/* A free book, or that of a former name. A book in which draining workers still
 * count is taken only where there is no other. There are more books than names
 * of a configuration, so that there always is a book to take. */
static unsigned
choose(const struct upstream_books *books, const struct children *children)
{
	unsigned chosen = find(books, "");

	for (unsigned book = 0; chosen == NO_BOOK && book < UPSTREAM_BOOKS;
	     book++) {
		if (!is_configured(books, book) &&
		    !is_of_any_worker(children, book))
			chosen = book;
	}
	for (unsigned book = 0; chosen == NO_BOOK && book < UPSTREAM_BOOKS;
	     book++) {
		if (!is_configured(books, book))
			chosen = book;
	}
	return chosen;
}

static void
take_from_workers(const struct children *children, unsigned book)
{
	for (const struct child *child = children->first; child != NULL;
	     child = child->next) {
		for (unsigned i = 0;
		     child->books != NULL && i < UPSTREAM_COUNTERS; i++) {
			if (child->books->upstreams[i].book == book)
				child->books->upstreams[i].book = NO_BOOK;
		}
	}
}

static unsigned
open_book(struct upstream_books *books, const struct children *children,
    const char *name)
{
	unsigned book = find(books, name);

	if (book != NO_BOOK)
		return book;
	book = choose(books, children);
	assert(book != NO_BOOK);
	take_from_workers(children, book);
	books->list[book] = (struct upstream_book){ .name = "" };
	memcpy(books->list[book].name, name, SNAPSHOT_NAME_SIZE);
	return book;
}

/* Names that have a book keep it: only then are books taken from others. */
static void
assign_books(struct upstream_books *books, const struct config *config,
    const struct children *children)
{
	char names[UPSTREAMS_MAX][SNAPSHOT_NAME_SIZE] = { "" };

	memset(books->current, NO_BOOK, sizeof books->current);
	books->current[UPSTREAMS_MAX] = BOOK_OF_DIRECT;
	for (unsigned i = 0; i < config->upstreams.count; i++) {
		name_of(&config->upstreams.list[i], names[i]);
		books->current[i] = (uint8_t)find(books, names[i]);
	}
	for (unsigned i = 0; i < config->upstreams.count; i++)
		books->current[i] =
		    (uint8_t)open_book(books, children, names[i]);
}

/* One that was not there before is up from now on. */
static void
configure_list(struct upstream_books *books, const struct config *config,
    const struct children *children, int64_t now_ms)
{
	uint8_t before[UPSTREAM_COUNTERS];

	memcpy(before, books->current, sizeof before);
	assign_books(books, config, children);
	for (unsigned i = 0; i < config->upstreams.count; i++) {
		unsigned book = books->current[i];

		if (memchr(before, (int)book, sizeof before) != NULL)
			continue;
		books->list[book].condition.is_down = false;
		books->list[book].condition.since_ms = now_ms;
	}
}

void
upstream_books_configure(struct upstream_books *books,
    const struct config *config, unsigned generation,
    const struct children *children, int64_t now_ms)
{
	if (books->list[BOOK_OF_DIRECT].name[0] == '\0') {
		strcpy(books->list[BOOK_OF_DIRECT].name, "direct");
		books->list[BOOK_OF_DIRECT].condition.since_ms = now_ms;
	}
	if (books->generation != generation)
		configure_list(books, config, children, now_ms);
	books->generation = generation;
	for (unsigned i = 0; i < config->upstreams.count; i++)
		books->list[books->current[i]].condition.can_fail_over =
		    route_table_can_fail_over(
			&config->route_table, &config->routes, i);
}

void
upstream_books_begin(
    const struct upstream_books *books, struct worker_books *worker)
{
	for (unsigned i = 0; i < UPSTREAM_COUNTERS; i++)
		worker->upstreams[i].book = books->current[i];
}

void
upstream_books_clear(struct upstream_books *books)
{
	for (unsigned i = 0; i < UPSTREAM_BOOKS; i++) {
		struct upstream_book *book = &books->list[i];

		book->all = book->of_dead;
		upstream_evidence_clear(&book->now);
	}
}

void
upstream_books_read(
    struct upstream_books *books, const struct child *child, int64_t now_ms)
{
	for (unsigned i = 0; i < UPSTREAM_COUNTERS; i++) {
		struct upstream_counters *counters =
		    &child->counters->upstreams[i];
		struct upstream_memory *memory = &child->books->upstreams[i];
		struct upstream_book *book;

		if (memory->book == NO_BOOK)
			continue;
		book = &books->list[memory->book];
		upstream_sums_read(&memory->sums, counters);
		upstream_sums_add(&book->all, &memory->sums);
		upstream_evidence_read(&book->now, child, i, now_ms);
		upstream_condition_note_failure(
		    &book->condition, &counters->last_failure, now_ms);
	}
}

/* A destination that does not answer says nothing of `direct`. */
void
upstream_books_conclude(struct upstream_books *books, int64_t now_ms)
{
	for (unsigned i = 0; i < UPSTREAM_BOOKS; i++) {
		struct upstream_book *book = &books->list[i];

		if (i != BOOK_OF_DIRECT)
			upstream_condition_conclude(
			    &book->condition, &book->now, now_ms);
		book->now.news = (struct upstream_news){ .has_dial = false };
	}
}

void
upstream_books_bury(
    struct upstream_books *books, const struct worker_books *worker)
{
	for (unsigned i = 0; i < UPSTREAM_COUNTERS; i++) {
		const struct upstream_memory *memory = &worker->upstreams[i];

		if (memory->book != NO_BOOK)
			upstream_sums_add(
			    &books->list[memory->book].of_dead, &memory->sums);
	}
}

void
upstream_books_mark(struct upstream_books *books)
{
	for (unsigned i = 0; i < UPSTREAM_BOOKS; i++) {
		struct upstream_book *book = &books->list[i];

		book->marks[books->mark].connect = book->all.connect;
		book->marks[books->mark].answer = book->all.answer;
	}
	books->mark = (books->mark + 1) % HOUR_MARKS;
}
