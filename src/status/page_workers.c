/* SPDX-License-Identifier: MIT */
#include <inttypes.h>

#include "status/page_parts.h"
#include "status/quantity.h"

static void
write_worker(struct output *output, const struct snapshot_worker *worker)
{
	output_format(output, "<tr><th scope=row>worker %u%s", worker->number,
	    worker->is_draining ? ", drains" : "");
	output_format(output, "<td data-label=pid>%" PRId32, worker->pid);
	page_cell(output, "open", quantity_count(worker->open).text);
	page_cell(output, "waiting", quantity_count(worker->waiting).text);
	page_cell(output, "accepted", quantity_count(worker->accepted).text);
	page_cell(output, "processor time",
	    quantity_age((int64_t)(worker->cpu_ms / 1000)).text);
	page_cell(output, "restarts", quantity_count(worker->restarts).text);
	output_append(output, "\n");
}

static void
write_restarts(struct output *output, const struct snapshot *snapshot)
{
	output_format(output, "<p>Restarts since the start: %s",
	    quantity_count(snapshot->worker_restarts).text);
	if (snapshot->last_restart != 0)
		output_format(output, ", the last %s",
		    quantity_clock(snapshot->last_restart, snapshot->now).text);
	output_format(output, ". Configuration %s: %s.</p></section>\n",
	    snapshot->last_reload_failed ? "that could not be loaded"
					 : "loaded",
	    quantity_clock(snapshot->last_reload != 0 ? snapshot->last_reload
						      : snapshot->started,
		snapshot->now)
		.text);
}

void
page_workers(struct output *output, const struct snapshot *snapshot)
{
	unsigned places[SNAPSHOT_WORKERS];
	unsigned count = figures_workers(snapshot, places);

	output_append(output,
	    "<section id=workers><h2>Workers</h2><table class=rows><thead><tr>"
	    "<th scope=col>worker<th scope=col>pid<th scope=col>open"
	    "<th scope=col>waiting<th scope=col>accepted<th scope=col>"
	    "processor time<th scope=col>restarts</thead>\n");
	for (unsigned i = 0; i < count; i++)
		write_worker(output, &snapshot->workers[places[i]]);
	output_append(output, "</table>\n");
	if (count < snapshot->workers_alive)
		output_format(output, "<p>and %u more</p>\n",
		    snapshot->workers_alive - count);
	write_restarts(output, snapshot);
}
