/* SPDX-License-Identifier: MIT */
#include "status/advice.h"
#include "status/page_parts.h"
#include "status/quantity.h"

/* One limit; without a bound, only how much there is. */
static void
write_limit(struct output *output, const char *title, uint64_t used,
    uint64_t bound, const char *cause)
{
	page_cell_first(output, title);
	page_cell(output, "now", quantity_count(used).text);
	page_cell(output, "at most",
	    bound > 0 ? quantity_count(bound).text : "not known");
	output_append(output, "<td data-label=\"full\" class=share>");
	output_html(output, quantity_percent(used, bound).text);
	page_limit_bar(output, used, bound);
	output_append(output, "<td class=advice>");
	output_html(output, cause);
	output_append(output, "\n");
}

static void
write_limits(struct output *output, const struct snapshot *snapshot)
{
	output_append(output,
	    "<h2>Limits</h2><table class=rows><thead><tr><th scope=col>of"
	    "<th scope=col>now<th scope=col>at most<th scope=col>full"
	    "<th scope=col class=advice>what bounds it</thead>\n");
	write_limit(output, "connections", snapshot->open, snapshot->limit,
	    snapshot->limit_cause);
	write_limit(output, "accept queue", snapshot->accept_queue,
	    snapshot->accept_queue_limit,
	    "net.core.somaxconn; clients wait here while workers are full");
	write_limit(output, "local ports", snapshot->local_ports_used,
	    snapshot->local_ports,
	    "net.ipv4.ip_local_port_range, for each address of an upstream");
	output_append(output, "</table>\n");
}

static void
write_count(struct output *output, const char *title, uint64_t count)
{
	page_cell_first(output, title);
	output_format(output, "<td>%s\n", quantity_count(count).text);
}

static void
begin_counts(struct output *output, const char *title)
{
	output_format(output, "<div><h2>%s</h2><table>\n", title);
}

static void
end_counts(struct output *output)
{
	output_append(output, "</table></div>\n");
}

static void
write_states(struct output *output, const struct snapshot *snapshot)
{
	begin_counts(output, "Connections by state, now");
	for (unsigned i = SNAPSHOT_STATES; i > 0; i--)
		write_count(
		    output, advice_state(i - 1), snapshot->states[i - 1]);
	end_counts(output);
}

static void
write_ends(struct output *output, const struct snapshot *snapshot)
{
	begin_counts(output, "Connections since the start");
	write_count(output, "accepted", snapshot->accepted);
	write_count(output, "by a tunnel", snapshot->tunnelled);
	write_count(output, "as plain HTTP requests", snapshot->relayed);
	write_count(output, "direct, without an upstream", snapshot->direct);
	for (unsigned i = 0; i < RESULTS; i++)
		write_count(output, advice_result((enum connection_result)i),
		    snapshot->ended[i]);
	write_count(output, "lost in crashes of workers", snapshot->crashed);
	end_counts(output);
}

static void
write_bytes(struct output *output, const char *title, uint64_t bytes)
{
	page_cell_first(output, title);
	output_format(output, "<td>%s\n", quantity_bytes(bytes).text);
}

static void
write_other(struct output *output, const struct snapshot *snapshot)
{
	begin_counts(output, "Bytes, names, others");
	write_bytes(output, "received", snapshot->received);
	write_bytes(output, "sent", snapshot->sent);
	write_bytes(output, "of both, moved by splice", snapshot->spliced);
	for (unsigned i = 0; i < SNIFF_OUTCOMES; i++)
		write_count(output, advice_sniff((enum sniff_outcome)i),
		    snapshot->sniffs[i]);
	write_count(output, "ready connections taken", snapshot->ready_taken);
	write_count(output, "ready connections that grew too old",
	    snapshot->ready_expired);
	write_count(output, "ready connections that the upstream had closed",
	    snapshot->ready_stale);
	write_count(output, "log lines dropped", snapshot->log_lines_dropped);
	end_counts(output);
}

void
page_limits(struct output *output, const struct snapshot *snapshot)
{
	output_append(output, "<section id=limits>\n");
	write_limits(output, snapshot);
	output_append(output, "<div class=counts>\n");
	write_states(output, snapshot);
	write_ends(output, snapshot);
	write_other(output, snapshot);
	output_append(output, "</div></section>\n");
}
