/* SPDX-License-Identifier: MIT */
#include "status/verdict.h"

#include <stddef.h>

#include "status/advice.h"
#include "status/figures.h"
#include "status/finding.h"
#include "status/quantity.h"
#include "status/verdict_upstreams.h"

enum {
	FAILING_MIN = 10, /* connections in the last minute */
	NEAR_PERCENT = 80, /* of a limit */
	RECENT_SECONDS = 60 * 60,
};

static void
find_no_worker(struct verdict *verdict, const struct snapshot *snapshot)
{
	struct finding *finding;

	if (snapshot->worker_count < snapshot->workers_alive)
		return; /* a worker that is not shown may serve */
	for (unsigned i = 0; i < snapshot->worker_count; i++) {
		if (!snapshot->workers[i].is_draining)
			return;
	}
	finding = verdict_add(verdict, SEVERITY_BAD);
	finding_say(finding->words, "no worker serves connections");
	finding_say(finding->more,
	    "New connections wait until one starts. The log has "
	    "the cause.");
}

static void
find_failing(struct verdict *verdict, const struct snapshot *snapshot,
    const struct figures *figures)
{
	const struct figures_span *minute = &figures->minute;
	unsigned cause = figures_failure(snapshot);
	struct finding *finding;

	if (minute->failed < FAILING_MIN ||
	    minute->failed * 2 < minute->accepted || cause == FAILURES)
		return;
	finding = verdict_add(verdict, SEVERITY_BAD);
	finding_say(finding->words,
	    "failing: %s of %s connections in the last minute, most of the "
	    "hour's: %s",
	    quantity_count(minute->failed).text,
	    quantity_count(minute->accepted).text,
	    advice_on_failure((enum failure)cause).what);
	finding_say(
	    finding->more, "%s", advice_on_failure((enum failure)cause).to_do);
}

/* Says how near something is to its bound; NULL where it is not, or where
 * nothing bounds it. */
static struct finding *
find_bound(
    struct verdict *verdict, uint64_t used, uint64_t bound, const char *of_what)
{
	struct finding *finding;

	if (bound == 0 || used * 100 < bound * NEAR_PERCENT)
		return NULL;
	finding = verdict_add(
	    verdict, used >= bound ? SEVERITY_BAD : SEVERITY_WARNING);
	finding_say(finding->words, "%s the limit: %s of %s %s (%s)",
	    used >= bound ? "at" : "near", quantity_count(used).text,
	    quantity_count(bound).text, of_what,
	    quantity_percent(used, bound).text);
	return finding;
}

static void
find_limits(struct verdict *verdict, const struct snapshot *snapshot)
{
	struct finding *finding =
	    find_bound(verdict, snapshot->open, snapshot->limit, "connections");

	if (finding != NULL)
		finding_say(finding->more,
		    "What bounds them: %s. At the limit new "
		    "clients wait. See the heaviest clients, "
		    "and -max-connections.",
		    snapshot->limit_cause);
	finding = find_bound(verdict, snapshot->accept_queue,
	    snapshot->accept_queue_limit, "clients in the accept queue");
	if (finding != NULL)
		finding_say(finding->more,
		    "Workers are too busy, or at their limit: "
		    "beyond it clients are turned away.");
	finding = find_bound(verdict, snapshot->local_ports_used,
	    snapshot->local_ports, "local ports");
	if (finding != NULL)
		finding_say(finding->more, "%s",
		    advice_on_failure(FAILURE_NO_LOCAL_PORT).to_do);
}

static bool
is_recent(const struct snapshot *snapshot, int64_t time, int64_t seconds)
{
	return time != 0 && snapshot->now - time <= seconds;
}

static void
find_client_limit(struct verdict *verdict, const struct snapshot *snapshot)
{
	const struct snapshot_failure *failure =
	    &snapshot->failed[FAILURE_CLIENT_LIMIT];
	struct finding *finding;

	if (!is_recent(snapshot, failure->last, 60))
		return;
	finding = verdict_add(verdict, SEVERITY_WARNING);
	finding_say(finding->words,
	    "a client is at its limit: %s connections refused in the last hour",
	    quantity_count(failure->hour).text);
	finding_say(
	    finding->more, "%s", advice_on_failure(FAILURE_CLIENT_LIMIT).to_do);
}

static void
find_restart(struct verdict *verdict, const struct snapshot *snapshot)
{
	struct finding *finding;

	if (!is_recent(snapshot, snapshot->last_restart, RECENT_SECONDS))
		return;
	finding = verdict_add(verdict, SEVERITY_WARNING);
	finding_say(finding->words, "a worker died at ");
	finding_say_time(finding->words, snapshot, snapshot->last_restart);
	finding_say(finding->words, ", %s restarts since the start",
	    quantity_count(snapshot->worker_restarts).text);
	finding_say(finding->more,
	    "Its connections were reset, all others went on. "
	    "The log has the cause.");
}

static void
find_reload(struct verdict *verdict, const struct snapshot *snapshot)
{
	struct finding *finding;

	if (!snapshot->last_reload_failed)
		return;
	finding = verdict_add(verdict, SEVERITY_WARNING);
	finding_say(finding->words, "the reload failed at ");
	finding_say_time(finding->words, snapshot, snapshot->last_reload);
	finding_say(finding->more,
	    "The configuration before it is in use. The log "
	    "names the mistake.");
}

void
verdict_of(struct verdict *verdict, const struct snapshot *snapshot)
{
	struct figures figures = figures_of(snapshot);

	verdict->count = 0;
	find_no_worker(verdict, snapshot);
	verdict_find_down(verdict, snapshot);
	verdict_find_slow(verdict, snapshot, &figures);
	find_failing(verdict, snapshot, &figures);
	find_limits(verdict, snapshot);
	find_client_limit(verdict, snapshot);
	find_restart(verdict, snapshot);
	find_reload(verdict, snapshot);
	if (verdict->count == 0)
		finding_say(
		    verdict_add(verdict, SEVERITY_WELL)->words, "all well");
}
