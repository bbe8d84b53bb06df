/* SPDX-License-Identifier: MIT */
#include <stdio.h>

#include "base/text.h"
#include "status/page_text_parts.h"
#include "status/quantity.h"
#include "status/text_lines.h"

enum { WORDS_SIZE = SNAPSHOT_NAME_SIZE + 160 };

/* "proxy-a:3128 is down since 13:53:02 (14 min)". */
static void
write_state(struct output *output, const struct snapshot *snapshot,
    const struct snapshot_upstream *upstream)
{
	char words[WORDS_SIZE];
	struct text text = text_in(words, sizeof words);

	text_format(&text, "%s: ", upstream->name);
	if (!upstream->is_down && upstream->workers_down > 0)
		text_format(&text, "down for %u of %u workers",
		    upstream->workers_down, upstream->workers);
	else if (!upstream->is_down && upstream->dialled == 0 &&
	    upstream->waiting == 0)
		text_append(&text, "not used yet");
	else
		text_append(&text, upstream->is_down ? "DOWN" : "up");
	if (upstream->since != 0)
		text_format(&text, ", since %s (%s)",
		    quantity_clock(upstream->since, snapshot->now).text,
		    quantity_age(snapshot->now - upstream->since).text);
	text_wrap(output, 2, words);
}

static void
write_times(
    struct output *output, const char *title, const struct histogram *times)
{
	text_line(output, "      %-20s%12s%12s%12s", title,
	    quantity_ms(histogram_percentile(times, 50)).text,
	    quantity_ms(histogram_percentile(times, 95)).text,
	    quantity_ms(histogram_percentile(times, 99)).text);
}

static void
write_failure(struct output *output, const struct snapshot *snapshot,
    const struct snapshot_upstream *upstream)
{
	if (upstream->last_failure != 0)
		text_line(output, "      last failure %s: %s",
		    quantity_clock(upstream->last_failure, snapshot->now).text,
		    text_cut(upstream->last_failure_words, 60).text);
}

static void
write_upstream(struct output *output, const struct snapshot *snapshot,
    const struct snapshot_upstream *upstream)
{
	write_state(output, snapshot, upstream);
	if (upstream->dialled + upstream->dial_failures + upstream->waiting ==
	    0)
		return;
	text_line(output,
	    "      %s open, %s wait for an answer, the oldest for %s",
	    quantity_count(upstream->open).text,
	    quantity_count(upstream->waiting).text,
	    quantity_ms(upstream->waiting > 0 ? upstream->oldest_ms : 0).text);
	write_times(output, "to connect", &upstream->hour_connect);
	write_times(output, "to answer", &upstream->hour_answer);
	text_line(output,
	    "      %s connected, %s could not, %s answers refused",
	    quantity_count(upstream->dialled).text,
	    quantity_count(upstream->dial_failures).text,
	    quantity_count(upstream->refused).text);
	write_failure(output, snapshot, upstream);
}

void
page_text_upstreams(struct output *output, const struct snapshot *snapshot)
{
	text_line(output, "\nUPSTREAMS, last hour%19s%12s%12s", "median",
	    "95th %", "99th %");
	for (unsigned i = 0; i < SNAPSHOT_UPSTREAMS; i++) {
		if (snapshot->upstreams[i].name[0] != '\0')
			write_upstream(
			    output, snapshot, &snapshot->upstreams[i]);
	}
}
