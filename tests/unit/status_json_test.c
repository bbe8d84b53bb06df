/* SPDX-License-Identifier: MIT */
/* status_json_test.c - a snapshot as JSON: well formed, and each number in its
 * place. Python's parser reads it in tests/status/test_metrics.py. */

#include "status/status_json.h"

#include <stdlib.h>
#include <string.h>

#include "check.h"

static struct snapshot snapshot; /* large */
static char *text;

static void
write_text(void)
{
	struct output output = output_of(1024 * 1024);
	struct span span;

	status_json_write(&output, &snapshot);
	CHECK(!output.failed);
	span = output_span(&output);
	free(text);
	text = calloc(1, span.length + 1);
	memcpy(text, span.bytes, span.length);
	output_clear(&output);
}

static void
has(const char *part)
{
	CHECK_ROW(strstr(text, part) != NULL, part);
}

/* Behind a string. */
static const char *
skip_string(const char *at)
{
	for (at++; *at != '\0' && *at != '"'; at++)
		at += *at == '\\' && at[1] != '\0';
	return *at == '"' ? at + 1 : at;
}

/* Objects and arrays end as they began, and commas stand between two values. */
static void
is_well_formed(void)
{
	char open[64] = "";
	size_t depth = 0;
	const char *at = text;
	char before = '{';

	while (*at != '\0' && *at != '\n') {
		char byte = *at;

		if (byte == '{' || byte == '[')
			open[depth++] = byte;
		if (byte == '}' || byte == ']') {
			CHECK(depth > 0 && before != ',');
			CHECK(open[--depth] == (byte == '}' ? '{' : '['));
		}
		CHECK(byte != ',' ||
		    (before != ',' && before != '{' && before != '['));
		CHECK(!((byte == '"' || byte == '{') &&
		    (before == '"' || before == '}' || before == ']')));
		at = byte == '"' ? skip_string(at) : at + 1;
		before = byte;
	}
	CHECK(depth == 0);
	CHECK(strcmp(at, "\n") == 0);
}

static void
nothing_at_all_is_well_formed(void)
{
	memset(&snapshot, 0, sizeof snapshot);
	write_text();
	is_well_formed();
	has("{\"verdict\":\"");
	has("\"last_reload\":null,\"last_reload_successful\":true");
	has("\"states\":{\"sniffing\":0,");
	has("\"crashed\":0}");
	has("\"dial\":{\"count\":0,\"hour\":0,\"last\":null}");
	has("\"upstreams\":[]");
	has("\"history\":{\"minutes\":[],\"seconds\":[]}");
}

static void
each_number_is_in_its_place(void)
{
	struct snapshot_upstream *upstream = &snapshot.upstreams[1];

	memset(&snapshot, 0, sizeof snapshot);
	snapshot.now = 1700000100;
	snapshot.states[6] = snapshot.open = 17;
	snapshot.accepted = UINT64_C(1) << 40;
	snapshot.failed[FAILURE_REFUSED] =
	    (struct snapshot_failure){ 30, 20, 1700000000 };
	snapshot.local_ports = 28232;
	snapshot.worker_count = 2;
	snapshot.workers[1] = (struct snapshot_worker){
		.number = 1, .pid = 77, .is_draining = true
	};
	snapshot.client_count = 1;
	strcpy(snapshot.clients[0].address, "2001:db8::/64");
	snapshot.clients[0].received = 5;
	snapshot.minute_count = 2;
	snapshot.minutes[1].begin = 1700000040;
	snapshot.minutes[1].answers =
	    (struct histogram){ .buckets = { [8] = 1 }, 1, 300 };
	strcpy(upstream->name, "proxy-b:3128");
	upstream->is_down = true;
	upstream->last_failure = 1700000090;
	strcpy(upstream->last_failure_words, "status 403");
	write_text();
	is_well_formed();
	has("\"tunnelling\":17");
	has("\"accepted\":1099511627776");
	has("\"refused\":{\"count\":30,\"hour\":20,\"last\":1700000000}");
	has("\"local_ports\":{\"used\":0,\"limit\":28232}");
	has("{\"number\":1,\"pid\":77,\"draining\":true,");
	has("\"clients\":[{\"address\":\"2001:db8::/64\",\"open\":0,");
	has("{\"begin\":1700000040,");
	has("\"answer\":{\"count\":1,\"sum_ms\":300,\"median_ms\":350,"
	    "\"p95_ms\":485,\"p99_ms\":497}");
	has("{\"name\":\"proxy-b:3128\",\"address\":\"\",\"up\":false,");
	has("\"connect\":{\"count\":0,\"sum_ms\":0,\"median_ms\":null,");
	has("\"last_failure\":{\"time\":1700000090,\"cause\":\"status 403\"}");
}

static void
whatever_strangers_sent_is_a_string(void)
{
	memset(&snapshot, 0, sizeof snapshot);
	strcpy(snapshot.host, "\"},[\\\x01\xff");
	strcpy(snapshot.upstreams[0].name, "a\",{\n");
	memset(snapshot.upstreams[1].name, 0xff, SNAPSHOT_NAME_SIZE - 1);
	write_text();
	is_well_formed();
	has("\"host\":\"\\\"},[\\\\\\u0001\\ufffd\"");
	has("{\"name\":\"a\\\",{\\u000a\",");
}

int
main(void)
{
	RUN(nothing_at_all_is_well_formed);
	RUN(each_number_is_in_its_place);
	RUN(whatever_strangers_sent_is_a_string);
	free(text);
	return check_report();
}
