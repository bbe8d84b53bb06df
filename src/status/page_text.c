/* SPDX-License-Identifier: MIT */
#include "status/page_text.h"

#include <stddef.h>

#include "status/advice.h"
#include "status/figures.h"
#include "status/page_text_parts.h"
#include "status/quantity.h"
#include "status/text_lines.h"
#include "status/verdict.h"

static void
write_title(struct output *output, const struct snapshot *snapshot)
{
	text_line(output, "HandyProxy %s, version %s, up %s, %s UTC",
	    text_cut(snapshot->host, 48).text, VERSION,
	    quantity_age(snapshot->now - snapshot->started).text,
	    quantity_clock(snapshot->now, snapshot->now).text);
}

static void
write_verdict(struct output *output, const struct snapshot *snapshot)
{
	struct verdict verdict;

	verdict_of(&verdict, snapshot);
	for (unsigned i = 0; i < verdict.count; i++) {
		output_append(output, "\n");
		text_wrap(output, 0, verdict.findings[i].words);
		text_wrap(output, 4, verdict.findings[i].more);
	}
}

static void
write_open(struct output *output, const struct snapshot *snapshot)
{
	text_line(output, "connections    %s of %s (%s), bounded by %s",
	    quantity_count(snapshot->open).text,
	    quantity_count(snapshot->limit).text,
	    quantity_percent(snapshot->open, snapshot->limit).text,
	    text_cut(snapshot->limit_cause, 50).text);
	for (unsigned i = SNAPSHOT_STATES; i > 0; i--) {
		if (snapshot->states[i - 1] > 0)
			text_line(output, "               %s %s",
			    quantity_count(snapshot->states[i - 1]).text,
			    advice_state(i - 1));
	}
}

static void
write_bound(
    struct output *output, const char *title, uint32_t used, uint32_t bound)
{
	if (bound > 0)
		text_line(output, "%-15s%s of %s (%s)", title,
		    quantity_count(used).text, quantity_count(bound).text,
		    quantity_percent(used, bound).text);
}

static void
write_waiting(struct output *output, const struct figures *figures)
{
	if (figures->slowest != NULL)
		text_line(output,
		    "waiting        %s for an answer, the oldest for %s",
		    quantity_count(figures->waiting).text,
		    quantity_ms(figures->oldest_ms).text);
}

static void
write_rates(struct output *output, const struct snapshot *snapshot,
    const struct figures *figures)
{
	const struct figures_span *minute = &figures->minute;
	const struct figures_span *hour = &figures->hour;

	text_line(output,
	    "new            %s a second; hour: %s, at most %s%s%.5s",
	    quantity_rate(figures_per_second(minute->accepted, minute)).text,
	    quantity_rate(figures_per_second(hour->accepted, hour)).text,
	    quantity_rate(figures->peak).text,
	    figures->peak_begin != 0 ? " at " : "",
	    figures->peak_begin != 0
		? quantity_clock(figures->peak_begin, snapshot->now).text
		: "");
	text_line(output, "failed         %s of %s in the last hour (%s)",
	    quantity_count(hour->failed).text,
	    quantity_count(hour->accepted).text,
	    quantity_percent(hour->failed, hour->accepted).text);
	text_line(output, "bytes          %s received, %s sent; hour: %s, %s",
	    quantity_bits(figures_per_second(minute->received, minute)).text,
	    quantity_bits(figures_per_second(minute->sent, minute)).text,
	    quantity_bytes(hour->received).text,
	    quantity_bytes(hour->sent).text);
}

static void
write_now(struct output *output, const struct snapshot *snapshot)
{
	struct figures figures = figures_of(snapshot);

	output_append(output, "\n");
	write_open(output, snapshot);
	write_waiting(output, &figures);
	write_bound(output, "accept queue", snapshot->accept_queue,
	    snapshot->accept_queue_limit);
	write_bound(output, "local ports", snapshot->local_ports_used,
	    snapshot->local_ports);
	write_rates(output, snapshot, &figures);
}

void
page_text_write(struct output *output, const struct snapshot *snapshot)
{
	write_title(output, snapshot);
	write_verdict(output, snapshot);
	write_now(output, snapshot);
	page_text_upstreams(output, snapshot);
	page_text_hour(output, snapshot);
	page_text_failures(output, snapshot);
	page_text_clients(output, snapshot);
	page_text_workers(output, snapshot);
	page_text_totals(output, snapshot);
}
