/* SPDX-License-Identifier: MIT */
#include <string.h>

#include "ipc/upstream_counters.h"
#include "status/page_parts.h"
#include "status/quantity.h"

static bool
was_used(const struct snapshot_upstream *upstream)
{
	return upstream->dialled > 0 || upstream->dial_failures > 0 ||
	    upstream->waiting > 0;
}

static bool
is_slow(const struct snapshot_upstream *upstream)
{
	return upstream->waiting > 0 && upstream->oldest_ms >= UPSTREAM_SLOW_MS;
}

static void
write_state(struct output *output, const struct snapshot *snapshot,
    const struct snapshot_upstream *upstream)
{
	if (upstream->is_down)
		output_append(output, "<p><strong>down</strong>");
	else if (upstream->workers_down > 0)
		output_format(output,
		    "<p><strong>down for %u of %u workers</strong>",
		    upstream->workers_down, upstream->workers);
	else if (!was_used(upstream))
		output_append(output, "<p>not used yet");
	else
		output_append(output,
		    is_slow(upstream) ? "<p><strong>slow to answer</strong>, up"
				      : "<p>up");
	if (upstream->since != 0 && (upstream->is_down || was_used(upstream)))
		output_format(output, " since %s (%s)",
		    quantity_clock(upstream->since, snapshot->now).text,
		    quantity_age(snapshot->now - upstream->since).text);
	output_append(output, "</p>\n");
}

static void
write_row(
    struct output *output, const char *title, const struct histogram *times)
{
	static const unsigned percents[] = { 50, 95, 99 };

	output_format(output, "<tr><th scope=row>%s", title);
	for (unsigned i = 0; i < 3; i++)
		output_format(output, "<td>%s",
		    quantity_ms(histogram_percentile(times, percents[i])).text);
	output_append(output, "\n");
}

static void
write_times(struct output *output, const struct snapshot_upstream *upstream)
{
	output_append(output,
	    "<table><thead><tr><th scope=col>last hour<th scope=col>median"
	    "<th scope=col>95th %<th scope=col>99th %</thead>\n");
	write_row(output, "to connect", &upstream->hour_connect);
	write_row(output, "to answer", &upstream->hour_answer);
	output_append(output, "</table>\n");
}

static void
write_now(struct output *output, const struct snapshot_upstream *upstream)
{
	output_format(
	    output, "<p>%s open", quantity_count(upstream->open).text);
	if (upstream->waiting > 0)
		output_format(output,
		    ", <strong>%s wait for an answer, the oldest for %s"
		    "</strong>",
		    quantity_count(upstream->waiting).text,
		    quantity_ms(upstream->oldest_ms).text);
	output_append(output, "</p>\n");
}

static void
write_past(struct output *output, const struct snapshot *snapshot,
    const struct snapshot_upstream *upstream)
{
	output_format(output,
	    "<p>since the start: %s connected, %s could not, ",
	    quantity_count(upstream->dialled).text,
	    quantity_count(upstream->dial_failures).text);
	output_format(output, "%s answers refused</p>\n",
	    quantity_count(upstream->refused).text);
	if (upstream->last_failure == 0)
		return;
	output_format(output, "<p>last failure %s: <em>",
	    quantity_clock(upstream->last_failure, snapshot->now).text);
	output_html(output, upstream->last_failure_words);
	output_append(output, "</em></p>\n");
}

static const char *
level(const struct snapshot_upstream *upstream)
{
	if (upstream->is_down)
		return "bad";
	if (upstream->workers_down > 0 || is_slow(upstream))
		return "warning";
	return was_used(upstream) ? "ok" : "idle";
}

static void
write_upstream(struct output *output, const struct snapshot *snapshot,
    const struct snapshot_upstream *upstream)
{
	output_format(output, "<article class=%s><h3>", level(upstream));
	output_html(output, upstream->name);
	output_append(output, "</h3>");
	if (upstream->address[0] != '\0' &&
	    strcmp(upstream->address, upstream->name) != 0) {
		output_append(output, "<p class=address>");
		output_html(output, upstream->address);
		output_append(output, "</p>\n");
	}
	write_state(output, snapshot, upstream);
	if (was_used(upstream)) {
		write_now(output, upstream);
		write_times(output, upstream);
		write_past(output, snapshot, upstream);
	}
	output_append(output, "</article>\n");
}

void
page_upstreams(struct output *output, const struct snapshot *snapshot)
{
	output_append(output,
	    "<section id=upstreams><h2>Upstreams</h2><div class=cards>\n");
	for (unsigned i = 0; i < SNAPSHOT_UPSTREAMS; i++) {
		if (snapshot->upstreams[i].name[0] != '\0')
			write_upstream(
			    output, snapshot, &snapshot->upstreams[i]);
	}
	output_append(output, "</div></section>\n");
}
