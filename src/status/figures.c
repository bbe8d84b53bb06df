/* SPDX-License-Identifier: MIT */
#include "status/figures.h"

#include <stddef.h>

static void
add_period(struct figures_span *sum, const struct snapshot_period *period)
{
	sum->accepted += period->accepted;
	sum->failed += period->failed;
	sum->sent += period->sent;
	sum->received += period->received;
	histogram_add(&sum->answers, &period->answers);
}

/* The first that began after the start says how long it has been. */
static struct figures_span
span_of_periods(
    const struct snapshot_period *periods, unsigned count, int64_t now)
{
	struct figures_span sum = { .seconds = 0 };

	for (unsigned i = 0; i < count; i++) {
		if (periods[i].begin == 0)
			continue;
		if (sum.seconds == 0)
			sum.seconds = now - periods[i].begin;
		add_period(&sum, &periods[i]);
	}
	if (sum.seconds < 1)
		sum.seconds = 1;
	return sum;
}

double
figures_per_second(uint64_t sum, const struct figures_span *span)
{
	return (double)sum / (double)span->seconds;
}

int64_t
figures_minute_seconds(const struct snapshot *snapshot, unsigned minute)
{
	int64_t end = minute + 1 < snapshot->minute_count
	    ? snapshot->minutes[minute + 1].begin
	    : snapshot->now;
	int64_t seconds = end - snapshot->minutes[minute].begin;

	return seconds >= 1 ? seconds : 1;
}

/* A minute that has just begun says little. */
static void
find_peak(struct figures *figures, const struct snapshot *snapshot)
{
	enum { ENOUGH_SECONDS = 10 };

	for (unsigned i = 0; i < snapshot->minute_count; i++) {
		const struct snapshot_period *minute = &snapshot->minutes[i];
		int64_t seconds = figures_minute_seconds(snapshot, i);
		double rate = (double)minute->accepted / (double)seconds;

		if (minute->begin != 0 && rate > figures->peak &&
		    (seconds >= ENOUGH_SECONDS ||
			snapshot->minute_count == 1)) {
			figures->peak = rate;
			figures->peak_begin = minute->begin;
		}
	}
}

static void
find_slowest(struct figures *figures, const struct snapshot *snapshot)
{
	for (unsigned i = 0; i < SNAPSHOT_UPSTREAMS; i++) {
		const struct snapshot_upstream *upstream =
		    &snapshot->upstreams[i];

		if (upstream->name[0] == '\0' || upstream->waiting == 0)
			continue;
		figures->waiting += upstream->waiting;
		if (figures->slowest == NULL ||
		    upstream->oldest_ms > figures->oldest_ms) {
			figures->slowest = upstream;
			figures->oldest_ms = upstream->oldest_ms;
		}
	}
}

/* More in the last hour, or as many and more since the start. */
static bool
is_more(
    const struct snapshot_failure *one, const struct snapshot_failure *other)
{
	if (one->hour != other->hour)
		return one->hour > other->hour;
	return one->count > other->count;
}

unsigned
figures_failures(const struct snapshot *snapshot, unsigned kinds[FAILURES])
{
	unsigned count = 0;

	for (unsigned kind = 0; kind < FAILURES; kind++) {
		unsigned place = count;

		if (snapshot->failed[kind].count == 0)
			continue;
		while (place > 0 &&
		    is_more(&snapshot->failed[kind],
			&snapshot->failed[kinds[place - 1]])) {
			kinds[place] = kinds[place - 1];
			place--;
		}
		kinds[place] = kind;
		count++;
	}
	return count;
}

unsigned
figures_failure(const struct snapshot *snapshot)
{
	unsigned kinds[FAILURES];
	unsigned count = figures_failures(snapshot, kinds);

	return count > 0 && snapshot->failed[kinds[0]].hour > 0 ? kinds[0]
								: FAILURES;
}

static bool
is_before(
    const struct snapshot_worker *one, const struct snapshot_worker *other)
{
	if (one->number != other->number)
		return one->number < other->number;
	return !one->is_draining && other->is_draining;
}

unsigned
figures_workers(
    const struct snapshot *snapshot, unsigned places[SNAPSHOT_WORKERS])
{
	const struct snapshot_worker *workers = snapshot->workers;
	unsigned count = 0;

	for (unsigned worker = 0;
	     worker < snapshot->worker_count && count < SNAPSHOT_WORKERS;
	     worker++) {
		unsigned place = count++;

		while (place > 0 &&
		    is_before(&workers[worker], &workers[places[place - 1]])) {
			places[place] = places[place - 1];
			place--;
		}
		places[place] = worker;
	}
	return count;
}

struct figures
figures_of(const struct snapshot *snapshot)
{
	struct figures figures = {
		.minute = span_of_periods(
		    snapshot->seconds, snapshot->second_count, snapshot->now),
		.hour = span_of_periods(
		    snapshot->minutes, snapshot->minute_count, snapshot->now),
	};

	find_peak(&figures, snapshot);
	find_slowest(&figures, snapshot);
	return figures;
}
