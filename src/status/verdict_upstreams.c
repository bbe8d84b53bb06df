/* SPDX-License-Identifier: MIT */
#include "status/verdict_upstreams.h"

#include <stddef.h>

#include "ipc/upstream_counters.h"
#include "status/quantity.h"

enum {
	SLOW_MEDIAN_MS = 1000,
	SLOW_TIMES = 5, /* the hour's median */
};

static bool
is_up(const struct snapshot_upstream *upstream)
{
	return upstream->name[0] != '\0' && !upstream->is_down;
}

/* The first that is up, `direct` among them, or NULL. */
static const struct snapshot_upstream *
substitute(const struct snapshot *snapshot)
{
	for (unsigned i = 0; i < SNAPSHOT_UPSTREAMS; i++) {
		if (is_up(&snapshot->upstreams[i]))
			return &snapshot->upstreams[i];
	}
	return NULL;
}

static void
say_down(struct finding *finding, const struct snapshot *snapshot,
    const struct snapshot_upstream *upstream,
    const struct snapshot_upstream *other)
{
	finding_say(finding->words, "%s is down since ", upstream->name);
	finding_say_time(finding->words, snapshot, upstream->since);
	if (upstream->last_failure_words[0] != '\0')
		finding_say(finding->more, "Its last failure: %s. ",
		    upstream->last_failure_words);
	if (other != NULL)
		finding_say(
		    finding->more, "New connections go by %s.", other->name);
	else
		finding_say(finding->more,
		    "No other upstream is up: nothing gets "
		    "through. Is the proxy running, is there a "
		    "route to it?");
}

static void
say_partly_down(
    struct finding *finding, const struct snapshot_upstream *upstream)
{
	finding_say(finding->words, "%s is down for %u of %u workers",
	    upstream->name, upstream->workers_down, upstream->workers);
	finding_say(finding->more, "It fails now and then. ");
	if (upstream->last_failure_words[0] != '\0')
		finding_say(finding->more, "Its last failure: %s.",
		    upstream->last_failure_words);
}

void
verdict_find_down(struct verdict *verdict, const struct snapshot *snapshot)
{
	const struct snapshot_upstream *other = substitute(snapshot);

	for (unsigned i = 0; i < SNAPSHOT_UPSTREAMS; i++) {
		const struct snapshot_upstream *upstream =
		    &snapshot->upstreams[i];

		if (upstream->name[0] == '\0')
			continue;
		if (upstream->is_down)
			say_down(verdict_add(verdict,
				     other != NULL ? SEVERITY_WARNING
						   : SEVERITY_BAD),
			    snapshot, upstream, other);
		else if (upstream->workers_down > 0)
			say_partly_down(
			    verdict_add(verdict, SEVERITY_WARNING), upstream);
	}
}

/* When the row of slow minutes began that has not ended. */
static int64_t
slow_since(const struct snapshot *snapshot)
{
	int64_t begin = snapshot->now;

	for (unsigned i = snapshot->minute_count; i > 0; i--) {
		const struct snapshot_period *minute =
		    &snapshot->minutes[i - 1];

		if (minute->begin == 0 ||
		    (minute->oldest_ms < UPSTREAM_SLOW_MS &&
			histogram_percentile(&minute->answers, 50) <=
			    SLOW_MEDIAN_MS))
			break;
		begin = minute->begin;
	}
	return begin;
}

static void
say_slow(struct finding *finding, const struct snapshot *snapshot,
    const struct figures *figures, int64_t time_ms, int64_t hour_ms)
{
	finding_say(finding->words, "slow: answers take %s, ",
	    quantity_seconds(time_ms).text);
	finding_say(finding->words,
	    hour_ms >= 0 ? "%s in the last hour"
			 : "%snone in "
			   "the last hour",
	    hour_ms >= 0 ? quantity_seconds(hour_ms).text : "");
	finding_say(finding->words, ", %u wait", figures->waiting);
	if (figures->slowest != NULL)
		finding_say(finding->more, "The longest wait is for %s: %s. ",
		    figures->slowest->name,
		    quantity_ms(figures->oldest_ms).text);
	finding_say(finding->more, "Slow since ");
	finding_say_time(finding->more, snapshot, slow_since(snapshot));
	finding_say(finding->more,
	    ". Look at that proxy, at the way to it, at its way to "
	    "the Internet and at its name server.");
}

void
verdict_find_slow(struct verdict *verdict, const struct snapshot *snapshot,
    const struct figures *figures)
{
	int64_t minute_ms = histogram_percentile(&figures->minute.answers, 50);
	int64_t hour_ms = histogram_percentile(&figures->hour.answers, 50);
	bool is_slower =
	    minute_ms > SLOW_MEDIAN_MS && minute_ms > hour_ms * SLOW_TIMES;

	if (!is_slower && figures->oldest_ms < UPSTREAM_SLOW_MS)
		return;
	say_slow(verdict_add(verdict, SEVERITY_BAD), snapshot, figures,
	    is_slower ? minute_ms : figures->oldest_ms, hour_ms);
}
