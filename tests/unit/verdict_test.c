/* SPDX-License-Identifier: MIT */
/* verdict_test.c - the sentence that an operator hears first, and the order of
 * the others. */

#include "status/verdict.h"

#include "check.h"
#include "snapshots.h"

static bool
begins(const char *text, const char *wanted)
{
	return strncmp(text, wanted, strlen(wanted)) == 0;
}

/* What happens to a router on which all is well. */
static void
leave(struct snapshot *snapshot)
{
	(void)snapshot;
}

static void
end_workers(struct snapshot *snapshot)
{
	snapshot->workers[1].is_draining = true;
	snapshot->workers_alive = snapshot->worker_count = 1;
	snapshot->workers[0].is_draining = true;
}

/* More drain than are shown. */
static void
drain_many(struct snapshot *snapshot)
{
	snapshot->worker_count = SNAPSHOT_WORKERS;
	snapshot->workers_alive = SNAPSHOT_WORKERS + 1;
	for (unsigned i = 0; i < SNAPSHOT_WORKERS; i++)
		snapshot->workers[i].is_draining = true;
}

static void
take_down(struct snapshot *snapshot)
{
	snapshot->upstreams[0].is_down = true;
	snapshot->upstreams[0].since = snapshot->now - 840;
}

static void
take_all_down(struct snapshot *snapshot)
{
	take_down(snapshot);
	snapshot->upstreams[1].is_down = true;
	snapshot->upstreams[1].since = snapshot->now - 60;
}

static void
take_single_down(struct snapshot *snapshot)
{
	snapshot->upstreams[1].name[0] = '\0';
	take_down(snapshot);
}

static void
go_direct(struct snapshot *snapshot)
{
	take_all_down(snapshot);
	snapshot_name(snapshot->upstreams[UPSTREAMS_MAX].name,
	    SNAPSHOT_NAME_SIZE, "direct");
}

static void
take_partly_down(struct snapshot *snapshot)
{
	snapshot->upstreams[0].workers = 40;
	snapshot->upstreams[0].workers_down = 1;
}

/* The last minute's answers all take so long. */
static void
answer_in(struct snapshot *snapshot, int64_t duration_ms)
{
	for (unsigned i = 0; i < SNAPSHOT_SECONDS; i++) {
		struct histogram *answers = &snapshot->seconds[i].answers;

		*answers = (struct histogram){ .count = 0 };
		count_answers(answers, duration_ms, 10);
	}
}

static void
answer_in_2_s(struct snapshot *snapshot)
{
	answer_in(snapshot, 2000);
}

/* The median is 950 ms, as it is within its bucket. */
static void
answer_almost_in_a_second(struct snapshot *snapshot)
{
	answer_in(snapshot, 1000);
	for (unsigned i = 0; i < SNAPSHOT_SECONDS; i++)
		count_answers(&snapshot->seconds[i].answers, 2000, 8);
}

static void
answer_in_a_second(struct snapshot *snapshot)
{
	answer_in(snapshot, 1000);
}

/* Slow, but so it was in the whole hour. */
static void
answer_slowly_always(struct snapshot *snapshot)
{
	answer_in(snapshot, 2000);
	for (unsigned i = 0; i < SNAPSHOT_MINUTES; i++)
		snapshot->minutes[i].answers = snapshot->seconds[0].answers;
}

static void
wait_for(struct snapshot *snapshot, uint32_t ms)
{
	snapshot->upstreams[0].waiting = 38;
	snapshot->upstreams[0].oldest_ms = ms;
}

static void
wait_9_s(struct snapshot *snapshot)
{
	wait_for(snapshot, 9999);
}

static void
wait_10_s(struct snapshot *snapshot)
{
	wait_for(snapshot, 10000);
}

/* Nothing was answered in an hour. */
static void
hang(struct snapshot *snapshot)
{
	wait_for(snapshot, 41000);
	for (unsigned i = 0; i < SNAPSHOT_MINUTES; i++)
		snapshot->seconds[i].answers = snapshot->minutes[i].answers =
		    (struct histogram){ .count = 0 };
}

static void
fail_half(struct snapshot *snapshot)
{
	for (unsigned i = 0; i < SNAPSHOT_SECONDS; i++)
		snapshot->seconds[i].failed = snapshot->seconds[i].accepted;
}

static void
fail_nine(struct snapshot *snapshot)
{
	for (unsigned i = 0; i < SNAPSHOT_SECONDS; i++)
		snapshot->seconds[i].accepted = snapshot->seconds[i].failed =
		    i < 9;
}

static void
fill_to_79(struct snapshot *snapshot)
{
	snapshot->limit = 100;
	snapshot->open = 79;
}

static void
fill_to_80(struct snapshot *snapshot)
{
	snapshot->limit = 100;
	snapshot->open = 80;
}

static void
fill_up(struct snapshot *snapshot)
{
	snapshot->open = snapshot->limit;
}

static void
fill_queue(struct snapshot *snapshot)
{
	snapshot->accept_queue = 4000;
}

static void
use_ports(struct snapshot *snapshot)
{
	snapshot->local_ports_used = 28000;
}

static void
forget_limits(struct snapshot *snapshot)
{
	snapshot->limit = snapshot->accept_queue_limit = 0;
	snapshot->local_ports = 0;
}

static void
crowd(struct snapshot *snapshot)
{
	snapshot->failed[FAILURE_CLIENT_LIMIT] =
	    (struct snapshot_failure){ 300, 120, snapshot->now - 5 };
}

static void
crowd_long_ago(struct snapshot *snapshot)
{
	snapshot->failed[FAILURE_CLIENT_LIMIT] =
	    (struct snapshot_failure){ 300, 120, snapshot->now - 100 };
}

static void
restart(struct snapshot *snapshot)
{
	snapshot->worker_restarts = 3;
	snapshot->last_restart = snapshot->now - 180;
}

static void
restart_long_ago(struct snapshot *snapshot)
{
	snapshot->worker_restarts = 3;
	snapshot->last_restart = snapshot->now - 7200;
}

static void
reload_badly(struct snapshot *snapshot)
{
	snapshot->last_reload = snapshot->now - 30;
	snapshot->last_reload_failed = true;
}

static const struct row {
	void (*happen)(struct snapshot *snapshot);
	enum severity severity;
	const char *words;
	const char *more; /* that it contains */
} rows[] = {
	{ leave, SEVERITY_WELL, "all well", "" },
	{ end_workers, SEVERITY_BAD, "no worker serves connections", "" },
	{ drain_many, SEVERITY_WELL, "all well", "" },
	{ take_down, SEVERITY_WARNING,
	    "proxy-a:3128 is down since 13:53:02 UTC (14 min)",
	    "last failure: status 403. New connections go by proxy-b:3128." },
	{ take_single_down, SEVERITY_BAD,
	    "proxy-a:3128 is down since 13:53:02 UTC (14 min)",
	    "nothing gets through" },
	{ take_all_down, SEVERITY_BAD, "proxy-a:3128 is down since 13:53:02",
	    "No other upstream is up" },
	{ go_direct, SEVERITY_WARNING, "proxy-a:3128 is down since",
	    "New connections go by direct." },
	{ take_partly_down, SEVERITY_WARNING,
	    "proxy-a:3128 is down for 1 of 40 workers", "status 403" },
	{ answer_in_2_s, SEVERITY_BAD,
	    "slow: answers take 1.5 s, 0.08 s in the last hour, 0 wait",
	    "since 14:07:02" },
	{ answer_in_a_second, SEVERITY_WELL, "all well", "" },
	{ answer_almost_in_a_second, SEVERITY_WELL, "all well", "" },
	{ answer_slowly_always, SEVERITY_WELL, "all well", "" },
	{ wait_9_s, SEVERITY_WELL, "all well", "" },
	{ wait_10_s, SEVERITY_BAD,
	    "slow: answers take 10 s, 0.08 s in the last hour, 38 wait",
	    "longest wait is for proxy-a:3128: 10 s" },
	{ hang, SEVERITY_BAD,
	    "slow: answers take 41 s, none in the last hour, 38 wait", "" },
	{ fail_half, SEVERITY_BAD, "failing: ", "see the statuses" },
	{ fail_nine, SEVERITY_WELL, "all well", "" },
	{ fill_to_79, SEVERITY_WELL, "all well", "" },
	{ fill_to_80, SEVERITY_WARNING,
	    "near the limit: 80 of 100 connections (80 %)", "descriptors" },
	{ fill_up, SEVERITY_BAD,
	    "at the limit: 19,952 of 19,952 connections (100 %)", "" },
	{ fill_queue, SEVERITY_WARNING,
	    "near the limit: 4,000 of 4,096 clients in the accept queue", "" },
	{ use_ports, SEVERITY_WARNING,
	    "near the limit: 28,000 of 28,232 local ports",
	    "ip_local_port_range" },
	{ forget_limits, SEVERITY_WELL, "all well", "" },
	{ crowd, SEVERITY_WARNING,
	    "a client is at its limit: 120 connections refused",
	    "-max-per-client" },
	{ crowd_long_ago, SEVERITY_WELL, "all well", "" },
	{ restart, SEVERITY_WARNING,
	    "a worker died at 14:04:02 UTC (3 min), 3 restarts", "The log" },
	{ restart_long_ago, SEVERITY_WELL, "all well", "" },
	{ reload_badly, SEVERITY_WARNING,
	    "the reload failed at 14:06:32 UTC (30 s)", "the mistake" },
};
enum { ROWS = sizeof rows / sizeof rows[0] };

static void
each_event_has_its_sentence(void)
{
	for (unsigned i = 0; i < ROWS; i++) {
		struct snapshot snapshot;
		struct verdict verdict;
		const struct finding *first = &verdict.findings[0];

		snapshot_well(&snapshot);
		rows[i].happen(&snapshot);
		verdict_of(&verdict, &snapshot);
		CHECK_ROW(begins(first->words, rows[i].words), first->words);
		CHECK_ROW(first->severity == rows[i].severity, rows[i].words);
		CHECK_ROW(
		    strstr(first->more, rows[i].more) != NULL, first->more);
	}
}

/* All at once: a cause stands before what follows from it. */
static void
the_cause_comes_first(void)
{
	static const char *const order[] = { "no worker",
		"proxy-a:3128 is down", "proxy-b:3128 is down",
		"slow:", "failing:", "at the limit: 19,952",
		"near the limit: 4,000", "near the limit: 28,000",
		"a client is", "a worker died", "the reload failed" };
	struct snapshot snapshot;
	struct verdict verdict;

	snapshot_well(&snapshot);
	for (unsigned i = 0; i < ROWS; i++) {
		if (rows[i].severity != SEVERITY_WELL)
			rows[i].happen(&snapshot);
	}
	fill_up(&snapshot);
	snapshot.limit = snapshot.open = 19952;
	snapshot.upstreams[UPSTREAMS_MAX].name[0] = '\0';
	snapshot_name(
	    snapshot.upstreams[1].name, SNAPSHOT_NAME_SIZE, "proxy-b:3128");
	verdict_of(&verdict, &snapshot);
	CHECK(verdict.count == sizeof order / sizeof order[0]);
	for (unsigned i = 0; i < verdict.count; i++)
		CHECK_ROW(begins(verdict.findings[i].words, order[i]),
		    verdict.findings[i].words);
}

static void
a_row_of_slow_minutes_says_since_when(void)
{
	struct snapshot snapshot;
	struct verdict verdict;

	snapshot_slow(&snapshot);
	verdict_of(&verdict, &snapshot);
	CHECK(strstr(verdict.findings[0].more,
		  "Slow since 13:54:00 UTC (13 min)") != NULL);
}

static void
the_first_second_is_all_well(void)
{
	struct snapshot snapshot;
	struct verdict verdict;

	snapshot_new(&snapshot);
	verdict_of(&verdict, &snapshot);
	CHECK(verdict.count == 1 &&
	    strcmp(verdict.findings[0].words, "all well") == 0);
}

/* The longest names, and as many upstreams as there can be. */
static void
all_that_can_be_wrong_has_room(void)
{
	struct snapshot snapshot;
	struct verdict verdict;

	snapshot_hostile(&snapshot);
	for (unsigned i = 0; i < SNAPSHOT_UPSTREAMS; i++)
		snapshot.upstreams[i] = snapshot.upstreams[0];
	fail_half(&snapshot);
	reload_badly(&snapshot);
	restart(&snapshot);
	snapshot.workers[0].is_draining = true;
	snapshot.workers_alive = snapshot.worker_count = 1;
	snapshot.accept_queue = snapshot.local_ports_used = UINT32_MAX;
	verdict_of(&verdict, &snapshot);
	CHECK(verdict.count == FINDINGS_MAX);
	for (unsigned i = 0; i < verdict.count; i++)
		CHECK(strlen(verdict.findings[i].words) < FINDING_SIZE &&
		    strlen(verdict.findings[i].more) < FINDING_SIZE);
}

int
main(void)
{
	RUN(each_event_has_its_sentence);
	RUN(the_cause_comes_first);
	RUN(a_row_of_slow_minutes_says_since_when);
	RUN(the_first_second_is_all_well);
	RUN(all_that_can_be_wrong_has_room);
	return check_report();
}
