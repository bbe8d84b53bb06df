/* SPDX-License-Identifier: MIT */
#include "status/metrics.h"

#include <inttypes.h>
#include <stdio.h>

#define PREFIX "handyproxy_"

static void
family(
    struct output *output, const char *name, const char *type, const char *help)
{
	output_format(output,
	    "# HELP " PREFIX "%s %s\n# TYPE " PREFIX "%s %s\n", name, help,
	    name, type);
}

static void
single(struct output *output, const char *name, const char *type,
    const char *help, uint64_t value)
{
	family(output, name, type, help);
	output_format(output, PREFIX "%s %" PRIu64 "\n", name, value);
}

/* Of a family: the value of one label. */
static void
labelled(struct output *output, const char *name, const char *label,
    const char *text, uint64_t value)
{
	output_format(output, PREFIX "%s{%s=\"", name, label);
	output_label(output, text);
	output_format(output, "\"} %" PRIu64 "\n", value);
}

static void
write_process(struct output *output, const struct snapshot *snapshot)
{
	family(output, "build_info", "gauge", "The version, as a label.");
	labelled(output, "build_info", "version", VERSION, 1);
	single(output, "start_time_seconds", "gauge",
	    "When the daemon started, in seconds since 1970.",
	    (uint64_t)snapshot->started);
	single(output, "workers", "gauge",
	    "Worker processes, those that finish their tunnels too.",
	    snapshot->workers_alive);
	single(output, "worker_restarts_total", "counter",
	    "Workers that died unasked.", snapshot->worker_restarts);
	single(output, "log_lines_dropped_total", "counter",
	    "Lines that the log did not take.", snapshot->log_lines_dropped);
	single(output, "config_last_reload_successful", "gauge",
	    "0 while the configuration file is wrong since a reload.",
	    !snapshot->last_reload_failed);
}

static void
write_connections(struct output *output, const struct snapshot *snapshot)
{
	family(output, "connections", "gauge", "Connections now, by state.");
	for (unsigned i = 0; i < SNAPSHOT_STATES; i++)
		labelled(output, "connections", "state", snapshot_state_name(i),
		    snapshot->states[i]);
	single(output, "connections_limit", "gauge",
	    "Connections that can be served at once.", snapshot->limit);
	single(output, "connections_accepted_total", "counter",
	    "Connections of clients.", snapshot->accepted);
	single(output, "accept_queue_length", "gauge",
	    "Connections that no worker has accepted as yet.",
	    snapshot->accept_queue);
	single(output, "accept_queue_limit", "gauge",
	    "How many may wait there.", snapshot->accept_queue_limit);
}

static void
write_ends(struct output *output, const struct snapshot *snapshot)
{
	static const char ended[] = "connections_ended_total";
	static const char failed[] = "connection_failures_total";

	family(output, ended, "counter",
	    "Connections that ended otherwise than by a failure before their "
	    "tunnel; crashed: with their worker.");
	for (unsigned i = 0; i < RESULTS; i++)
		labelled(output, ended, "result",
		    result_name((enum connection_result)i), snapshot->ended[i]);
	labelled(output, ended, "result", "crashed", snapshot->crashed);
	family(output, failed, "counter",
	    "Connections that failed before they were tunnels.");
	for (unsigned i = 0; i < FAILURES; i++)
		labelled(output, failed, "cause", failure_name((enum failure)i),
		    snapshot->failed[i].count);
}

static void
write_tunnels(struct output *output, const struct snapshot *snapshot)
{
	static const char tunnels[] = "tunnels_total",
			  sniffs[] = "sniffs_total";

	family(output, tunnels, "counter",
	    "Tunnels by CONNECT, requests that were relayed, tunnels to the "
	    "destination itself.");
	labelled(output, tunnels, "mode", "connect", snapshot->tunnelled);
	labelled(output, tunnels, "mode", "relay", snapshot->relayed);
	labelled(output, tunnels, "mode", "direct", snapshot->direct);
	family(
	    output, sniffs, "counter", "How the look for a host's name ended.");
	for (unsigned i = 0; i < SNIFF_OUTCOMES; i++)
		labelled(output, sniffs, "outcome",
		    sniff_outcome_name((enum sniff_outcome)i),
		    snapshot->sniffs[i]);
}

static void
write_bytes(struct output *output, const struct snapshot *snapshot)
{
	family(output, "bytes_total", "counter",
	    "Bytes: sent by clients, received by them.");
	labelled(output, "bytes_total", "direction", "sent", snapshot->sent);
	labelled(
	    output, "bytes_total", "direction", "received", snapshot->received);
	single(output, "spliced_bytes_total", "counter",
	    "Of these, bytes that the kernel moved by splice.",
	    snapshot->spliced);
}

static void
write_answers(struct output *output, const struct snapshot *snapshot)
{
	static const char refused[] = "upstream_refusals_total";
	static const char ready[] = "ready_connections_total";

	family(output, refused, "counter",
	    "Answers of upstreams that were no tunnel.");
	for (unsigned i = 0; i < REFUSAL_STATUSES; i++)
		labelled(output, refused, "status", refusal_name(i),
		    snapshot->refused[i]);
	family(output, ready, "counter",
	    "Connections to upstreams that were made ahead of need.");
	labelled(output, ready, "result", "taken", snapshot->ready_taken);
	labelled(output, ready, "result", "expired", snapshot->ready_expired);
	labelled(output, ready, "result", "stale", snapshot->ready_stale);
}

static void
write_up(struct output *output, const struct snapshot_upstream *upstream)
{
	labelled(output, "upstream_up", "upstream", upstream->name,
	    !upstream->is_down);
}

static void
write_open(struct output *output, const struct snapshot_upstream *upstream)
{
	labelled(output, "upstream_connections", "upstream", upstream->name,
	    upstream->open);
}

static void
write_dial(struct output *output, const struct snapshot_upstream *upstream,
    const char *outcome, uint64_t value)
{
	output_append(output, PREFIX "upstream_dials_total{upstream=\"");
	output_label(output, upstream->name);
	output_format(
	    output, "\",outcome=\"%s\"} %" PRIu64 "\n", outcome, value);
}

static void
write_dials(struct output *output, const struct snapshot_upstream *upstream)
{
	write_dial(output, upstream, "connected", upstream->dialled);
	write_dial(output, upstream, "failed", upstream->dial_failures);
}

static void
write_bucket(struct output *output, const char *name, const char *upstream,
    const char *bound, uint64_t value)
{
	output_format(output, PREFIX "%s_bucket{upstream=\"", name);
	output_label(output, upstream);
	output_format(output, "\",le=\"%s\"} %" PRIu64 "\n", bound, value);
}

static const char *
seconds_text(char text[32], uint64_t ms)
{
	snprintf(text, 32, "%g", (double)ms / 1000);
	return text;
}

/* Here each bucket has what is in those below it, too. */
static void
write_histogram(struct output *output, const char *name, const char *upstream,
    const struct histogram *histogram)
{
	uint64_t below = 0, count;
	char text[32];

	for (unsigned i = 0; i < HISTOGRAM_BUCKETS; i++) {
		below += histogram->buckets[i];
		write_bucket(output, name, upstream,
		    seconds_text(text, histogram_bounds_ms[i]), below);
	}
	count = histogram->count > below ? histogram->count : below;
	write_bucket(output, name, upstream, "+Inf", count);
	output_format(output, PREFIX "%s_sum{upstream=\"", name);
	output_label(output, upstream);
	output_format(output, "\"} %" PRIu64 ".%03u\n",
	    histogram->sum_ms / 1000, (unsigned)(histogram->sum_ms % 1000));
	output_format(output, PREFIX "%s_count{upstream=\"", name);
	output_label(output, upstream);
	output_format(output, "\"} %" PRIu64 "\n", count);
}

static void
write_connect(struct output *output, const struct snapshot_upstream *upstream)
{
	write_histogram(output, "upstream_connect_duration_seconds",
	    upstream->name, &upstream->connect);
}

static void
write_answer(struct output *output, const struct snapshot_upstream *upstream)
{
	write_histogram(output, "upstream_answer_duration_seconds",
	    upstream->name, &upstream->answer);
}

/* All of a family stand together. */
static const struct upstream_family {
	const char *name, *type, *help;
	void (*write)(
	    struct output *output, const struct snapshot_upstream *upstream);
} upstream_families[] = {
	{ "upstream_up", "gauge", "0 while the upstream is down.", write_up },
	{ "upstream_connections", "gauge",
	    "Connections that are at the upstream now.", write_open },
	{ "upstream_dials_total", "counter", "Dials, by how they ended.",
	    write_dials },
	{ "upstream_connect_duration_seconds", "histogram",
	    "How long dials took that connected.", write_connect },
	{ "upstream_answer_duration_seconds", "histogram",
	    "From the request to the end of the answer's header.",
	    write_answer },
};

static void
write_upstreams(struct output *output, const struct snapshot *snapshot)
{
	const struct upstream_family *end = upstream_families +
	    sizeof upstream_families / sizeof upstream_families[0];

	for (const struct upstream_family *row = upstream_families; row < end;
	     row++) {
		family(output, row->name, row->type, row->help);
		for (unsigned i = 0; i < SNAPSHOT_UPSTREAMS; i++) {
			if (snapshot->upstreams[i].name[0] != '\0')
				row->write(output, &snapshot->upstreams[i]);
		}
	}
}

void
metrics_write(struct output *output, const struct snapshot *snapshot)
{
	write_process(output, snapshot);
	write_connections(output, snapshot);
	write_ends(output, snapshot);
	write_tunnels(output, snapshot);
	write_bytes(output, snapshot);
	write_answers(output, snapshot);
	write_upstreams(output, snapshot);
}
