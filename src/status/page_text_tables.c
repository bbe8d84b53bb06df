/* SPDX-License-Identifier: MIT */
#include "status/advice.h"
#include "status/figures.h"
#include "status/page_text_parts.h"
#include "status/quantity.h"
#include "status/text_lines.h"

static void
write_failure(
    struct output *output, const struct snapshot *snapshot, unsigned kind)
{
	const struct snapshot_failure *failure = &snapshot->failed[kind];
	struct advice advice = advice_on_failure((enum failure)kind);

	text_line(output, "  %-36s%14s%14s  %s", advice.what,
	    quantity_count(failure->hour).text,
	    quantity_count(failure->count).text,
	    quantity_clock(failure->last, snapshot->now).text);
	text_wrap(output, 6, advice.to_do);
}

static void
write_refusal(struct output *output, uint64_t count, unsigned index)
{
	struct advice advice = advice_on_refusal(index);

	text_line(output, "  %-6s%-44s%14s", refusal_name(index), advice.what,
	    quantity_count(count).text);
	text_wrap(output, 6, advice.to_do);
}

static void
write_refusals(struct output *output, const struct snapshot *snapshot)
{
	bool has_title = false;

	for (unsigned i = 0; i < REFUSAL_STATUSES; i++) {
		if (snapshot->refused[i] == 0)
			continue;
		if (!has_title)
			text_line(output, "\nREFUSALS OF UPSTREAMS%45s",
			    "since start");
		has_title = true;
		write_refusal(output, snapshot->refused[i], i);
	}
}

void
page_text_failures(struct output *output, const struct snapshot *snapshot)
{
	unsigned kinds[FAILURES];
	unsigned count = figures_failures(snapshot, kinds);

	if (count > 0)
		text_line(output, "\nFAILED CONNECTIONS%34s%14s  last",
		    "last hour", "since start");
	else
		text_line(output, "\nFAILED CONNECTIONS: none");
	for (unsigned i = 0; i < count; i++)
		write_failure(output, snapshot, kinds[i]);
	write_refusals(output, snapshot);
}

void
page_text_clients(struct output *output, const struct snapshot *snapshot)
{
	uint64_t all = snapshot->sent + snapshot->received;

	if (snapshot->client_count == 0)
		return;
	text_line(output, "\nHEAVIEST CLIENTS%22s%12s%9s%10s%15s%15s",
	    "received", "sent", "share", "open", "came", "failed");
	for (unsigned i = 0; i < snapshot->client_count; i++) {
		const struct snapshot_client *client = &snapshot->clients[i];

		text_line(output, "  %-26s%10s%12s%9s%10s%15s%15s",
		    text_cut(client->address, 26).text,
		    quantity_bytes(client->received).text,
		    quantity_bytes(client->sent).text,
		    quantity_percent(client->sent + client->received, all).text,
		    quantity_count(client->open).text,
		    quantity_count(client->accepted).text,
		    quantity_count(client->failed).text);
	}
}

static void
write_worker(struct output *output, const struct snapshot_worker *worker)
{
	text_line(output, "  %-4u%-16s%8d%12s%12s%16s%14s%10s", worker->number,
	    worker->is_draining ? "drains" : "", worker->pid,
	    quantity_count(worker->open).text,
	    quantity_count(worker->waiting).text,
	    quantity_count(worker->accepted).text,
	    quantity_age((int64_t)(worker->cpu_ms / 1000)).text,
	    quantity_count(worker->restarts).text);
}

void
page_text_workers(struct output *output, const struct snapshot *snapshot)
{
	unsigned places[SNAPSHOT_WORKERS];
	unsigned count = figures_workers(snapshot, places);

	text_line(output, "\nWORKERS%23s%12s%12s%16s%14s%10s", "pid", "open",
	    "waiting", "accepted", "processor", "restarts");
	for (unsigned i = 0; i < count; i++)
		write_worker(output, &snapshot->workers[places[i]]);
	if (count < snapshot->workers_alive)
		text_line(
		    output, "  and %u more", snapshot->workers_alive - count);
	text_line(output, "  restarts since the start: %s, the last: %s",
	    quantity_count(snapshot->worker_restarts).text,
	    quantity_clock(snapshot->last_restart, snapshot->now).text);
}

static void
write_total(struct output *output, const char *title, uint64_t count)
{
	text_line(output, "  %-46s%18s", title, quantity_count(count).text);
}

void
page_text_totals(struct output *output, const struct snapshot *snapshot)
{
	output_append(output, "\nSINCE THE START\n");
	write_total(output, "accepted", snapshot->accepted);
	write_total(output, "by a tunnel", snapshot->tunnelled);
	write_total(output, "as plain HTTP requests", snapshot->relayed);
	write_total(output, "direct, without an upstream", snapshot->direct);
	for (unsigned i = 0; i < RESULTS; i++)
		write_total(output, advice_result((enum connection_result)i),
		    snapshot->ended[i]);
	write_total(output, "lost in crashes of workers", snapshot->crashed);
	for (unsigned i = 0; i < SNIFF_OUTCOMES; i++)
		write_total(output, advice_sniff((enum sniff_outcome)i),
		    snapshot->sniffs[i]);
	write_total(output, "ready connections taken", snapshot->ready_taken);
	write_total(output, "log lines dropped", snapshot->log_lines_dropped);
	text_line(output, "  %-46s%9s%9s", "bytes received, sent",
	    quantity_bytes(snapshot->received).text,
	    quantity_bytes(snapshot->sent).text);
}
