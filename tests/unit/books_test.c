/* SPDX-License-Identifier: MIT */
/* books_test.c - what the master makes of pages of counters: sums that never
 * fall and balance, whatever a page says; conditions of upstreams; history. */

#include <stdio.h>
#include <string.h>

#include "check.h"
#include "master/books.h"
#include "master/client_books.h"

static struct worker_books memory;
static struct heavy_clients clients;
static struct history history;

/* --- sums */

static void
add(struct counters *counters, unsigned accepted, unsigned done, unsigned dial)
{
	counter_add(&counters->accepted, accepted);
	counter_add(&counters->ended[RESULT_DONE], done);
	counter_add(&counters->failed[FAILURE_DIAL], dial);
}

static void
sums_follow_the_page(void)
{
	struct counters *counters = counters_map();
	struct sums sums = { { 0 } }, all = { { 0 } };

	add(counters, 10, 3, 2);
	counter_add(&counters->sent, 1000);
	counter_add(&counters->refused[REFUSAL_STATUSES - 1], 4);
	counter_add(&counters->sniffs[SNIFF_OUTCOMES - 1], 5);
	sums_read(&sums, counters, 100);
	CHECK(sums_open(&sums) == 5);
	CHECK(sums_failed(&sums) == 2);
	CHECK(sums.values[SUM_ENDED + RESULT_DONE] == 3);
	CHECK(sums.values[SUM_SENT] == 1000);
	CHECK(sums.values[SUM_REFUSED + REFUSAL_STATUSES - 1] == 4);
	CHECK(sums.values[SUM_SNIFFS + SNIFF_OUTCOMES - 1] == 5);
	sums_add(&all, &sums);
	sums_add(&all, &sums);
	CHECK(sums_open(&all) == 10);
	CHECK(all.values[SUM_ACCEPTED] == 20);
	counters_unmap(&counters);
}

/* A worker that was taken over writes what it likes. */
static void
sums_balance_whatever_the_page_says(void)
{
	static const struct {
		const char *name;
		uint64_t accepted, done, dial; /* added to what is there */
		uint64_t open, ends; /* that follow */
	} rows[] = {
		{ "as it should be", 10, 4, 1, 5, 5 },
		{ "more ends than connections", 0, 10, 0, 0, 15 },
		{ "more open than it may have", 1000, 0, 0, 21, 15 },
		{ "the same, and an end", 0, 1, 0, 21, 16 },
		{ "many ends", 0, UINT64_C(1) << 40, 0, 0,
		    16 + (UINT64_C(1) << 40) },
		{ "ends beyond belief", 0, UINT64_C(1) << 60, 0, 0,
		    16 + (UINT64_C(1) << 40) },
		{ "connections beyond belief", UINT64_C(1) << 60, 0, 0, 0,
		    16 + (UINT64_C(1) << 40) },
		{ "all of them fall", 0 - (UINT64_C(1) << 60) - 900,
		    0 - (UINT64_C(1) << 60) - 9, 0, 0,
		    16 + (UINT64_C(1) << 40) },
	};
	struct counters *counters = counters_map();
	struct sums sums = { { 0 } };

	for (unsigned i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		struct sums before = sums;

		counter_add(&counters->accepted, rows[i].accepted);
		counter_add(&counters->ended[RESULT_DONE], rows[i].done);
		counter_add(&counters->failed[FAILURE_DIAL], rows[i].dial);
		sums_read(&sums, counters, 20);
		CHECK_ROW(
		    sums.values[SUM_ACCEPTED] == rows[i].open + rows[i].ends,
		    rows[i].name);
		CHECK_ROW(sums_open(&sums) == rows[i].open, rows[i].name);
		for (unsigned sum = 0; sum < SUMS; sum++)
			CHECK_ROW(sums.values[sum] >= before.values[sum],
			    rows[i].name);
	}
	counters_unmap(&counters);
}

static void
histograms_never_fall_and_are_whole(void)
{
	struct counters *counters = counters_map();
	struct upstream_counters *upstream = &counters->upstreams[0];
	struct upstream_sums sums = { .dialled = 0 };

	duration_counters_add(&upstream->answer, 1);
	duration_counters_add(&upstream->answer, 100 * 1000);
	counter_add(&upstream->refused, 2);
	upstream_sums_read(&sums, upstream);
	CHECK(sums.answer.count == 2 && sums.answer.buckets[0] == 1);
	CHECK(sums.refused == 2);
	counter_set(&upstream->answer.buckets[0].low, 0);
	counter_set(&upstream->answer.buckets[3].low, 7);
	counter_set(&upstream->answer.sum_ms.low, 0);
	counter_set(&upstream->refused.low, 0);
	upstream_sums_read(&sums, upstream);
	CHECK(sums.answer.buckets[0] == 1 && sums.answer.buckets[3] == 7);
	CHECK(sums.answer.count == 1 + 7 + 1);
	CHECK(sums.answer.sum_ms == 100 * 1000 + 1);
	CHECK(sums.refused == 2);
	counters_unmap(&counters);
}

/* --- upstreams */

static struct child
worker_with(struct counters *counters)
{
	memory = (struct worker_books){ .sums = { { 0 } } };
	return (struct child){
		.kind = CHILD_WORKER,
		.state = CHILD_SERVING,
		.counters = counters,
		.books = &memory,
		.limit_max = 100,
	};
}

static void
look(struct upstream_condition *condition, const struct child *worker,
    int64_t now_ms)
{
	struct upstream_evidence evidence = { .voters = 0 };

	upstream_evidence_read(&evidence, worker, 0, now_ms);
	upstream_condition_conclude(condition, &evidence, now_ms);
}

static void
alone_it_is_down_from_a_failed_dial_to_the_next_good_one(void)
{
	static const struct {
		const char *name;
		int64_t dial_ms; /* 0: there is none */
		bool fails, is_down;
		int64_t now_ms, since_ms;
	} rows[] = {
		{ "nothing yet", 0, false, false, 1000, 5 },
		{ "a good dial", 1500, false, false, 2000, 5 },
		{ "a failed one", 2500, true, true, 3000, 3000 },
		{ "nothing since", 0, false, true, 4000, 3000 },
		{ "another failed one", 4500, true, true, 5000, 3000 },
		{ "a good one", 5500, false, false, 6000, 6000 },
	};
	struct upstream_condition condition = { .since_ms = 5 };
	struct counters *counters = counters_map();
	struct child worker = worker_with(counters);

	for (unsigned i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		if (rows[i].dial_ms != 0)
			upstream_counters_note_dial(&counters->upstreams[0],
			    rows[i].dial_ms, rows[i].fails);
		look(&condition, &worker, rows[i].now_ms);
		CHECK_ROW(condition.is_down == rows[i].is_down, rows[i].name);
		CHECK_ROW(condition.since_ms == rows[i].since_ms, rows[i].name);
	}
	counters_unmap(&counters);
}

/* Of dials in the same second the last counts, also where the bits of the clock
 * that are kept wrap around. */
static void
of_two_workers_the_last_dial_counts(void)
{
	static const struct {
		const char *name;
		int64_t failed_ms, good_ms;
		bool is_down;
	} rows[] = {
		{ "the failed one was last", 2000, 1000, true },
		{ "the good one was last", 1000, 2000, false },
		{ "around the end, failed", INT64_C(0x80000000) + 5, 0x7ffffff0,
		    true },
		{ "around the end, good", 0x7ffffff0, INT64_C(0x80000000) + 5,
		    false },
	};

	for (unsigned i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		for (unsigned order = 0; order < 2; order++) {
			struct upstream_condition condition = { .since_ms = 0 };
			struct upstream_evidence evidence = { .voters = 0 };
			struct counters *counters = counters_map();
			struct child worker = worker_with(counters);

			for (unsigned n = 0; n < 2; n++) {
				bool fails = n == order;

				upstream_counters_note_dial(
				    &counters->upstreams[0],
				    fails ? rows[i].failed_ms : rows[i].good_ms,
				    fails);
				upstream_evidence_read(
				    &evidence, &worker, 0, 9000);
			}
			upstream_condition_conclude(
			    &condition, &evidence, 9000);
			CHECK_ROW(
			    condition.is_down == rows[i].is_down, rows[i].name);
			counters_unmap(&counters);
		}
	}
}

/* One look at two workers at a time. */
static void
among_others_it_is_down_by_the_latest_evidence(void)
{
	static const struct {
		const char *name;
		unsigned voters, down;
		bool has_gone_down, has_answered, is_down;
	} rows[] = {
		{ "nobody says so", 2, 0, false, false, false },
		{ "one says so", 2, 1, true, false, true },
		{ "the other one is idle", 2, 1, false, false, true },
		{ "the other one has connected", 2, 1, false, true, false },
		{ "and does nothing more", 2, 1, false, false, false },
		{ "both say so", 2, 2, true, false, true },
		{ "all workers are dead", 0, 0, false, false, true },
		{ "their successors know nothing", 2, 0, false, false, false },
		{ "both at once", 2, 1, true, true, true },
		{ "it is up", 2, 0, false, true, false },
	};
	struct upstream_condition condition = { .can_fail_over = true };

	for (unsigned i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		const struct upstream_evidence evidence = {
			.voters = rows[i].voters,
			.down = rows[i].down,
			.news = { .has_gone_down = rows[i].has_gone_down,
			    .has_answered = rows[i].has_answered },
		};

		upstream_condition_conclude(
		    &condition, &evidence, 1000 * (i + 1));
		CHECK_ROW(condition.is_down == rows[i].is_down, rows[i].name);
	}
	CHECK(condition.since_ms == 10 * 1000);
}

/* Each step of a worker, and what is said of its dials a second later. */
static void
dials_wait_since_the_last_one_that_was_answered(void)
{
	static const struct {
		const char *name;
		int step; /* of the dials under way */
		bool is_answered;
		unsigned count;
		uint32_t oldest_ms;
	} rows[] = {
		{ "the first begins", 1, false, 1, 1000 },
		{ "another", 1, false, 2, 2000 },
		{ "a client leaves", -1, false, 1, 3000 },
		{ "another", 1, false, 2, 4000 },
		{ "one is answered", -1, true, 1, 1000 },
		{ "the last leaves", -1, false, 0, 0 },
		{ "a new one", 1, false, 1, 1000 },
	};
	struct upstream_counters counters;
	int64_t now_ms = UINT32_MAX - 1500;

	memset(&counters, 0, sizeof counters);
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		struct upstream_wait wait;

		if (rows[i].is_answered)
			upstream_counters_note_dial(&counters, now_ms, false);
		if (rows[i].step > 0)
			upstream_counters_begin_dial(&counters, now_ms);
		else
			upstream_counters_end_dial(&counters);
		now_ms += 1000;
		wait = upstream_counters_wait(&counters, 100, now_ms);
		CHECK_ROW(wait.count == rows[i].count &&
			wait.oldest_ms == rows[i].oldest_ms,
		    rows[i].name);
	}
}

static void
more_than_a_worker_may_have_is_not_believed(void)
{
	struct counters *counters = counters_map();
	struct upstream_counters *upstream = &counters->upstreams[0];
	struct child worker = worker_with(counters);
	struct upstream_evidence evidence = { .voters = 0 };

	counter_set(&upstream->open, 7);
	counter_set(&upstream->waiting, 3);
	counter_set(&upstream->oldest_ms, 4000);
	upstream_evidence_read(&evidence, &worker, 0, 5500);
	CHECK(evidence.open == 7 && evidence.wait.count == 3);
	CHECK(evidence.wait.oldest_ms == 1500);
	counter_set(&upstream->open, 101);
	counter_set(&upstream->waiting, 101);
	counter_set(&upstream->dialling, 101);
	upstream_evidence_read(&evidence, &worker, 0, 5500);
	CHECK(evidence.open == 7 && evidence.wait.count == 3);
	worker.state = CHILD_DRAINING;
	upstream_evidence_read(&evidence, &worker, 0, 5500);
	CHECK(evidence.voters == 2);
	counters_unmap(&counters);
}

static void
the_latest_failure_of_all_workers_is_kept(void)
{
	static const struct {
		int64_t at_ms;
		const char *words, *wanted;
	} rows[] = {
		{ 10000, "status 403", "status 403" },
		{ 30000, "timed out", "timed out" },
		{ 20000, "older", "timed out" },
		{ 90000, "of the future", "timed out" },
	};
	struct upstream_condition condition = { .failed_ms = 0 };

	for (unsigned i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		struct last_failure failure = { .changes = 0 };

		upstream_condition_note_failure(&condition, &failure, 60000);
		last_failure_set(&failure, rows[i].at_ms, rows[i].words);
		upstream_condition_note_failure(&condition, &failure, 60000);
		CHECK_ROW(strcmp(condition.failed_words, rows[i].wanted) == 0,
		    rows[i].words);
	}
	CHECK(condition.failed_ms == 30000);
}

/* --- clients */

static void
use(struct heavy_clients *counted, uint64_t key, uint64_t bytes)
{
	const struct client_use more = { 1, 0, bytes, bytes };
	unsigned place = HEAVY_CLIENTS;

	heavy_clients_add(counted, key, &place, &more);
}

static void
clients_of_all_workers_are_added_up(void)
{
	static struct heavy_clients counted[2];
	struct snapshot_client shown[SNAPSHOT_CLIENTS];
	struct children children = { .first = NULL };

	clients = (struct heavy_clients){ .keys = { 0 } };
	for (unsigned worker = 0; worker < 2; worker++) {
		memory = (struct worker_books){ .sums = { { 0 } } };
		for (unsigned i = 0; i < 20; i++)
			use(&counted[worker], 0x0a000001 + i, 10 * (i + 1));
		client_books_read(&clients, &memory, &counted[worker]);
		client_books_read(&clients, &memory, &counted[worker]);
		use(&counted[worker], 0x0a000001, 1000);
		client_books_read(&clients, &memory, &counted[worker]);
	}
	CHECK(
	    client_books_show(&clients, &children, shown) == SNAPSHOT_CLIENTS);
	CHECK(strcmp(shown[0].address, "10.0.0.1") == 0);
	CHECK(shown[0].sent == 2 * 1010 && shown[0].received == 2 * 1010);
	CHECK(shown[0].accepted == 4);
	for (unsigned i = 1; i < SNAPSHOT_CLIENTS; i++)
		CHECK(shown[i].sent == 2 * 10 * (21 - i));
}

/* --- books of upstreams, by their names */

enum { GENERATIONS = 5 };

static struct config config;

static void
name(unsigned upstream, unsigned number, unsigned index)
{
	struct config_upstream *named = &config.upstreams.list[upstream];

	snprintf(named->host, sizeof named->host, "proxy-%u-%u", number, index);
	named->port = 3128;
}

static void
configure(
    struct upstream_books *books, struct children *children, unsigned number)
{
	config.upstreams.count = UPSTREAMS_MAX;
	for (unsigned i = 0; i < UPSTREAMS_MAX; i++)
		name(i, number, i);
	upstream_books_configure(books, &config, number, children, 0);
}

static bool
is_of(const struct upstream_books *books, unsigned book, unsigned number,
    unsigned index)
{
	char name[SNAPSHOT_NAME_SIZE];

	snprintf(name, sizeof name, "proxy-%u-%u:3128", number, index);
	return strcmp(books->list[book].name, name) == 0;
}

/* Workers of all configurations before drain. */
static void
upstreams_of_the_configuration_always_have_books(void)
{
	static struct upstream_books books;
	static struct worker_books memories[GENERATIONS];
	static struct child workers[GENERATIONS];
	struct children children = { .first = NULL };

	for (unsigned number = 1; number < GENERATIONS; number++) {
		configure(&books, &children, number);
		workers[number].books = &memories[number];
		workers[number].next = children.first;
		children.first = &workers[number];
		upstream_books_begin(&books, &memories[number]);
		for (unsigned i = 0; i < UPSTREAMS_MAX; i++)
			CHECK(is_of(&books, books.current[i], number, i));
	}
	for (unsigned number = 1; number < GENERATIONS; number++) {
		for (unsigned i = 0; i < UPSTREAMS_MAX; i++) {
			unsigned book = memories[number].upstreams[i].book;

			CHECK(
			    book == NO_BOOK || is_of(&books, book, number, i));
		}
	}
	CHECK(memories[1].upstreams[UPSTREAMS_MAX].book == BOOK_OF_DIRECT);
	CHECK(strcmp(books.list[BOOK_OF_DIRECT].name, "direct") == 0);
}

/* It stands behind new names, which take books of other former ones. */
static void
a_name_that_comes_back_finds_its_book(void)
{
	static struct upstream_books books;
	struct children children = { .first = NULL };
	unsigned book;

	configure(&books, &children, 1);
	book = books.current[0];
	books.list[book].all.dialled = 7;
	configure(&books, &children, 2);
	for (unsigned i = 0; i < UPSTREAMS_MAX; i++)
		name(i, 3, i);
	name(UPSTREAMS_MAX - 1, 1, 0);
	upstream_books_configure(&books, &config, 3, &children, 0);
	CHECK(books.current[UPSTREAMS_MAX - 1] == book);
	CHECK(books.list[book].all.dialled == 7);
}

/* --- history */

static void
advance(unsigned seconds, int64_t *now_ms, struct history_look *now)
{
	for (unsigned i = 0; i < seconds; i++) {
		*now_ms += 1000;
		now->accepted += 2;
		now->sent += 100;
		now->answers.buckets[4]++;
		now->answers.count++;
		now->open = (uint32_t)(*now_ms / 1000 % 60);
		history_add(&history, now, *now_ms);
	}
}

static void
history_is_kept_by_the_second_and_by_the_minute(void)
{
	static struct snapshot snapshot;
	const struct snapshot_period *minutes = snapshot.minutes;
	struct history_look now = { .accepted = 0 };
	int64_t now_ms = 0;

	history = (struct history){ .second_begin_ms = 0 };
	history_begin(&history, now_ms);
	advance(150, &now_ms, &now);
	history_show(&history, &snapshot, 1700000000 * INT64_C(1000));
	CHECK(snapshot.second_count == 60 && snapshot.minute_count == 3);
	CHECK(snapshot.seconds[59].begin == 1700000149);
	CHECK(snapshot.seconds[59].accepted == 2);
	CHECK(snapshot.seconds[59].answers.count == 1);
	CHECK(minutes[0].begin == 1700000000);
	CHECK(minutes[1].begin == 1700000060);
	CHECK(minutes[1].accepted == 120 && minutes[1].sent == 6000);
	CHECK(minutes[1].answers.buckets[4] == 60);
	CHECK(minutes[1].open == 59);
	CHECK(minutes[0].accepted + minutes[1].accepted + minutes[2].accepted ==
	    300);
	advance(60 * 60, &now_ms, &now);
	history_show(&history, &snapshot, 1700000000 * INT64_C(1000));
	CHECK(snapshot.minute_count == 60);
	CHECK(minutes[0].begin == 1700000000 + 3 * 60);
	CHECK(minutes[0].accepted == 120);
}

static void
time_that_the_master_missed_is_a_gap(void)
{
	static struct snapshot snapshot;
	struct history_look now = { .accepted = 0 };
	int64_t now_ms = 0;

	history = (struct history){ .second_begin_ms = 0 };
	history_begin(&history, now_ms);
	advance(10, &now_ms, &now);
	now_ms += 5 * 60 * 1000;
	advance(1, &now_ms, &now);
	history_show(&history, &snapshot, 0);
	CHECK(snapshot.minute_count == 2 && snapshot.second_count == 11);
	CHECK(snapshot.minutes[1].begin == 300);
	CHECK(snapshot.minutes[1].accepted == 2);
}

/* The first look is at the start, and one that was late is followed by an early
 * one. */
static void
a_look_that_comes_too_early_is_no_second(void)
{
	static const struct {
		int64_t now_ms;
		unsigned seconds; /* that there are then */
	} rows[] = { { 0, 0 }, { 1000, 1 }, { 2700, 2 }, { 3000, 2 },
		{ 4000, 3 } };
	static struct snapshot snapshot;
	struct history_look now = { .accepted = 0 };

	history = (struct history){ .second_begin_ms = 0 };
	history_begin(&history, 0);
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		now.accepted += 7;
		history_add(&history, &now, rows[i].now_ms);
		history_show(&history, &snapshot, 0);
		CHECK(snapshot.second_count == rows[i].seconds);
	}
	CHECK(snapshot.seconds[0].accepted == 14);
	CHECK(snapshot.seconds[2].begin == 2);
	CHECK(snapshot.seconds[2].accepted == 14);
	CHECK(snapshot.minutes[0].accepted == 35);
}

int
main(void)
{
	RUN(sums_follow_the_page);
	RUN(sums_balance_whatever_the_page_says);
	RUN(histograms_never_fall_and_are_whole);
	RUN(alone_it_is_down_from_a_failed_dial_to_the_next_good_one);
	RUN(of_two_workers_the_last_dial_counts);
	RUN(among_others_it_is_down_by_the_latest_evidence);
	RUN(dials_wait_since_the_last_one_that_was_answered);
	RUN(more_than_a_worker_may_have_is_not_believed);
	RUN(the_latest_failure_of_all_workers_is_kept);
	RUN(clients_of_all_workers_are_added_up);
	RUN(upstreams_of_the_configuration_always_have_books);
	RUN(a_name_that_comes_back_finds_its_book);
	RUN(history_is_kept_by_the_second_and_by_the_minute);
	RUN(time_that_the_master_missed_is_a_gap);
	RUN(a_look_that_comes_too_early_is_no_second);
	return check_report();
}
