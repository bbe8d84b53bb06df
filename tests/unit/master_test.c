/* SPDX-License-Identifier: MIT */
/* master_test.c - the master's pure decisions: how long a successor waits,
 * who hangs, how connections are shared out. */

#include <signal.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/log.h"
#include "check.h"
#include "master/awake_clock.h"
#include "master/children.h"
#include "master/hang.h"
#include "master/limits.h"
#include "master/respawn.h"
#include "master/watchdog.h"

static void
a_successor_waits_longer_for_each_early_death(void)
{
	static const int64_t waits_ms[] = { 0, 1000, 2000, 4000, 8000, 16000,
		30000, 30000, 30000 };
	struct respawn respawn = { 0 };

	for (size_t i = 0; i < sizeof waits_ms / sizeof waits_ms[0]; i++) {
		respawn_after_death(&respawn, RESPAWN_EARLY_MS - 1, 100);
		CHECK(respawn.due_ms == 100 + waits_ms[i]);
	}
	respawn_after_death(&respawn, RESPAWN_EARLY_MS, 100);
	CHECK(respawn.due_ms == 100);
	for (int i = 0; i < 10000; i++)
		respawn_after_death(&respawn, 0, 100);
	CHECK(respawn.due_ms == 100 + RESPAWN_DELAY_MAX_MS);
}

static void
a_failed_fork_is_not_repeated_at_once(void)
{
	struct respawn respawn = { 0 };

	respawn_after_failed_fork(&respawn, 0);
	CHECK(respawn.due_ms == 1000);
	respawn_after_failed_fork(&respawn, 1000);
	CHECK(respawn.due_ms == 3000);
}

static void
shares_add_up(void)
{
	for (unsigned connections = 0; connections < 40; connections++) {
		for (unsigned workers = 1; workers < 9; workers++) {
			unsigned sum = 0;

			for (unsigned n = 0; n < workers + 2; n++)
				sum +=
				    limits_worker_part(connections, n, workers);
			CHECK(sum == connections);
		}
	}
}

static void
a_worker_hangs_if_it_neither_sleeps_nor_moves_on(void)
{
	struct counters *counters = counters_map();
	struct heartbeat heartbeat;
	int64_t now_ms = 0;

	CHECK(counters != NULL);
	watchdog_begin(&heartbeat, now_ms);
	counters->in_poll = 1;
	for (int i = 0; i < 100; i++)
		CHECK(!watchdog_hangs(&heartbeat, counters, now_ms += 2000));
	for (int i = 0; i < 100; i++) {
		counter_step(&counters->turns, 20);
		CHECK(!watchdog_hangs(&heartbeat, counters, now_ms += 2000));
	}
	counters->in_poll = 0;
	for (int i = 0; i < 100; i++) {
		counter_step(&counters->turns, 1000);
		counter_step(&counters->progress, i % 10 == 0);
		CHECK(!watchdog_hangs(&heartbeat, counters, now_ms += 2000));
	}
	for (int i = 0; i < 15; i++) {
		counter_step(&counters->turns, 1000);
		now_ms += 2000;
		CHECK(watchdog_hangs(&heartbeat, counters, now_ms) == (i >= 5));
	}
	counters_unmap(&counters);
}

/* A death of a child that the master ended for good reason is no failure of
 * the child's. */
static void
some_deaths_do_not_count(void)
{
	enum { EXITED_0 = 0, EXITED_1 = 1 << 8 };
	static const struct row {
		const char *name;
		enum child_state state;
		enum child_end end;
		int status;
		bool counts;
	} rows[] = {
		{ "crash", CHILD_SERVING, CHILD_END_NONE, SIGSEGV, true },
		{ "exit", CHILD_SERVING, CHILD_END_NONE, EXITED_0, true },
		{ "early exit", CHILD_STARTING, CHILD_END_NONE, EXITED_1,
		    true },
		{ "drained", CHILD_DRAINING, CHILD_END_NONE, EXITED_0, false },
		{ "failed drain", CHILD_DRAINING, CHILD_END_NONE, EXITED_1,
		    true },
		{ "crash in a drain", CHILD_DRAINING, CHILD_END_NONE, SIGSEGV,
		    true },
		{ "overdue", CHILD_DRAINING, CHILD_END_OVERDUE, SIGKILL, true },
		{ "hung", CHILD_SERVING, CHILD_END_HUNG, SIGKILL, true },
		{ "rogue", CHILD_SERVING, CHILD_END_ROGUE, SIGKILL, true },
		{ "stopped", CHILD_DRAINING, CHILD_END_STOPPED, SIGKILL,
		    false },
		{ "outdated", CHILD_SERVING, CHILD_END_OUTDATED, SIGKILL,
		    false },
	};

	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		struct child child = {
			.state = rows[i].state,
			.end = rows[i].end,
		};

		CHECK_ROW(child_death_counts(&child, rows[i].status) ==
			rows[i].counts,
		    rows[i].name);
	}
}

static void
a_drain_can_only_become_shorter(void)
{
	struct child child = { .state = CHILD_SERVING };

	child_drain(&child, 1000, DRAIN_WITHOUT_END);
	CHECK(child.state == CHILD_DRAINING);
	CHECK(child.drain_ms == DRAIN_WITHOUT_END);
	child.drain_was_told = true;
	child_drain(&child, 2000, 5000);
	CHECK(child.drain_ms == 5000 && child.draining_since_ms == 2000);
	CHECK(!child.drain_was_told);
	child.drain_was_told = true;
	child_drain(&child, 3000, 5000);
	CHECK(child.draining_since_ms == 2000 && child.drain_was_told);
	child_drain(&child, 3000, 3999);
	CHECK(child.draining_since_ms == 3000 && child.drain_ms == 3999);
	CHECK(!child_serve(&child));
}

static void
standard_error_is_cut_into_lines(void)
{
	struct stderr_line line = { .length = 0 };
	char words[STDERR_LINE_SIZE + 1];

	CHECK(!stderr_line_next(&line, words));
	memcpy(line.bytes, "one\n\ntw", line.length = 7);
	CHECK(stderr_line_next(&line, words) && strcmp(words, "one") == 0);
	CHECK(stderr_line_next(&line, words) && words[0] == '\0');
	CHECK(!stderr_line_next(&line, words) && line.length == 2);
	CHECK(stderr_line_rest(&line, words) && strcmp(words, "tw") == 0);
	CHECK(!stderr_line_rest(&line, words));
	memset(line.bytes, 'x', line.length = STDERR_LINE_SIZE);
	CHECK(stderr_line_next(&line, words));
	CHECK(strlen(words) == STDERR_LINE_SIZE && line.length == 0);
}

static void
a_gap_counts_up_to_its_bound(void)
{
	struct awake_clock awake;
	int64_t now_ms = 1000;

	awake_clock_begin(&awake, now_ms);
	for (int i = 0; i < 10; i++)
		awake_clock_advance(&awake, now_ms += 2000);
	CHECK(awake.now_ms == now_ms);
	awake_clock_advance(&awake, now_ms += AWAKE_GAP_MS);
	CHECK(awake.now_ms == now_ms);
	awake_clock_advance(&awake, now_ms += 3600 * 1000);
	CHECK(awake.now_ms == now_ms - 3600 * 1000 + AWAKE_GAP_MS);
	awake_clock_advance(&awake, now_ms += 5);
	CHECK(awake.now_ms == now_ms - 3600 * 1000 + AWAKE_GAP_MS);
}

static void
the_log_is_silent(enum log_level level, const char *words)
{
	(void)level, (void)words;
}

/* A process to be killed. */
static pid_t
fork_idler(void)
{
	pid_t pid = fork();

	if (pid == 0) {
		for (;;)
			pause();
	}
	return pid;
}

static void
a_resolver_hangs_if_it_says_nothing_and_a_worker_does_not(void)
{
	struct child resolver = {
		.kind = CHILD_RESOLVER,
		.pid = fork_idler(),
		.heard_ms = 1000,
	};
	struct child worker = { .kind = CHILD_WORKER, .heard_ms = 1000 };
	int status;

	CHECK(resolver.pid > 0);
	log_open(the_log_is_silent, LOG_LEVEL_ERROR);
	hang_end(&worker, INT64_MAX / 2);
	CHECK(worker.end == CHILD_END_NONE);
	hang_end(&resolver, 1000 + 29999);
	CHECK(resolver.end == CHILD_END_NONE);
	hang_end(&resolver, 1000 + 30000);
	CHECK(resolver.end == CHILD_END_HUNG);
	child_kill(&resolver, CHILD_END_STOPPED);
	CHECK(waitpid(resolver.pid, &status, 0) == resolver.pid);
	CHECK(child_death_counts(&resolver, status));
}

static size_t
taken(struct log_quota *quota, enum log_level level, int64_t now_ms)
{
	size_t bytes = 0;

	while (log_quota_take(quota, level, 100, now_ms))
		bytes += 100;
	return bytes;
}

static bool
is_about(size_t bytes, size_t wanted)
{
	return bytes <= wanted && bytes + 300 > wanted;
}

static void
a_child_logs_a_burst_and_then_a_little(void)
{
	struct log_quota quota;
	int64_t now_ms = 1000;

	log_quota_init(&quota, now_ms);
	CHECK(
	    is_about(taken(&quota, LOG_LEVEL_ERROR, now_ms), LOG_QUOTA_BURST));
	/* A flood of other lines does not keep errors out. */
	CHECK(is_about(
	    taken(&quota, LOG_LEVEL_DEBUG, now_ms), LOG_QUOTA_INFO_BURST));
	CHECK(taken(&quota, LOG_LEVEL_INFO, now_ms) == 0);
	CHECK(taken(&quota, LOG_LEVEL_NOTICE, now_ms) == 0);
	/* However often the clock is asked. */
	for (int i = 0; i < 10000; i++)
		CHECK(!log_quota_take(
		    &quota, LOG_LEVEL_ERROR, 1 << 20, now_ms += 1));
	CHECK(is_about(taken(&quota, LOG_LEVEL_WARNING, now_ms),
	    10 * LOG_QUOTA_BYTES_A_SECOND + 100));
	CHECK(is_about(taken(&quota, LOG_LEVEL_INFO, now_ms),
	    10 * LOG_QUOTA_INFO_BYTES_A_SECOND + 100));
	now_ms += INT64_C(1000) * 3600 * 24 * 365 * 100;
	CHECK(
	    is_about(taken(&quota, LOG_LEVEL_ERROR, now_ms), LOG_QUOTA_BURST));
}

int
main(void)
{
	RUN(a_successor_waits_longer_for_each_early_death);
	RUN(a_failed_fork_is_not_repeated_at_once);
	RUN(shares_add_up);
	RUN(standard_error_is_cut_into_lines);
	RUN(a_gap_counts_up_to_its_bound);
	RUN(a_resolver_hangs_if_it_says_nothing_and_a_worker_does_not);
	RUN(a_child_logs_a_burst_and_then_a_little);
	RUN(some_deaths_do_not_count);
	RUN(a_drain_can_only_become_shorter);
	RUN(a_worker_hangs_if_it_neither_sleeps_nor_moves_on);
	return check_report();
}
