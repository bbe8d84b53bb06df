/* SPDX-License-Identifier: MIT */
#include "status/status_json_parts.h"

#include "status/json_writer.h"

static void
write_percentile(struct output *output, const char *key,
    const struct histogram *histogram, unsigned percent)
{
	int64_t value = histogram_percentile(histogram, percent);

	if (value >= 0)
		json_number(output, key, (uint64_t)value);
	else
		json_null(output, key);
}

static void
write_durations(
    struct output *output, const char *key, const struct histogram *histogram)
{
	json_open_object(output, key);
	json_number(output, "count", histogram->count);
	json_number(output, "sum_ms", histogram->sum_ms);
	write_percentile(output, "median_ms", histogram, 50);
	write_percentile(output, "p95_ms", histogram, 95);
	write_percentile(output, "p99_ms", histogram, 99);
	json_close_object(output);
}

static void
write_last_failure(
    struct output *output, const struct snapshot_upstream *upstream)
{
	if (upstream->last_failure == 0) {
		json_null(output, "last_failure");
		return;
	}
	json_open_object(output, "last_failure");
	json_time(output, "time", upstream->last_failure);
	json_text(output, "cause", upstream->last_failure_words);
	json_close_object(output);
}

static void
write_upstream(struct output *output, const struct snapshot_upstream *upstream)
{
	json_open_object(output, NULL);
	json_text(output, "name", upstream->name);
	json_text(output, "address", upstream->address);
	json_bool(output, "up", !upstream->is_down);
	json_time(output, "since", upstream->since);
	json_number(output, "workers_down", upstream->workers_down);
	json_number(output, "open", upstream->open);
	json_number(output, "waiting", upstream->waiting);
	json_number(output, "oldest_ms", upstream->oldest_ms);
	json_number(output, "dialled", upstream->dialled);
	json_number(output, "dial_failures", upstream->dial_failures);
	json_number(output, "refused", upstream->refused);
	write_durations(output, "connect", &upstream->connect);
	write_durations(output, "answer", &upstream->answer);
	json_open_object(output, "hour");
	write_durations(output, "connect", &upstream->hour_connect);
	write_durations(output, "answer", &upstream->hour_answer);
	json_close_object(output);
	write_last_failure(output, upstream);
	json_close_object(output);
}

void
status_json_upstreams(struct output *output, const struct snapshot *snapshot)
{
	json_open_array(output, "upstreams");
	for (unsigned i = 0; i < SNAPSHOT_UPSTREAMS; i++) {
		if (snapshot->upstreams[i].name[0] != '\0')
			write_upstream(output, &snapshot->upstreams[i]);
	}
	json_close_array(output);
}

static void
write_worker(struct output *output, const struct snapshot_worker *worker)
{
	json_open_object(output, NULL);
	json_number(output, "number", worker->number);
	json_number(output, "pid", (uint64_t)worker->pid);
	json_bool(output, "draining", worker->is_draining);
	json_number(output, "open", worker->open);
	json_number(output, "waiting", worker->waiting);
	json_number(output, "accepted", worker->accepted);
	json_number(output, "cpu_ms", worker->cpu_ms);
	json_number(output, "restarts", worker->restarts);
	json_close_object(output);
}

void
status_json_workers(struct output *output, const struct snapshot *snapshot)
{
	json_open_object(output, "workers");
	json_number(output, "alive", snapshot->workers_alive);
	json_number(output, "restarts", snapshot->worker_restarts);
	json_time(output, "last_restart", snapshot->last_restart);
	json_open_array(output, "list");
	for (unsigned i = 0; i < snapshot->worker_count; i++)
		write_worker(output, &snapshot->workers[i]);
	json_close_array(output);
	json_close_object(output);
}

static void
write_client(struct output *output, const struct snapshot_client *client)
{
	json_open_object(output, NULL);
	json_text(output, "address", client->address);
	json_number(output, "open", client->open);
	json_number(output, "accepted", client->accepted);
	json_number(output, "failed", client->failed);
	json_number(output, "sent", client->sent);
	json_number(output, "received", client->received);
	json_close_object(output);
}

void
status_json_clients(struct output *output, const struct snapshot *snapshot)
{
	json_open_array(output, "clients");
	for (unsigned i = 0; i < snapshot->client_count; i++)
		write_client(output, &snapshot->clients[i]);
	json_close_array(output);
}

static void
write_period(struct output *output, const struct snapshot_period *period)
{
	json_open_object(output, NULL);
	json_time(output, "begin", period->begin);
	json_number(output, "accepted", period->accepted);
	json_number(output, "tunnelled", period->tunnelled);
	json_number(output, "failed", period->failed);
	json_number(output, "open", period->open);
	json_number(output, "waiting", period->waiting);
	json_number(output, "oldest_ms", period->oldest_ms);
	json_number(output, "sent", period->sent);
	json_number(output, "received", period->received);
	write_durations(output, "answer", &period->answers);
	json_close_object(output);
}

static void
write_periods(struct output *output, const char *key,
    const struct snapshot_period *periods, unsigned count)
{
	json_open_array(output, key);
	for (unsigned i = 0; i < count; i++)
		write_period(output, &periods[i]);
	json_close_array(output);
}

void
status_json_history(struct output *output, const struct snapshot *snapshot)
{
	json_open_object(output, "history");
	write_periods(
	    output, "minutes", snapshot->minutes, snapshot->minute_count);
	write_periods(
	    output, "seconds", snapshot->seconds, snapshot->second_count);
	json_close_object(output);
}
