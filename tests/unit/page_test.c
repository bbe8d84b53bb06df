/* SPDX-License-Identifier: MIT */
/* page_test.c - the status page of made-up snapshots. With the name of one as
 * its argument the program prints that page, for a browser. */

#include "status/page.h"

#include <ctype.h>

#include "check.h"
#include "render.h"
#include "status/advice.h"
#include "status/figures.h"

enum { PAGE_MAX = 1 << 20 };

static char page[PAGE_MAX + 1];

static bool
render(const struct sample *sample)
{
	return render_sample(sample, page_write, page, sizeof page);
}

static const struct sample *
sample_named(const char *name)
{
	unsigned i = 0;

	while (i < SAMPLES && strcmp(samples[i].name, name) != 0)
		i++;
	return i < SAMPLES ? &samples[i] : NULL;
}

static unsigned
times(const char *wanted)
{
	unsigned count = 0;

	for (const char *at = page; (at = strstr(at, wanted)) != NULL; at++)
		count++;
	return count;
}

static void
a_page_says_what_its_snapshot_does(void)
{
	static const struct row {
		const char *sample;
		const char *wanted;
	} rows[] = {
		{ "well", "<strong>all well</strong>" },
		{ "well", "<title>all well - HandyProxy router1</title>" },
		{ "well", "up 41 d 3 h, 14:07:02 UTC" },
		{ "well", "<b>1,204</b> of 19,952, 6.0 %" },
		{ "well", "<td class=advice>descriptors" },
		{ "well",
		    "<b>192.168.2.10</b> 9.3 GiB since the start, 68 % of all; "
		    "88 open" },
		{ "well", "<th scope=row>2001:db8:1234:5678::/64<td" },
		{ "well", "<th scope=row>open tunnels<td>1,200" },
		{ "well",
		    "<th scope=row>refused by the upstream<td "
		    "data-label=\"last hour\">361<td "
		    "data-label=\"since start\">20,114" },
		{ "well", "<th scope=row>403 forbidden<td" },
		{ "well", "-http-relay-ports" },
		{ "well", "last failure 14:06:49: <em>status 403</em>" },
		{ "well", "<th scope=row>worker 1<td data-label=pid>6591" },
		{ "well", "<p>not used yet" },
		{ "slow", "<title>slow: answers take 1.5 s, 0.08 s in the" },
		{ "slow",
		    "<b>1.5 s</b> hour: 80 ms. 38 wait, the oldest for "
		    "41 s" },
		{ "slow", "<div class=\"finding bad\">" },
		{ "slow", "38 wait for an answer, the oldest for 41 s" },
		{ "slow", "<article class=warning><h3>proxy-a:3128" },
		{ "down", "<article class=bad><h3>proxy-a:3128" },
		{ "down", "<strong>down</strong> since 13:53:02 (14 min)" },
		{ "down", "<em>Connection refused</em>" },
		{ "down", "<article class=ok><h3>proxy-b:3128" },
		{ "hostile", "</table>\n<p>and 368 more</p>\n<p>Restarts" },
		{ "new", "<strong>all well</strong>" },
		{ "new", "<p>None since the start.</p>" },
		{ "new", "<b>0</b> of 4,096, 0 %" },
	};

	for (unsigned i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		CHECK(render(sample_named(rows[i].sample)));
		CHECK_ROW(strstr(page, rows[i].wanted) != NULL, rows[i].wanted);
	}
}

static void
no_byte_of_a_stranger_is_markup(void)
{
	static const char escaped[] =
	    "&lt;script&gt;alert(1)&lt;/script&gt;&quot;&#39;&gt;&amp;lt;"
	    "\\x1b[31m\\x0d\\x0a\\xff%s\\";

	CHECK(render(sample_named("hostile")));
	CHECK(strstr(page, "<script") == NULL);
	CHECK(strstr(page, "\"'>") == NULL);
	CHECK(strstr(page, "<<") == NULL);
	for (const char *byte = page; *byte != '\0'; byte++)
		CHECK(*byte == '\n' || isprint((unsigned char)*byte));
	/* Title, heading, cause of the limit, verdict, each upstream's address
	 * and failure, the second one's name, clients and the first again. */
	CHECK(times(escaped) >= 1 + 1 + 1 + 1 + 4 + 1 + SNAPSHOT_CLIENTS);
}

static void
a_page_needs_nothing_but_itself(void)
{
	static const char *const banned[] = { " src=", "url(", "@import",
		"https:", "<script", "<iframe", "<img", "<object", " onload",
		"nan\"", ".inf", "(null)" };

	for (unsigned i = 0; i < SAMPLES; i++) {
		CHECK_ROW(render(&samples[i]), samples[i].name);
		for (unsigned j = 0; j < sizeof banned / sizeof banned[0]; j++)
			CHECK_ROW(strstr(page, banned[j]) == NULL, banned[j]);
	}
}

static void
what_is_opened_is_closed(void)
{
	static const char *const elements[] = { "html", "head", "title",
		"style", "body", "header", "section", "dl", "div", "article",
		"table", "thead", "figure", "figcaption", "svg", "h1", "h2",
		"h3", "p", "b", "strong", "em", "span", "footer", "a" };

	for (unsigned i = 0; i < SAMPLES; i++) {
		CHECK_ROW(render(&samples[i]), samples[i].name);
		for (unsigned j = 0; j < sizeof elements / sizeof elements[0];
		     j++) {
			char begin[16], attributed[16], end[16];

			snprintf(begin, sizeof begin, "<%s>", elements[j]);
			snprintf(
			    attributed, sizeof attributed, "<%s ", elements[j]);
			snprintf(end, sizeof end, "</%s>", elements[j]);
			CHECK_ROW(
			    times(begin) + times(attributed) == times(end),
			    elements[j]);
		}
	}
}

/* By number, those that drain last, as many as there is room for. */
static void
workers_are_in_order(void)
{
	static struct snapshot snapshot;
	unsigned places[SNAPSHOT_WORKERS];

	snapshot.worker_count = 3;
	snapshot.workers[0].number = 1;
	snapshot.workers[1] =
	    (struct snapshot_worker){ .number = 0, .is_draining = true };
	CHECK(figures_workers(&snapshot, places) == 3);
	CHECK(places[0] == 2 && places[1] == 1 && places[2] == 0);
	snapshot.worker_count = SNAPSHOT_WORKERS + 1;
	CHECK(figures_workers(&snapshot, places) == SNAPSHOT_WORKERS);
}

/* Of the last hour, and then since the start; without those that never were. */
static void
the_most_frequent_failure_comes_first(void)
{
	static struct snapshot snapshot;
	unsigned kinds[FAILURES];

	CHECK(figures_failures(&snapshot, kinds) == 0);
	CHECK(figures_failure(&snapshot) == FAILURES);
	snapshot.failed[FAILURE_LOOP].count = 1;
	snapshot.failed[FAILURE_DIAL].count = 2;
	CHECK(figures_failure(&snapshot) == FAILURES);
	snapshot.failed[FAILURE_REFUSED] =
	    (struct snapshot_failure){ .count = 9, .hour = 3 };
	snapshot.failed[FAILURE_EVICTED] =
	    (struct snapshot_failure){ .count = 4, .hour = 4 };
	CHECK(figures_failures(&snapshot, kinds) == 4);
	CHECK(kinds[0] == FAILURE_EVICTED && kinds[1] == FAILURE_REFUSED &&
	    kinds[2] == FAILURE_DIAL && kinds[3] == FAILURE_LOOP);
	CHECK(figures_failure(&snapshot) == FAILURE_EVICTED);
}

/* Where memory ends, the page ends, and says so. */
static void
a_page_that_does_not_fit_has_failed(void)
{
	static struct snapshot snapshot;

	snapshot_well(&snapshot);
	for (size_t max = 0; max < 30000; max += 999) {
		struct output output = output_of(max);

		page_write(&output, &snapshot);
		CHECK(output.failed && output.length <= max);
		output_clear(&output);
	}
}

static void
each_kind_has_its_words(void)
{
	for (unsigned i = 0; i < FAILURES; i++) {
		struct advice advice = advice_on_failure((enum failure)i);

		CHECK_ROW(advice.what != NULL && advice.to_do != NULL,
		    failure_name((enum failure)i));
	}
	for (unsigned i = 0; i < REFUSAL_STATUSES; i++)
		CHECK_ROW(
		    (strcmp(advice_on_refusal(i).what, "another status") ==
			0) == (strcmp(refusal_name(i), "other") == 0),
		    refusal_name(i));
	for (unsigned i = 0; i < RESULTS; i++)
		CHECK(advice_result((enum connection_result)i) != NULL);
	for (unsigned i = 0; i < SNAPSHOT_STATES; i++)
		CHECK(advice_state(i) != NULL);
}

int
main(int argc, char **argv)
{
	if (argc == 2 && sample_named(argv[1]) != NULL) {
		bool is_whole = render(sample_named(argv[1]));

		fputs(page, stdout);
		return is_whole ? 0 : 1;
	}
	RUN(a_page_says_what_its_snapshot_does);
	RUN(no_byte_of_a_stranger_is_markup);
	RUN(a_page_needs_nothing_but_itself);
	RUN(what_is_opened_is_closed);
	RUN(workers_are_in_order);
	RUN(the_most_frequent_failure_comes_first);
	RUN(a_page_that_does_not_fit_has_failed);
	RUN(each_kind_has_its_words);
	return check_report();
}
