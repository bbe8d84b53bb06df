/* SPDX-License-Identifier: MIT */
#include <stddef.h>

#include "status/advice.h"
#include "status/page_parts.h"
#include "status/quantity.h"

/* Opens a tile: its title, and its figure. The rest is the caller's. */
static void
begin_tile(struct output *output, const char *title, const char *value)
{
	output_format(output, "<div><dt>%s<dd><b>", title);
	output_html(output, value);
	output_append(output, "</b> ");
}

static void
end_tile(struct output *output)
{
	output_append(output, "</div>\n");
}

static void
write_open(struct output *output, const struct snapshot *snapshot)
{
	begin_tile(output, "Connections", quantity_count(snapshot->open).text);
	output_format(output, "of %s, %s", quantity_count(snapshot->limit).text,
	    quantity_percent(snapshot->open, snapshot->limit).text);
	page_limit_bar(output, snapshot->open, snapshot->limit);
	end_tile(output);
}

/* The median. */
static struct quantity
answer_time(const struct figures_span *span)
{
	return quantity_ms(histogram_percentile(&span->answers, 50));
}

static void
write_answers(struct output *output, const struct figures *figures)
{
	begin_tile(
	    output, "Time to answer", answer_time(&figures->minute).text);
	output_format(output, "hour: %s. %s wait",
	    answer_time(&figures->hour).text,
	    quantity_count(figures->waiting).text);
	if (figures->slowest != NULL)
		output_format(output, ", the oldest for %s",
		    quantity_ms(figures->oldest_ms).text);
	end_tile(output);
}

static void
write_new(struct output *output, const struct snapshot *snapshot,
    const struct figures *figures)
{
	begin_tile(output, "New connections a second",
	    quantity_rate(
		figures_per_second(figures->minute.accepted, &figures->minute))
		.text);
	output_format(output, "hour: %s",
	    quantity_rate(
		figures_per_second(figures->hour.accepted, &figures->hour))
		.text);
	if (figures->peak_begin != 0)
		output_format(output, ", at most %s at %.5s",
		    quantity_rate(figures->peak).text,
		    quantity_clock(figures->peak_begin, snapshot->now).text);
	end_tile(output);
}

static void
write_failed(struct output *output, const struct snapshot *snapshot,
    const struct figures *figures)
{
	unsigned cause = figures_failure(snapshot);

	begin_tile(output, "Failed in the last hour",
	    quantity_count(figures->hour.failed).text);
	output_format(output, "of %s, %s",
	    quantity_count(figures->hour.accepted).text,
	    quantity_percent(figures->hour.failed, figures->hour.accepted)
		.text);
	if (cause != FAILURES)
		output_format(output, ", most: %s",
		    advice_on_failure((enum failure)cause).what);
	end_tile(output);
}

static void
write_bytes(struct output *output, const struct figures *figures)
{
	const struct figures_span *minute = &figures->minute;

	begin_tile(output, "Received",
	    quantity_bits(figures_per_second(minute->received, minute)).text);
	output_format(output, "sent: %s. Hour: %s received, ",
	    quantity_bits(figures_per_second(minute->sent, minute)).text,
	    quantity_bytes(figures->hour.received).text);
	output_format(
	    output, "%s sent", quantity_bytes(figures->hour.sent).text);
	end_tile(output);
}

static void
write_heaviest(struct output *output, const struct snapshot *snapshot)
{
	const struct snapshot_client *client = &snapshot->clients[0];
	uint64_t bytes = client->sent + client->received;

	if (snapshot->client_count == 0) {
		begin_tile(output, "Heaviest client", "none");
	} else {
		begin_tile(output, "Heaviest client", client->address);
		output_format(output, "%s since the start, %s of all; %s open",
		    quantity_bytes(bytes).text,
		    quantity_percent(bytes, snapshot->sent + snapshot->received)
			.text,
		    quantity_count(client->open).text);
	}
	end_tile(output);
}

void
page_overview(struct output *output, const struct snapshot *snapshot,
    const struct figures *figures)
{
	output_append(output, "<section id=now><dl class=tiles>\n");
	write_open(output, snapshot);
	write_answers(output, figures);
	write_new(output, snapshot, figures);
	write_failed(output, snapshot, figures);
	write_bytes(output, figures);
	write_heaviest(output, snapshot);
	output_append(output, "</dl></section>\n");
}
