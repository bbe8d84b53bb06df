/* SPDX-License-Identifier: MIT */
#include "worker/upstream_health.h"

#include <assert.h>
#include <stddef.h>
#include <string.h>

#include "base/log.h"
#include "base/text.h"
#include "protocol/spread.h"
#include "worker/connection.h"
#include "worker/handshake.h"
#include "worker/ready.h"
#include "worker/worker.h"

enum { SILENCE_MS = 10 * 1000, RETRY_MS = 1000, GOOD_PROBES = 2 };

static int64_t
earlier(int64_t a_ms, int64_t b_ms)
{
	return a_ms < b_ms ? a_ms : b_ms;
}

static int64_t
later(int64_t a_ms, int64_t b_ms)
{
	return a_ms > b_ms ? a_ms : b_ms;
}

static void
schedule(struct worker *worker, int64_t due_ms)
{
	worker->health.due_ms = earlier(worker->health.due_ms, due_ms);
}

static void
probe_at(struct worker *worker, struct upstream *upstream, int64_t at_ms)
{
	upstream->probe_from_ms = at_ms;
	schedule(worker, at_ms);
}

/* The interval, 20 % more or less, so that the workers' probes do not stay
 * together. */
static int64_t
interval_ms(const struct worker *worker, const struct upstream *upstream)
{
	int64_t interval = worker->config->check_interval_ms;
	uint64_t number = spread_weight(
	    upstream->hash ^ worker->number, (uint64_t)worker->now_ms);

	return interval - interval / 5 +
	    (int64_t)(number % (uint64_t)(interval * 2 / 5 + 1));
}

/* --- down and up */

static void
append_name(struct text *line, const struct worker *worker, unsigned index)
{
	const struct config_upstream *name =
	    &worker->config->upstreams.list[index];

	text_append(line, " upstream=");
	text_host(line, name->host, name->port);
}

/* A list in which the upstream is not alone: -upstream-proxy's if that is one.
 */
static const struct upstream_list *
find_list(const struct config *config, unsigned index)
{
	const struct upstream_list *via = config->route_table.via;

	if (upstream_list_has_other(&via[ROUTE_NONE], index))
		return &via[ROUTE_NONE];
	for (unsigned i = 0; i < config->routes.count; i++) {
		if (upstream_list_has_other(&via[i], index))
			return &via[i];
	}
	return &via[ROUTE_NONE];
}

/* What those that went by the upstream go by now; left out if nothing is up. */
static void
append_next(struct text *line, const struct worker *worker, unsigned index)
{
	struct route route = { .list = find_list(worker->config, index) };
	unsigned next;

	route_try(&route, index);
	switch (route_choose(&route, worker, &next)) {
	case CHOICE_DIRECT:
		text_pair(line, "next", "direct");
		break;
	case CHOICE_UPSTREAM:
		if (worker->upstreams[next].is_down)
			break;
		text_append(line, " next=");
		text_host(line, worker->config->upstreams.list[next].host,
		    worker->config->upstreams.list[next].port);
		break;
	case CHOICE_WAIT:
	case CHOICE_NONE:
		break;
	}
}

static void
set_down(struct worker *worker, struct upstream *upstream, bool is_down)
{
	upstream->is_down = is_down;
	atomic_store_explicit(
	    &worker->counters->upstreams[upstream->index].is_down, is_down,
	    memory_order_relaxed);
}

static void
go_down(struct worker *worker, struct upstream *upstream, const char *cause)
{
	char words[LOG_WORDS_SIZE];
	struct text line = text_in(words, sizeof words);

	assert(upstream->has_alternative && !upstream->is_down);
	set_down(worker, upstream, true);
	ready_drop(worker, upstream->index);
	upstream->good_probes = 0;
	probe_at(worker, upstream, worker->now_ms);
	worker->health.has_news = true;
	append_name(&line, worker, upstream->index);
	text_quote(&line, "cause", span_of(cause, strlen(cause)));
	append_next(&line, worker, upstream->index);
	log_warning("upstream is down%s", words);
}

static void
come_up(struct worker *worker, struct upstream *upstream)
{
	char words[LOG_WORDS_SIZE];
	struct text line = text_in(words, sizeof words);

	set_down(worker, upstream, false);
	append_name(&line, worker, upstream->index);
	log_notice("upstream is up again%s", words);
}

/* --- evidence */

static bool
can_go_down(const struct upstream *upstream)
{
	return upstream->has_alternative && !upstream->is_down;
}

/* A probe runs, or is due some time. */
static bool
is_probed(const struct upstream *upstream)
{
	return upstream->probe_from_ms != DEADLINE_NEVER ||
	    probe_due_ms(&upstream->probe) != DEADLINE_NEVER;
}

void
upstream_health_dial_failed(
    struct worker *worker, unsigned index, const char *cause)
{
	if (can_go_down(&worker->upstreams[index]))
		go_down(worker, &worker->upstreams[index], cause);
}

/* An upstream that ends each request is probed once a second. */
void
upstream_health_suspect(struct worker *worker, unsigned index)
{
	struct upstream *upstream = &worker->upstreams[index];

	if (can_go_down(upstream) && !is_probed(upstream))
		probe_at(worker, upstream,
		    later(worker->now_ms, upstream->probed_ms + RETRY_MS));
}

void
upstream_health_expect(struct worker *worker, unsigned index)
{
	if (can_go_down(&worker->upstreams[index]))
		schedule(worker, worker->now_ms + SILENCE_MS);
}

void
upstream_health_heard(struct worker *worker, unsigned index)
{
	if (index != UPSTREAM_DIRECT)
		worker->upstreams[index].heard_ms = worker->now_ms;
}

/* --- probes */

static void
take_good_probe(struct worker *worker, struct upstream *upstream)
{
	upstream->heard_ms = worker->now_ms;
	if (upstream->is_down && ++upstream->good_probes >= GOOD_PROBES)
		come_up(worker, upstream);
	if (upstream->is_down)
		probe_at(worker, upstream,
		    worker->now_ms + interval_ms(worker, upstream));
}

static void
take_bad_probe(struct worker *worker, struct upstream *upstream)
{
	upstream->good_probes = 0;
	if (upstream->is_down)
		probe_at(worker, upstream,
		    worker->now_ms + interval_ms(worker, upstream));
	else
		go_down(worker, upstream, upstream->probe.cause);
}

static void
run_probe(struct worker *worker, struct upstream *upstream,
    enum probe_reason reason, uint32_t events)
{
	enum probe_verdict verdict =
	    probe_step(&upstream->probe, &worker->sockets, &upstream->addresses,
		worker->now_ms, reason, events);

	upstream->probe_from_ms = DEADLINE_NEVER;
	if (verdict != PROBE_RUNS)
		upstream->probed_ms = worker->now_ms;
	switch (verdict) {
	case PROBE_RUNS:
		schedule(worker, probe_due_ms(&upstream->probe));
		break;
	case PROBE_GOOD:
		take_good_probe(worker, upstream);
		break;
	case PROBE_BAD:
		take_bad_probe(worker, upstream);
		break;
	case PROBE_IMPOSSIBLE:
		probe_at(worker, upstream, worker->now_ms + RETRY_MS);
		break;
	}
}

void
upstream_health_step(
    struct worker *worker, struct watch *watch, uint32_t events)
{
	if (watch->fd == -1) /* it ended earlier in this turn */
		return;
	for (unsigned i = 0; i < worker->config->upstreams.count; i++) {
		struct upstream *upstream = &worker->upstreams[i];

		if (&upstream->probe.watch == watch)
			run_probe(worker, upstream, PROBE_EVENT, events);
	}
}

/* --- what is due */

/* The oldest request has waited for long, and nothing came since: the silence
 * is suspect. */
static void
check_silence(struct worker *worker, struct upstream *upstream)
{
	int64_t oldest_ms, due_ms;

	if (!can_go_down(upstream) || is_probed(upstream))
		return;
	oldest_ms = requests_oldest_ms(&upstream->requests);
	if (oldest_ms == DEADLINE_NEVER)
		return;
	due_ms = later(oldest_ms, upstream->heard_ms) + SILENCE_MS;
	if (due_ms <= worker->now_ms)
		probe_at(worker, upstream, worker->now_ms);
	else
		schedule(worker, due_ms);
}

static void
run(struct worker *worker, struct upstream *upstream)
{
	if (probe_due_ms(&upstream->probe) <= worker->now_ms)
		run_probe(worker, upstream, PROBE_DEADLINE, 0);
	check_silence(worker, upstream);
	if (upstream->probe_from_ms <= worker->now_ms)
		run_probe(worker, upstream, PROBE_BEGINS, 0);
	schedule(worker, probe_due_ms(&upstream->probe));
	schedule(worker, upstream->probe_from_ms);
}

void
upstream_health_close(struct worker *worker)
{
	for (unsigned i = 0; i < worker->config->upstreams.count; i++)
		probe_close(&worker->upstreams[i].probe);
}

/* Nothing goes by an upstream any more but tunnels, which stay with theirs. */
static bool
needs_none(const struct worker *worker)
{
	return worker->draining && worker->pending.count == 0;
}

void
upstream_health_run(struct worker *worker)
{
	worker->health.due_ms = DEADLINE_NEVER;
	if (needs_none(worker)) {
		upstream_health_close(worker);
		return;
	}
	for (unsigned i = 0; i < worker->config->upstreams.count; i++) {
		if (worker->upstreams[i].has_alternative)
			run(worker, &worker->upstreams[i]);
	}
}
