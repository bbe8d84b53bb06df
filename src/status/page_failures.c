/* SPDX-License-Identifier: MIT */
#include "status/advice.h"
#include "status/page_parts.h"
#include "status/quantity.h"

static void
write_advice(struct output *output, const char *to_do)
{
	output_append(output, "<td class=advice>");
	output_html(output, to_do);
	output_append(output, "\n");
}

static void
write_failure(
    struct output *output, const struct snapshot *snapshot, unsigned kind)
{
	const struct snapshot_failure *failure = &snapshot->failed[kind];
	struct advice advice = advice_on_failure((enum failure)kind);

	page_cell_first(output, advice.what);
	page_cell(output, "last hour", quantity_count(failure->hour).text);
	page_cell(output, "since start", quantity_count(failure->count).text);
	page_cell(
	    output, "last", quantity_clock(failure->last, snapshot->now).text);
	write_advice(output, advice.to_do);
}

static void
write_causes(struct output *output, const struct snapshot *snapshot)
{
	unsigned kinds[FAILURES];
	unsigned count = figures_failures(snapshot, kinds);

	if (count == 0) {
		output_append(output, "<p>None since the start.</p>\n");
		return;
	}
	output_append(output,
	    "<table class=rows><thead><tr><th scope=col>cause<th scope=col>"
	    "last hour<th scope=col>since start<th scope=col>last"
	    "<th scope=col class=advice>what to do</thead>\n");
	for (unsigned i = 0; i < count; i++)
		write_failure(output, snapshot, kinds[i]);
	output_append(output, "</table>\n");
}

static void
write_refusal(
    struct output *output, uint64_t count, uint64_t all, unsigned index)
{
	struct advice advice = advice_on_refusal(index);

	output_format(output, "<tr><th scope=row>%s %s", refusal_name(index),
	    advice.what);
	page_cell(output, "since start", quantity_count(count).text);
	page_cell(output, "share", quantity_percent(count, all).text);
	write_advice(output, advice.to_do);
}

static void
write_refusals(struct output *output, const struct snapshot *snapshot)
{
	uint64_t all = 0;

	for (unsigned i = 0; i < REFUSAL_STATUSES; i++)
		all += snapshot->refused[i];
	if (all == 0)
		return;
	output_append(output,
	    "<h2>Refusals of upstreams, by status</h2>\n"
	    "<table class=rows><thead><tr><th scope=col>status<th scope=col>"
	    "since start<th scope=col>share<th scope=col class=advice>"
	    "what to do</thead>\n");
	for (unsigned i = 0; i < REFUSAL_STATUSES; i++) {
		if (snapshot->refused[i] > 0)
			write_refusal(output, snapshot->refused[i], all, i);
	}
	output_append(output, "</table>\n");
}

void
page_failures(struct output *output, const struct snapshot *snapshot)
{
	output_append(
	    output, "<section id=failures><h2>Connections that failed</h2>\n");
	write_causes(output, snapshot);
	write_refusals(output, snapshot);
	output_append(output, "</section>\n");
}
