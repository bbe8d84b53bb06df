/* SPDX-License-Identifier: MIT */
/* metrics_test.c - a snapshot as Prometheus reads it, line by line. */

#include "status/metrics.h"

#include <stdio.h>
#include <string.h>

#include "check.h"

/* Large: it is set to 0 before each use. */
static struct snapshot snapshot;
static char text[256 * 1024];

static void
clear(void)
{
	memset(&snapshot, 0, sizeof snapshot);
}

static void
write_text(void)
{
	struct output output = output_of(sizeof text - 1);
	struct span span;

	metrics_write(&output, &snapshot);
	CHECK(!output.failed);
	span = output_span(&output);
	memcpy(text, span.bytes, span.length);
	text[span.length] = '\0';
	output_clear(&output);
}

static bool
has_line(const char *line)
{
	size_t length = strlen(line);

	for (const char *at = text; (at = strstr(at, line)) != NULL; at++) {
		if ((at == text || at[-1] == '\n') && at[length] == '\n')
			return true;
	}
	return false;
}

static void
has_lines(const char *const *lines, size_t count)
{
	for (size_t i = 0; i < count; i++)
		CHECK_ROW(has_line(lines[i]), lines[i]);
}
#define HAS_LINES(...)                                  \
	has_lines((const char *const[]){ __VA_ARGS__ }, \
	    sizeof((const char *const[]){ __VA_ARGS__ }) / sizeof(char *))

static void
all_is_there_from_the_start_with_0(void)
{
	clear();
	snapshot.started = 1700000000;
	write_text();
	HAS_LINES("# TYPE handyproxy_build_info gauge",
	    "handyproxy_build_info{version=\"" VERSION "\"} 1",
	    "handyproxy_start_time_seconds 1700000000",
	    "handyproxy_connections{state=\"sniffing\"} 0",
	    "handyproxy_connections{state=\"relaying\"} 0",
	    "handyproxy_connections_limit 0",
	    "# TYPE handyproxy_connections_accepted_total counter",
	    "handyproxy_connections_accepted_total 0",
	    "handyproxy_tunnels_total{mode=\"connect\"} 0",
	    "handyproxy_tunnels_total{mode=\"relay\"} 0",
	    "handyproxy_tunnels_total{mode=\"direct\"} 0",
	    "handyproxy_connections_ended_total{result=\"done\"} 0",
	    "handyproxy_connections_ended_total{result=\"error\"} 0",
	    "handyproxy_connections_ended_total{result=\"crashed\"} 0",
	    "handyproxy_connection_failures_total{cause=\"dial\"} 0",
	    "handyproxy_connection_failures_total{cause=\"internal\"} 0",
	    "handyproxy_upstream_refusals_total{status=\"403\"} 0",
	    "handyproxy_upstream_refusals_total{status=\"other\"} 0",
	    "handyproxy_bytes_total{direction=\"sent\"} 0",
	    "handyproxy_bytes_total{direction=\"received\"} 0",
	    "handyproxy_spliced_bytes_total 0",
	    "handyproxy_sniffs_total{outcome=\"tls\"} 0",
	    "handyproxy_sniffs_total{outcome=\"client_end\"} 0",
	    "handyproxy_ready_connections_total{result=\"taken\"} 0",
	    "handyproxy_ready_connections_total{result=\"expired\"} 0",
	    "handyproxy_ready_connections_total{result=\"stale\"} 0",
	    "handyproxy_workers 0", "handyproxy_worker_restarts_total 0",
	    "handyproxy_accept_queue_length 0",
	    "handyproxy_accept_queue_limit 0",
	    "handyproxy_log_lines_dropped_total 0",
	    "handyproxy_config_last_reload_successful 1");
	CHECK(strstr(text, "upstream=") == NULL);
}

static void
each_number_has_its_line(void)
{
	clear();
	snapshot.states[6] = 17;
	snapshot.limit = 5000;
	snapshot.accepted = UINT64_C(1) << 40;
	snapshot.tunnelled = 1;
	snapshot.relayed = 2;
	snapshot.direct = 3;
	snapshot.ended[RESULT_CLIENT_RESET] = 4;
	snapshot.crashed = 5;
	snapshot.failed[FAILURE_NO_LOCAL_PORT].count = 6;
	snapshot.refused[REFUSAL_STATUSES - 1] = 7;
	snapshot.sent = 8;
	snapshot.received = 9;
	snapshot.spliced = 10;
	snapshot.sniffs[SNIFF_TIMEOUT] = 11;
	snapshot.ready_taken = 12;
	snapshot.ready_expired = 13;
	snapshot.ready_stale = 14;
	snapshot.workers_alive = 15;
	snapshot.worker_restarts = 16;
	snapshot.accept_queue = 18;
	snapshot.accept_queue_limit = 19;
	snapshot.log_lines_dropped = 20;
	snapshot.last_reload_failed = true;
	write_text();
	HAS_LINES("handyproxy_connections{state=\"tunnelling\"} 17",
	    "handyproxy_connections_limit 5000",
	    "handyproxy_connections_accepted_total 1099511627776",
	    "handyproxy_tunnels_total{mode=\"connect\"} 1",
	    "handyproxy_tunnels_total{mode=\"relay\"} 2",
	    "handyproxy_tunnels_total{mode=\"direct\"} 3",
	    "handyproxy_connections_ended_total{result=\"client_reset\"} 4",
	    "handyproxy_connections_ended_total{result=\"crashed\"} 5",
	    "handyproxy_connection_failures_total{cause=\"no_local_port\"} 6",
	    "handyproxy_upstream_refusals_total{status=\"other\"} 7",
	    "handyproxy_bytes_total{direction=\"sent\"} 8",
	    "handyproxy_bytes_total{direction=\"received\"} 9",
	    "handyproxy_spliced_bytes_total 10",
	    "handyproxy_sniffs_total{outcome=\"timeout\"} 11",
	    "handyproxy_ready_connections_total{result=\"taken\"} 12",
	    "handyproxy_ready_connections_total{result=\"expired\"} 13",
	    "handyproxy_ready_connections_total{result=\"stale\"} 14",
	    "handyproxy_workers 15", "handyproxy_worker_restarts_total 16",
	    "handyproxy_accept_queue_length 18",
	    "handyproxy_accept_queue_limit 19",
	    "handyproxy_log_lines_dropped_total 20",
	    "handyproxy_config_last_reload_successful 0");
}

static void
upstreams_have_their_names_as_labels(void)
{
	struct snapshot_upstream *first = &snapshot.upstreams[0];
	struct snapshot_upstream *last =
	    &snapshot.upstreams[SNAPSHOT_UPSTREAMS - 1];

	clear();
	strcpy(first->name, "proxy-a:3128");
	first->is_down = true;
	first->open = 3;
	first->dialled = 10;
	first->dial_failures = 2;
	first->answer = (struct histogram){
		.buckets = { 1, 2, [8] = 4, [15] = 1 },
		.count = 9,
		.sum_ms = 123456,
	};
	strcpy(last->name, "a\"b\\c\n");
	last->connect = (struct histogram){ .buckets = { 5 }, .count = 4 };
	write_text();
	HAS_LINES("handyproxy_upstream_up{upstream=\"proxy-a:3128\"} 0",
	    "handyproxy_upstream_up{upstream=\"a\\\"b\\\\c\\\\x0a\"} 1",
	    "handyproxy_upstream_connections{upstream=\"proxy-a:3128\"} 3",
	    "handyproxy_upstream_dials_total{upstream=\"proxy-a:3128\","
	    "outcome=\"connected\"} 10",
	    "handyproxy_upstream_dials_total{upstream=\"proxy-a:3128\","
	    "outcome=\"failed\"} 2");
}

static void
buckets_hold_what_is_below_them(void)
{
#define ANSWER "handyproxy_upstream_answer_duration_seconds"
#define CONNECT "handyproxy_upstream_connect_duration_seconds"
#define OF "{upstream=\"proxy-a:3128\""
#define OTHER "{upstream=\"a\\\"b\\\\c\\\\x0a\""
	upstreams_have_their_names_as_labels();
	HAS_LINES("# TYPE " ANSWER " histogram",
	    ANSWER "_bucket" OF ",le=\"0.001\"} 1",
	    ANSWER "_bucket" OF ",le=\"0.002\"} 3",
	    ANSWER "_bucket" OF ",le=\"0.005\"} 3",
	    ANSWER "_bucket" OF ",le=\"0.2\"} 3",
	    ANSWER "_bucket" OF ",le=\"0.5\"} 7",
	    ANSWER "_bucket" OF ",le=\"30\"} 7",
	    ANSWER "_bucket" OF ",le=\"60\"} 8",
	    ANSWER "_bucket" OF ",le=\"+Inf\"} 9", ANSWER "_sum" OF "} 123.456",
	    ANSWER "_count" OF "} 9",
	    /* Read while it grew: there are no more in a bucket than in all. */
	    CONNECT "_bucket" OTHER ",le=\"60\"} 5",
	    CONNECT "_bucket" OTHER ",le=\"+Inf\"} 5",
	    CONNECT "_count" OTHER "} 5");
}

/* TYPE stands once, before all samples of its family, which stand together. */
static void
families_stand_together(void)
{
	char family[128] = "", seen[16 * 1024] = "", marked[130];

	upstreams_have_their_names_as_labels();
	for (char *line = strtok(text, "\n"); line != NULL;
	     line = strtok(NULL, "\n")) {
		if (sscanf(line, "# HELP %127s", family) == 1) {
			snprintf(marked, sizeof marked, " %s ", family);
			CHECK_ROW(strstr(seen, marked) == NULL, family);
			strcat(seen, marked);
		} else if (line[0] != '#') {
			CHECK_ROW(
			    strncmp(line, family, strlen(family)) == 0, line);
		}
	}
}

int
main(void)
{
	RUN(all_is_there_from_the_start_with_0);
	RUN(each_number_has_its_line);
	RUN(upstreams_have_their_names_as_labels);
	RUN(buckets_hold_what_is_below_them);
	RUN(families_stand_together);
	return check_report();
}
