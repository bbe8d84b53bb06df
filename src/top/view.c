/* SPDX-License-Identifier: MIT */
#include "top/view.h"

#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "status/quantity.h"
#include "top/json_value.h"

/* Rates are means of so many of the last seconds, the one that is under way
 * left out. */
enum { RATE_SECONDS = 5 };

/* The median of the last hour; -1: there is none. */
static double
median_ms(struct span upstream, const char *what)
{
	struct span hour = json_value_member(upstream, "hour");
	struct span median =
	    json_value_member(json_value_member(hour, what), "median_ms");

	return json_value_is_number(median) ? json_value_number(median) : -1;
}

static void
read_upstream(struct span upstream, struct view_upstream *row)
{
	struct span failure = json_value_member(upstream, "last_failure");

	json_value_text(
	    json_value_member(upstream, "name"), row->name, sizeof row->name);
	json_value_text(json_value_member(failure, "cause"), row->failure,
	    sizeof row->failure);
	row->is_up = json_value_is_true(json_value_member(upstream, "up"));
	row->open = json_value_number(json_value_member(upstream, "open"));
	row->waiting =
	    json_value_number(json_value_member(upstream, "waiting"));
	row->oldest_ms =
	    json_value_number(json_value_member(upstream, "oldest_ms"));
	row->connect_ms = median_ms(upstream, "connect");
	row->answer_ms = median_ms(upstream, "answer");
}

static void
read_upstreams(struct view *view, struct span list)
{
	struct span items = json_value_items(list), item;

	view->upstream_count = 0;
	while (view->upstream_count < VIEW_UPSTREAMS &&
	    json_value_next(&items, &item))
		read_upstream(item, &view->upstreams[view->upstream_count++]);
}

static unsigned
count_items(struct span list)
{
	struct span items = json_value_items(list), item;
	unsigned count = 0;

	while (json_value_next(&items, &item))
		count++;
	return count;
}

static void
read_rates(struct view *view, struct span seconds)
{
	unsigned count = count_items(seconds), first, used = 0;
	struct span items = json_value_items(seconds), item;

	view->accepted = view->failed = view->sent = view->received = 0;
	first = count > RATE_SECONDS + 1 ? count - RATE_SECONDS - 1 : 0;
	for (unsigned i = 0; i + 1 < count && json_value_next(&items, &item);
	     i++) {
		if (i < first)
			continue;
		used++;
		view->accepted +=
		    json_value_number(json_value_member(item, "accepted"));
		view->failed +=
		    json_value_number(json_value_member(item, "failed"));
		view->sent +=
		    json_value_number(json_value_member(item, "sent"));
		view->received +=
		    json_value_number(json_value_member(item, "received"));
	}
	if (used > 0) {
		view->accepted /= used;
		view->failed /= used;
		view->sent /= used;
		view->received /= used;
	}
}

static double
count_waiting(const struct view *view)
{
	double sum = 0;

	for (unsigned i = 0; i < view->upstream_count; i++)
		sum += view->upstreams[i].waiting;
	return sum;
}

void
view_read(struct view *view, struct span json)
{
	struct span connections = json_value_member(json, "connections");
	struct span history = json_value_member(json, "history");
	char severity[16];

	json_value_text(json_value_member(json, "verdict"), view->verdict,
	    sizeof view->verdict);
	json_value_text(
	    json_value_member(json, "severity"), severity, sizeof severity);
	view->is_well = strcmp(severity, "ok") == 0;
	view->open = json_value_number(json_value_member(connections, "open"));
	view->limit =
	    json_value_number(json_value_member(connections, "limit"));
	view->now = json_value_number(json_value_member(json, "now"));
	view->started = json_value_number(json_value_member(json, "started"));
	read_upstreams(view, json_value_member(json, "upstreams"));
	read_rates(view, json_value_member(history, "seconds"));
	view->waiting = count_waiting(view);
}

/* Numbers of a stranger's may be any. */
static uint64_t
whole(double number)
{
	if (!(number > 0))
		return 0;
	return number < 1e18 ? (uint64_t)number : (uint64_t)1e18;
}

static void
draw_summary(const struct view *view, struct screen *screen)
{
	bool is_old = view->trouble[0] != '\0';

	screen_line(screen,
	    view->is_well && !is_old ? SCREEN_BOLD : SCREEN_REVERSE, "%s",
	    is_old ? view->trouble : view->verdict);
	screen_line(screen, SCREEN_PLAIN,
	    "%s open of %s (%s)  %s wait  %s/s new  %s/s fail  down %s  up %s"
	    "  since %s",
	    quantity_count(whole(view->open)).text,
	    quantity_count(whole(view->limit)).text,
	    quantity_percent(whole(view->open), whole(view->limit)).text,
	    quantity_count(whole(view->waiting)).text,
	    quantity_rate(view->accepted).text,
	    quantity_rate(view->failed).text,
	    quantity_bits(view->received).text, quantity_bits(view->sent).text,
	    quantity_age((int64_t)whole(view->now - view->started)).text);
}

static struct quantity
ms_text(double ms)
{
	return quantity_ms(ms < 0 ? -1 : (int64_t)whole(ms));
}

static void
draw_upstream(const struct view_upstream *row, struct screen *screen)
{
	screen_line(screen, row->is_up ? SCREEN_PLAIN : SCREEN_BOLD,
	    "%-28s %-5s %7s %6s %8s %8s %8s  %s", row->name,
	    row->is_up ? "up" : "down", quantity_count(whole(row->open)).text,
	    quantity_count(whole(row->waiting)).text,
	    ms_text(row->waiting > 0 ? row->oldest_ms : -1).text,
	    ms_text(row->connect_ms).text, ms_text(row->answer_ms).text,
	    row->failure);
}

/* A third of the lines at most. */
static void
draw_upstreams(const struct view *view, struct screen *screen)
{
	unsigned most = screen->rows / 3;

	screen_line(screen, SCREEN_REVERSE,
	    "%-28s %-5s %7s %6s %8s %8s %8s  %s", "UPSTREAM", "STATE", "OPEN",
	    "WAIT", "OLDEST", "CONNECT", "ANSWER", "LAST FAILURE");
	for (unsigned i = 0; i < view->upstream_count && i < most; i++)
		draw_upstream(&view->upstreams[i], screen);
}

/* As wide as what is shown needs, within bounds. */
static int
width_of(
    const struct view *view, unsigned shown, size_t offset, int least, int most)
{
	int width = least;

	for (unsigned i = 0; i < shown && i < view->count; i++) {
		const char *text = (const char *)&view->rows[i] + offset;
		int length = (int)strlen(text);

		if (length > width)
			width = length;
	}
	return width < most ? width : most;
}

struct widths {
	int client, upstream;
};

static void
draw_row(const struct row *row, enum row_group group,
    const struct widths *widths, struct screen *screen)
{
	char numbers[128];
	struct text text = text_in(numbers, sizeof numbers);

	text_format(&text, "%10s %10s %10s %10s",
	    quantity_bytes(whole(row->received_rate)).text,
	    quantity_bytes(whole(row->sent_rate)).text,
	    quantity_bytes(whole(row->received + row->sent)).text,
	    quantity_age((int64_t)whole(row->age)).text);
	if (group == ROWS_ALONE)
		screen_line(screen, SCREEN_PLAIN, "%s  %-*.*s %-*.*s %s",
		    numbers, widths->client, widths->client, row->client,
		    widths->upstream, widths->upstream,
		    row->upstream[0] != '\0' ? row->upstream : row->state,
		    row->destination);
	else
		screen_line(screen, SCREEN_PLAIN, "%s  %6u  %s%s", numbers,
		    row->count, row->client, row->destination);
}

static void
draw_rows(const struct view *view, struct screen *screen)
{
	unsigned shown = screen_left(screen, 2);
	const struct widths widths = {
		width_of(view, shown, offsetof(struct row, client), 6, 47),
		width_of(view, shown, offsetof(struct row, upstream), 8, 24),
	};

	if (view->group == ROWS_ALONE)
		screen_line(screen, SCREEN_REVERSE,
		    "%10s %10s %10s %10s  %-*s %-*s %s", "DOWN/s", "UP/s",
		    "BYTES", "AGE", widths.client, "CLIENT", widths.upstream,
		    "UPSTREAM", "DESTINATION");
	else
		screen_line(screen, SCREEN_REVERSE,
		    "%10s %10s %10s %10s  %6s  %s", "DOWN/s", "UP/s", "BYTES",
		    "AGE", "OPEN",
		    view->group == ROWS_OF_CLIENT ? "CLIENT" : "DESTINATION");
	for (unsigned i = 0; i < shown && i < view->count; i++)
		draw_row(&view->rows[i], view->group, &widths, screen);
}

void
view_draw(const struct view *view, struct screen *screen)
{
	char words[128];
	struct text text = text_in(words, sizeof words);

	draw_summary(view, screen);
	screen_line(screen, SCREEN_PLAIN, "%s", "");
	draw_upstreams(view, screen);
	screen_line(screen, SCREEN_PLAIN, "%s", "");
	draw_rows(view, screen);
	text_format(&text,
	    "q quits  s order: %s  c by client%s  d by "
	    "destination%s",
	    row_order_name(view->order),
	    view->group == ROWS_OF_CLIENT ? " (on)" : "",
	    view->group == ROWS_TO_DESTINATION ? " (on)" : "");
	screen_end(screen, words);
}
