/* SPDX-License-Identifier: MIT */
#include "worker/due.h"

#include "worker/acceptor.h"
#include "worker/lister.h"
#include "worker/ready.h"
#include "worker/silence.h"
#include "worker/states.h"
#include "worker/upstream_health.h"
#include "worker/worker.h"

enum { LOG_RETRY_MS = 1000 };

static int64_t
earlier(int64_t a_ms, int64_t b_ms)
{
	return a_ms < b_ms ? a_ms : b_ms;
}

static void
expire_connections(struct worker *worker)
{
	struct deadline *first;

	while ((first = deadlines_first(&worker->deadlines)) != NULL &&
	    first->at_ms <= worker->now_ms)
		states_wake(
		    worker, connection_of_deadline(first), WAKE_DEADLINE);
	if (!worker->draining || worker->now_ms < worker->drain_until_ms)
		return;
	while ((first = deadlines_first(&worker->deadlines)) != NULL)
		states_abort(
		    worker, connection_of_deadline(first), RESULT_DRAINED);
}

/* When lines that were left out can be logged as a number. */
static int64_t
warnings_due_ms(const struct worker *worker)
{
	int64_t due_ms = DEADLINE_NEVER;

	for (unsigned i = 0; i < FAILURES; i++)
		due_ms = earlier(
		    due_ms, warning_limit_due_ms(&worker->warning_limits[i]));
	return due_ms;
}

static void
run_health(struct worker *worker)
{
	if (worker->health.due_ms <= worker->now_ms) {
		upstream_health_run(worker);
		counters_note_progress(worker->counters);
	}
	if (silence_due_ms(worker) <= worker->now_ms) {
		silence_run(worker);
		counters_note_progress(worker->counters);
	}
	if (!worker->health.has_news)
		return;
	worker->health.has_news = false;
	states_wake_pending(worker, WAKE_NEWS);
}

void
due_run(struct worker *worker)
{
	run_health(worker);
	expire_connections(worker);
	if (warnings_due_ms(worker) <= worker->now_ms) {
		for (unsigned i = 0; i < FAILURES; i++)
			warning_limit_flush(
			    &worker->warning_limits[i], worker->now_ms);
		counters_note_progress(worker->counters);
	}
	if (socket_pool_due_ms(&worker->upstream_sockets) <= worker->now_ms) {
		socket_pool_clear(&worker->upstream_sockets);
		counters_note_progress(worker->counters);
	}
	if (worker->lister.due_ms <= worker->now_ms) {
		lister_run(worker);
		counters_note_progress(worker->counters);
	}
	if (worker->ready.due_ms <= worker->now_ms) {
		ready_run(worker);
		counters_note_progress(worker->counters);
	}
}

int64_t
due_next_ms(struct worker *worker)
{
	const struct deadline *first = deadlines_first(&worker->deadlines);
	int64_t due_ms = warnings_due_ms(worker);

	due_ms = earlier(due_ms, acceptor_due_ms(worker));
	due_ms = earlier(due_ms, socket_pool_due_ms(&worker->upstream_sockets));
	due_ms = earlier(due_ms, worker->health.due_ms);
	due_ms = earlier(due_ms, silence_due_ms(worker));
	due_ms = earlier(due_ms, worker->lister.due_ms);
	due_ms = earlier(due_ms, worker->ready.due_ms);
	if (worker->health.has_news)
		due_ms = worker->now_ms;
	if (first != NULL)
		due_ms = earlier(due_ms, first->at_ms);
	if (worker->draining)
		due_ms = earlier(due_ms, worker->drain_until_ms);
	if (worker->log_is_behind)
		due_ms = earlier(due_ms, worker->now_ms + LOG_RETRY_MS);
	return due_ms;
}
