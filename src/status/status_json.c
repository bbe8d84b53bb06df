/* SPDX-License-Identifier: MIT */
#include "status/status_json.h"

#include "status/json_writer.h"
#include "status/status_json_parts.h"
#include "status/verdict.h"

static void
write_finding(struct output *output, const struct finding *finding)
{
	json_open_object(output, NULL);
	json_text(output, "severity", severity_name(finding->severity));
	json_text(output, "words", finding->words);
	json_text(output, "more", finding->more);
	json_close_object(output);
}

static void
write_verdict(struct output *output, const struct snapshot *snapshot)
{
	struct verdict verdict;

	verdict_of(&verdict, snapshot);
	json_text(output, "verdict", verdict.findings[0].words);
	json_text(
	    output, "severity", severity_name(verdict.findings[0].severity));
	json_open_array(output, "findings");
	for (unsigned i = 0; i < verdict.count; i++)
		write_finding(output, &verdict.findings[i]);
	json_close_array(output);
}

static void
write_process(struct output *output, const struct snapshot *snapshot)
{
	json_text(output, "version", VERSION);
	json_text(output, "host", snapshot->host);
	json_time(output, "now", snapshot->now);
	json_time(output, "started", snapshot->started);
	json_time(output, "last_reload", snapshot->last_reload);
	json_bool(
	    output, "last_reload_successful", !snapshot->last_reload_failed);
	json_number(output, "log_lines_dropped", snapshot->log_lines_dropped);
}

static void
write_states(struct output *output, const struct snapshot *snapshot)
{
	json_open_object(output, "states");
	for (unsigned i = 0; i < SNAPSHOT_STATES; i++)
		json_number(
		    output, snapshot_state_name(i), snapshot->states[i]);
	json_close_object(output);
}

static void
write_ended(struct output *output, const struct snapshot *snapshot)
{
	json_open_object(output, "ended");
	for (unsigned i = 0; i < RESULTS; i++)
		json_number(output, result_name((enum connection_result)i),
		    snapshot->ended[i]);
	json_number(output, "crashed", snapshot->crashed);
	json_close_object(output);
}

static void
write_failures(struct output *output, const struct snapshot *snapshot)
{
	json_open_object(output, "failures");
	for (unsigned i = 0; i < FAILURES; i++) {
		const struct snapshot_failure *failure = &snapshot->failed[i];

		json_open_object(output, failure_name((enum failure)i));
		json_number(output, "count", failure->count);
		json_number(output, "hour", failure->hour);
		json_time(output, "last", failure->last);
		json_close_object(output);
	}
	json_close_object(output);
}

static void
write_connections(struct output *output, const struct snapshot *snapshot)
{
	json_open_object(output, "connections");
	json_number(output, "open", snapshot->open);
	json_number(output, "limit", snapshot->limit);
	json_text(output, "limit_cause", snapshot->limit_cause);
	json_number(output, "accepted", snapshot->accepted);
	write_states(output, snapshot);
	write_ended(output, snapshot);
	write_failures(output, snapshot);
	json_close_object(output);
}

static void
write_limits(struct output *output, const struct snapshot *snapshot)
{
	json_open_object(output, "accept_queue");
	json_number(output, "length", snapshot->accept_queue);
	json_number(output, "limit", snapshot->accept_queue_limit);
	json_close_object(output);
	json_open_object(output, "local_ports");
	json_number(output, "used", snapshot->local_ports_used);
	json_number(output, "limit", snapshot->local_ports);
	json_close_object(output);
}

static void
write_traffic(struct output *output, const struct snapshot *snapshot)
{
	json_open_object(output, "tunnels");
	json_number(output, "connect", snapshot->tunnelled);
	json_number(output, "relay", snapshot->relayed);
	json_number(output, "direct", snapshot->direct);
	json_close_object(output);
	json_open_object(output, "bytes");
	json_number(output, "sent", snapshot->sent);
	json_number(output, "received", snapshot->received);
	json_number(output, "spliced", snapshot->spliced);
	json_close_object(output);
	json_open_object(output, "sniffs");
	for (unsigned i = 0; i < SNIFF_OUTCOMES; i++)
		json_number(output, sniff_outcome_name((enum sniff_outcome)i),
		    snapshot->sniffs[i]);
	json_close_object(output);
}

static void
write_answers(struct output *output, const struct snapshot *snapshot)
{
	json_open_object(output, "refusals");
	for (unsigned i = 0; i < REFUSAL_STATUSES; i++)
		json_number(output, refusal_name(i), snapshot->refused[i]);
	json_close_object(output);
	json_open_object(output, "ready_connections");
	json_number(output, "taken", snapshot->ready_taken);
	json_number(output, "expired", snapshot->ready_expired);
	json_number(output, "stale", snapshot->ready_stale);
	json_close_object(output);
}

void
status_json_write(struct output *output, const struct snapshot *snapshot)
{
	json_open_object(output, NULL);
	write_verdict(output, snapshot);
	write_process(output, snapshot);
	write_connections(output, snapshot);
	write_limits(output, snapshot);
	write_traffic(output, snapshot);
	write_answers(output, snapshot);
	status_json_upstreams(output, snapshot);
	status_json_workers(output, snapshot);
	status_json_clients(output, snapshot);
	status_json_history(output, snapshot);
	json_close_object(output);
	output_append(output, "\n");
}
