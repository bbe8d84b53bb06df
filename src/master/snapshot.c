/* SPDX-License-Identifier: MIT */
#include "master/snapshot.h"

#include <string.h>
#include <time.h>
#include <unistd.h>

#include "ipc/snapshot_page.h"
#include "master/books.h"
#include "master/client_books.h"
#include "master/log_relay.h"
#include "master/log_sink.h"

/* The time of day; 0 stays 0. */
static int64_t
seconds(const struct books *books, int64_t at_ms)
{
	return at_ms == 0 ? 0 : (at_ms + books->ahead_ms) / 1000;
}

static void
copy(char *to, size_t size, const char *from)
{
	struct text text = text_in(to, size);

	text_append(&text, from);
}

static void
show_sums(struct snapshot *snapshot, const struct books *books)
{
	const uint64_t *sums = books->all.values;

	snapshot->accepted = sums[SUM_ACCEPTED];
	snapshot->tunnelled = sums[SUM_TUNNELLED];
	snapshot->relayed = sums[SUM_RELAYED];
	snapshot->direct = sums[SUM_DIRECT];
	snapshot->sent = sums[SUM_SENT];
	snapshot->received = sums[SUM_RECEIVED];
	snapshot->spliced = sums[SUM_SPLICED];
	snapshot->ready_taken = sums[SUM_READY_TAKEN];
	snapshot->ready_expired = sums[SUM_READY_EXPIRED];
	snapshot->ready_stale = sums[SUM_READY_STALE];
	memcpy(snapshot->ended, sums + SUM_ENDED, sizeof snapshot->ended);
	memcpy(snapshot->refused, sums + SUM_REFUSED, sizeof snapshot->refused);
	memcpy(snapshot->sniffs, sums + SUM_SNIFFS, sizeof snapshot->sniffs);
	snapshot->crashed = books->crashed;
	snapshot->open = (uint32_t)books->open;
	for (unsigned i = 0; i < SNAPSHOT_STATES; i++)
		snapshot->states[i] = (uint32_t)books->states[i];
}

static void
show_failures(struct snapshot *snapshot, const struct books *books)
{
	const uint64_t *hour_ago = books->failed_marks[books->upstreams.mark];

	for (unsigned i = 0; i < FAILURES; i++) {
		uint64_t count = books->all.values[SUM_FAILED + i];

		snapshot->failed[i] = (struct snapshot_failure){
			.count = count,
			.hour = count - hour_ago[i],
			.last = seconds(books, books->failed_ms[i]),
		};
	}
}

static void
show_condition(struct snapshot_upstream *shown, const struct books *books,
    const struct upstream_condition *condition)
{
	shown->is_down = condition->is_down;
	shown->since = seconds(books, condition->since_ms);
	shown->last_failure = seconds(books, condition->failed_ms);
	memcpy(shown->last_failure_words, condition->failed_words,
	    sizeof condition->failed_words);
}

static void
show_upstream(struct snapshot_upstream *shown, const struct books *books,
    const struct upstream_book *book)
{
	const struct upstream_sums *sums = &book->all;
	unsigned mark = books->upstreams.mark;

	*shown = (struct snapshot_upstream){
		.workers = book->now.voters,
		.workers_down = book->now.down,
		.open = book->now.open,
		.waiting = book->now.wait.count,
		.oldest_ms = book->now.wait.oldest_ms,
		.dialled = sums->dialled,
		.dial_failures = sums->dial_failures,
		.refused = sums->refused,
		.connect = sums->connect,
		.answer = sums->answer,
		.hour_connect =
		    histogram_since(&sums->connect, &book->marks[mark].connect),
		.hour_answer =
		    histogram_since(&sums->answer, &book->marks[mark].answer),
	};
	copy(shown->name, sizeof shown->name, book->name);
	show_condition(shown, books, &book->condition);
}

static void
show_address(struct snapshot_upstream *shown,
    const struct upstream_addresses *known, uint32_t index)
{
	shown->address[0] = '\0';
	if (known->count > 0)
		address_text(&known->list[index < known->count ? index : 0],
		    shown->address);
}

/* `direct` where the configuration has it, or a worker has taken it. */
static bool
has_direct(const struct config *config, const struct upstream_sums *direct)
{
	return direct->dialled > 0 || direct->dial_failures > 0 ||
	    route_table_has_direct(&config->route_table, &config->routes);
}

static void
show_upstreams(struct snapshot *snapshot, const struct supervisor *supervisor)
{
	const struct books *books = supervisor->books;
	const struct upstream_book *direct =
	    &books->upstreams.list[BOOK_OF_DIRECT];

	memset(snapshot->upstreams, 0, sizeof snapshot->upstreams);
	for (unsigned i = 0; i < supervisor->upstreams.names.count; i++) {
		unsigned book = books->upstreams.current[i];

		show_upstream(&snapshot->upstreams[i], books,
		    &books->upstreams.list[book]);
		show_address(&snapshot->upstreams[i],
		    &supervisor->upstreams.list[i].known,
		    books->upstreams.list[book].now.address);
	}
	if (has_direct(&supervisor->config, &direct->all))
		show_upstream(
		    &snapshot->upstreams[UPSTREAMS_MAX], books, direct);
}

/* 0 where the kernel does not say. */
static uint64_t
cpu_ms(pid_t pid)
{
	struct timespec time;
	clockid_t clock;

	if (clock_getcpuclockid(pid, &clock) != 0 ||
	    clock_gettime(clock, &time) == -1)
		return 0;
	return (uint64_t)time.tv_sec * 1000 + (uint64_t)time.tv_nsec / 1000000;
}

static uint32_t
waiting_of(const struct child *child)
{
	uint32_t waiting = 0;

	for (unsigned i = 0; i < UPSTREAM_COUNTERS; i++)
		waiting += upstream_counters_wait(
		    &child->counters->upstreams[i], child->limit_max, 0)
			       .count;
	return waiting;
}

static void
show_worker(struct snapshot_worker *shown, const struct books *books,
    const struct child *child)
{
	*shown = (struct snapshot_worker){
		.number = child->number,
		.pid = child->pid,
		.is_draining = child->state == CHILD_DRAINING,
		.open = (uint32_t)sums_open(&child->books->sums),
		.waiting = waiting_of(child),
		.accepted = child->books->sums.values[SUM_ACCEPTED],
		.cpu_ms = cpu_ms(child->pid),
		.restarts = books->restarts[child->number],
	};
}

/* The youngest first, as they stand in the list; by number when shown. */
static void
show_workers(struct snapshot *snapshot, const struct supervisor *supervisor)
{
	snapshot->workers_alive = snapshot->worker_count = 0;
	for (const struct child *child = supervisor->children.first;
	     child != NULL; child = child->next) {
		if (child->kind != CHILD_WORKER)
			continue;
		snapshot->workers_alive++;
		if (child->books != NULL &&
		    snapshot->worker_count < SNAPSHOT_WORKERS)
			show_worker(
			    &snapshot->workers[snapshot->worker_count++],
			    supervisor->books, child);
	}
	snapshot->worker_restarts = 0;
	for (unsigned i = 0; i < CHILD_NUMBERS; i++)
		snapshot->worker_restarts += supervisor->books->restarts[i];
}

/* Each connection has a port of its own towards its upstream. */
static uint32_t
most_ports(const struct snapshot *snapshot)
{
	uint32_t most = 0;

	for (unsigned i = 0; i < UPSTREAMS_MAX; i++) {
		if (snapshot->upstreams[i].open > most)
			most = snapshot->upstreams[i].open;
	}
	return most;
}

static void
show_limits(struct snapshot *snapshot, const struct supervisor *supervisor)
{
	const struct capacity *capacity = &supervisor->capacity;

	snapshot->limit = capacity->connections;
	copy(snapshot->limit_cause, sizeof snapshot->limit_cause,
	    capacity->bound);
	snapshot->local_ports = capacity->local_ports;
	snapshot->local_ports_used = most_ports(snapshot);
	listener_queue(&supervisor->listener, &snapshot->accept_queue,
	    &snapshot->accept_queue_limit);
}

static void
show_times(struct snapshot *snapshot, const struct books *books, int64_t now_ms)
{
	snapshot->now = seconds(books, now_ms);
	snapshot->started = seconds(books, books->started_ms);
	snapshot->last_reload = seconds(books, books->reload_ms);
	snapshot->last_reload_failed = books->reload_failed;
	snapshot->last_restart = seconds(books, books->restart_ms);
	if (gethostname(snapshot->host, sizeof snapshot->host) == -1)
		copy(snapshot->host, sizeof snapshot->host, "");
	snapshot->host[sizeof snapshot->host - 1] = '\0';
	history_show(&books->history, snapshot, books->ahead_ms);
}

void
snapshot_configure(struct supervisor *supervisor)
{
	if (supervisor->books != NULL)
		upstream_books_configure(&supervisor->books->upstreams,
		    &supervisor->config, supervisor->upstreams.generation,
		    &supervisor->children, supervisor->now_ms);
}

void
snapshot_tick(struct supervisor *supervisor)
{
	struct books *books = supervisor->books;
	struct snapshot *snapshot;

	if (supervisor->now_ms < books_due_ms(books))
		return;
	books_look(books, &supervisor->children, supervisor->now_ms);
	snapshot = &books->snapshot;
	show_times(snapshot, books, supervisor->now_ms);
	show_sums(snapshot, books);
	snapshot->log_lines_dropped =
	    log_sink_dropped() + log_relay_dropped(&supervisor->children);
	show_failures(snapshot, books);
	show_upstreams(snapshot, supervisor);
	show_workers(snapshot, supervisor);
	snapshot->client_count = client_books_show(
	    &books->clients, &supervisor->children, snapshot->clients);
	show_limits(snapshot, supervisor);
	snapshot_publish(supervisor->children.snapshot_page, snapshot);
}
