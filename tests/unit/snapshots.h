/* SPDX-License-Identifier: MIT */
/* snapshots.h - snapshots of a router, for the tests of what is shown of them:
 * an hour of honest traffic, and what went wrong in it. */

#ifndef SNAPSHOTS_H
#define SNAPSHOTS_H

#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "ipc/snapshot.h"

/* 2026-11-23 14:07:02 UTC. */
#define SNAPSHOT_NOW INT64_C(1795442822)

enum { HOSTILE_SIZE = 64 };

/* Would be a script, an end of an attribute, an escape of a terminal. */
static const char hostile_words[HOSTILE_SIZE] =
    "<script>alert(1)</script>\"'>&lt;\x1b[31m\r\n\xff%s\\";

static void
snapshot_name(char *name, size_t size, const char *words)
{
	snprintf(name, size, "%s", words);
}

static void
count_answers(struct histogram *histogram, int64_t duration_ms, unsigned count)
{
	unsigned bucket = histogram_bucket(duration_ms);

	if (bucket < HISTOGRAM_BUCKETS)
		histogram->buckets[bucket] += count;
	histogram->count += count;
	histogram->sum_ms += (uint64_t)duration_ms * count;
}

/* Most answers are quick, some take 5 times as long. */
static void
fill_period(struct snapshot_period *period, unsigned seconds, unsigned swing)
{
	period->accepted = seconds * (8 + swing % 7);
	period->tunnelled = period->accepted - seconds / 10;
	period->failed = seconds / 10;
	period->open = 1100 + swing * 5;
	period->sent = (uint64_t)seconds * 750000;
	period->received = (uint64_t)seconds * 10500000;
	count_answers(&period->answers, 80, period->tunnelled);
	count_answers(&period->answers, 400, period->tunnelled / 10);
}

/* The last minute is under way for 2 seconds. */
static void
fill_history(struct snapshot *snapshot)
{
	snapshot->minute_count = SNAPSHOT_MINUTES;
	snapshot->second_count = SNAPSHOT_SECONDS;
	for (unsigned i = 0; i < SNAPSHOT_MINUTES; i++) {
		snapshot->minutes[i].begin =
		    snapshot->now - 2 - (SNAPSHOT_MINUTES - 1 - i) * 60;
		fill_period(&snapshot->minutes[i],
		    i == SNAPSHOT_MINUTES - 1 ? 2 : 60, i * i % 23);
	}
	for (unsigned i = 0; i < SNAPSHOT_SECONDS; i++) {
		snapshot->seconds[i].begin =
		    snapshot->now - (SNAPSHOT_SECONDS - 1 - i);
		fill_period(&snapshot->seconds[i], 1, i);
	}
}

static void
fill_upstream(struct snapshot_upstream *upstream, const char *name,
    const char *address, uint32_t open)
{
	snapshot_name(upstream->name, sizeof upstream->name, name);
	snapshot_name(upstream->address, sizeof upstream->address, address);
	upstream->since = SNAPSHOT_NOW - 41 * 86400;
	upstream->open = open;
	upstream->workers = 2;
	upstream->dialled = open > 0 ? 845120 : 0;
	if (open == 0)
		return;
	count_answers(&upstream->hour_connect, 1, 30000);
	count_answers(&upstream->hour_connect, 8, 400);
	count_answers(&upstream->hour_answer, 80, 30000);
	count_answers(&upstream->hour_answer, 400, 3000);
	upstream->connect = upstream->hour_connect;
	upstream->answer = upstream->hour_answer;
}

static void
fill_clients(struct snapshot *snapshot)
{
	static const char *const addresses[] = { "192.168.2.10",
		"2001:db8:1234:5678::/64", "192.168.1.57", "192.168.1.20" };
	uint64_t bytes = UINT64_C(9800000000);

	snapshot->client_count = 4;
	for (unsigned i = 0; i < 4; i++) {
		struct snapshot_client *client = &snapshot->clients[i];

		snapshot_name(
		    client->address, sizeof client->address, addresses[i]);
		client->open = 88U >> i;
		client->accepted = 1402U >> i;
		client->failed = i == 2 ? 188U : 12U >> i;
		client->received = bytes;
		client->sent = bytes / 45;
		bytes /= 12;
	}
}

/* The youngest first, as the master has them. */
static void
fill_workers(struct snapshot *snapshot)
{
	snapshot->workers_alive = snapshot->worker_count = 2;
	for (unsigned i = 0; i < 2; i++) {
		snapshot->workers[i] =
		    (struct snapshot_worker){ .number = 1 - i,
			    .pid = 6591 - (int32_t)i,
			    .open = 602,
			    .accepted = 422560,
			    .cpu_ms = 8123456 };
	}
}

/* Two upstreams, of which the first serves; 41 days without an accident. */
static void
snapshot_well(struct snapshot *snapshot)
{
	*snapshot = (struct snapshot){ .now = SNAPSHOT_NOW };
	snapshot->started = snapshot->now - 41 * 86400 - 3 * 3600;
	snapshot_name(snapshot->host, sizeof snapshot->host, "router1");
	snapshot_name(
	    snapshot->limit_cause, sizeof snapshot->limit_cause, "descriptors");
	snapshot->limit = 19952;
	snapshot->open = 1204;
	snapshot->states[0] = 2;
	snapshot->states[3] = 1;
	snapshot->states[6] = 1200;
	snapshot->states[7] = 1;
	snapshot->accept_queue_limit = 4096;
	snapshot->local_ports_used = 1245;
	snapshot->local_ports = 28232;
	snapshot->accepted = 845120;
	snapshot->tunnelled = 822000;
	snapshot->relayed = 1006;
	snapshot->sent = UINT64_C(1100000000);
	snapshot->received = UINT64_C(13700000000);
	snapshot->ended[RESULT_DONE] = 801234;
	snapshot->ended[RESULT_CLIENT_RESET] = 20568;
	snapshot->failed[FAILURE_REFUSED] = (struct snapshot_failure){
		.count = 20114, .hour = 361, .last = snapshot->now - 13
	};
	snapshot->failed[FAILURE_RESPONSE_TIMEOUT] =
	    (struct snapshot_failure){ 40, 2, snapshot->now - 540 };
	snapshot->refused[refusal_index(403)] = 20102;
	snapshot->refused[refusal_index(503)] = 12;
	fill_history(snapshot);
	fill_upstream(
	    &snapshot->upstreams[0], "proxy-a:3128", "10.1.0.2:3128", 1204);
	snapshot->upstreams[0].refused = 20114;
	snapshot->upstreams[0].last_failure = snapshot->now - 13;
	snapshot_name(snapshot->upstreams[0].last_failure_words,
	    SNAPSHOT_WORDS_SIZE, "status 403");
	fill_upstream(
	    &snapshot->upstreams[1], "proxy-b:3128", "10.1.0.3:3128", 0);
	fill_clients(snapshot);
	fill_workers(snapshot);
}

/* The first upstream hangs for 14 minutes. */
static void
snapshot_slow(struct snapshot *snapshot)
{
	enum { SLOW_MINUTES = 14 };

	snapshot_well(snapshot);
	for (unsigned i = SNAPSHOT_MINUTES - SLOW_MINUTES; i < SNAPSHOT_MINUTES;
	     i++) {
		struct snapshot_period *minute = &snapshot->minutes[i];

		memset(&minute->answers, 0, sizeof minute->answers);
		count_answers(&minute->answers, 1600, 200);
		count_answers(&minute->answers, 9000, 30);
		minute->failed = minute->accepted / 5;
		minute->waiting = 38;
		minute->oldest_ms = 3000 * (i - 45);
	}
	for (unsigned i = 0; i < SNAPSHOT_SECONDS; i++) {
		memset(&snapshot->seconds[i].answers, 0,
		    sizeof snapshot->seconds[i].answers);
		count_answers(&snapshot->seconds[i].answers, 1600, 5);
	}
	snapshot->upstreams[0].waiting = 38;
	snapshot->upstreams[0].oldest_ms = 41000;
	snapshot->states[5] = 38;
	snapshot->workers[0].waiting = 38;
	snapshot->failed[FAILURE_RESPONSE_TIMEOUT] =
	    (struct snapshot_failure){ 628, 588, snapshot->now - 2 };
}

static void
snapshot_down(struct snapshot *snapshot)
{
	snapshot_well(snapshot);
	snapshot->upstreams[0].is_down = true;
	snapshot->upstreams[0].workers_down = 2;
	snapshot->upstreams[0].since = snapshot->now - 840;
	snapshot->upstreams[0].open = 0;
	snapshot->upstreams[0].last_failure = snapshot->now - 4;
	snapshot_name(snapshot->upstreams[0].last_failure_words,
	    SNAPSHOT_WORDS_SIZE, "Connection refused");
	fill_upstream(
	    &snapshot->upstreams[1], "proxy-b:3128", "10.1.0.3:3128", 311);
	snapshot->upstreams[1].since = snapshot->now - 41 * 86400;
	snapshot->failed[FAILURE_DIAL] =
	    (struct snapshot_failure){ 52, 52, snapshot->now - 801 };
}

/* Every name that a stranger chooses, and the largest numbers. */
static void
snapshot_hostile(struct snapshot *snapshot)
{
	snapshot_slow(snapshot);
	memset(snapshot->upstreams[0].name, '<', SNAPSHOT_NAME_SIZE - 1);
	snapshot_name(
	    snapshot->upstreams[1].name, SNAPSHOT_NAME_SIZE, hostile_words);
	snapshot_name(snapshot->host, sizeof snapshot->host, hostile_words);
	snapshot_name(
	    snapshot->limit_cause, sizeof snapshot->limit_cause, hostile_words);
	for (unsigned i = 0; i < 2; i++) {
		snapshot->upstreams[i].is_down = true;
		snapshot->upstreams[i].last_failure = snapshot->now;
		snapshot_name(snapshot->upstreams[i].last_failure_words,
		    SNAPSHOT_WORDS_SIZE, hostile_words);
		snapshot_name(snapshot->upstreams[i].address, ADDRESS_TEXT_SIZE,
		    hostile_words);
	}
	for (unsigned i = 0; i < SNAPSHOT_CLIENTS; i++) {
		snapshot->clients[i] =
		    (struct snapshot_client){ .open = UINT32_MAX,
			    .accepted = UINT64_MAX,
			    .failed = UINT64_MAX,
			    .received = UINT64_MAX / 2 };
		snapshot_name(snapshot->clients[i].address, ADDRESS_TEXT_SIZE,
		    hostile_words);
	}
	snapshot->client_count = SNAPSHOT_CLIENTS;
	for (unsigned i = 0; i < FAILURES; i++)
		snapshot->failed[i] = (struct snapshot_failure){ UINT64_MAX,
			UINT64_MAX - i, snapshot->now };
	for (unsigned i = 0; i < REFUSAL_STATUSES; i++)
		snapshot->refused[i] = UINT64_MAX / REFUSAL_STATUSES;
	snapshot->workers_alive = 400;
	snapshot->worker_count = SNAPSHOT_WORKERS;
	for (unsigned i = 0; i < SNAPSHOT_WORKERS; i++)
		snapshot->workers[i].cpu_ms = UINT64_MAX;
	snapshot->sent = 0;
	snapshot->received = UINT64_MAX;
	snapshot->open = snapshot->limit = UINT32_MAX;
}

/* The first second: nothing has happened yet. */
static void
snapshot_new(struct snapshot *snapshot)
{
	*snapshot = (struct snapshot){ .now = SNAPSHOT_NOW };
	snapshot->started = SNAPSHOT_NOW;
	snapshot->limit = 4096;
	snapshot_name(
	    snapshot->upstreams[0].name, SNAPSHOT_NAME_SIZE, "proxy-a:3128");
	fill_workers(snapshot);
	snapshot->minute_count = snapshot->second_count = 1;
	snapshot->minutes[0].begin = snapshot->seconds[0].begin = SNAPSHOT_NOW;
}

/* The table of them, by name. */
struct sample {
	const char *name;
	void (*fill)(struct snapshot *snapshot);
};
static const struct sample samples[] = {
	{ "well", snapshot_well },
	{ "slow", snapshot_slow },
	{ "down", snapshot_down },
	{ "hostile", snapshot_hostile },
	{ "new", snapshot_new },
};
enum { SAMPLES = sizeof samples / sizeof samples[0] };

#endif
