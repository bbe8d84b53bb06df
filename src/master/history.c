/* SPDX-License-Identifier: MIT */
#include "master/history.h"

#include <string.h>

enum {
	MINUTE_MS = 60 * 1000,
	SECOND_MIN_MS = 500, /* less than this is no second */
};

void
history_begin(struct history *history, int64_t now_ms)
{
	history->second_begin_ms = history->minute_begin_ms = now_ms;
}

/* A new period at the end, for which the oldest one gives way. */
static struct snapshot_period *
append(struct history_line *line, int64_t begin_ms)
{
	struct snapshot_period *last;

	if (line->count == SNAPSHOT_MINUTES) {
		memmove(line->list, line->list + 1,
		    (SNAPSHOT_MINUTES - 1) * sizeof line->list[0]);
		line->count--;
	}
	last = &line->list[line->count++];
	*last = (struct snapshot_period){ .begin = begin_ms };
	return last;
}

static uint64_t
since(uint64_t now, uint64_t before)
{
	return now > before ? now - before : 0;
}

static uint32_t
larger(uint32_t a, uint32_t b)
{
	return a > b ? a : b;
}

static void
add(struct snapshot_period *period, const struct history_look *now,
    const struct history_look *before)
{
	struct histogram answers =
	    histogram_since(&now->answers, &before->answers);

	period->accepted += (uint32_t)since(now->accepted, before->accepted);
	period->tunnelled += (uint32_t)since(now->tunnelled, before->tunnelled);
	period->failed += (uint32_t)since(now->failed, before->failed);
	period->sent += since(now->sent, before->sent);
	period->received += since(now->received, before->received);
	histogram_add(&period->answers, &answers);
	period->open = larger(period->open, now->open);
	period->waiting = larger(period->waiting, now->waiting);
	period->oldest_ms = larger(period->oldest_ms, now->oldest_ms);
}

/* Minutes follow each other without a gap, unless the master was kept from its
 * work for longer. */
static struct snapshot_period *
current_minute(struct history *history, int64_t now_ms)
{
	struct history_line *minutes = &history->minutes;
	int64_t passed = (now_ms - history->minute_begin_ms) / MINUTE_MS;

	if (passed > 0)
		history->minute_begin_ms += passed * MINUTE_MS;
	if (minutes->count == 0 || passed > 0)
		return append(minutes, history->minute_begin_ms);
	return &minutes->list[minutes->count - 1];
}

void
history_add(
    struct history *history, const struct history_look *now, int64_t now_ms)
{
	if (now_ms < history->second_begin_ms + SECOND_MIN_MS)
		return;
	add(append(&history->seconds, history->second_begin_ms), now,
	    &history->before);
	add(current_minute(history, now_ms), now, &history->before);
	history->second_begin_ms = now_ms;
	history->before = *now;
}

static unsigned
show(const struct history_line *line, struct snapshot_period *periods,
    int64_t ahead_ms)
{
	memcpy(periods, line->list, sizeof line->list);
	for (unsigned i = 0; i < line->count; i++)
		periods[i].begin = (periods[i].begin + ahead_ms) / 1000;
	return line->count;
}

void
history_show(
    const struct history *history, struct snapshot *snapshot, int64_t ahead_ms)
{
	snapshot->minute_count =
	    show(&history->minutes, snapshot->minutes, ahead_ms);
	snapshot->second_count =
	    show(&history->seconds, snapshot->seconds, ahead_ms);
}
