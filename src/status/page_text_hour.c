/* SPDX-License-Identifier: MIT */
#include <stdio.h>

#include "status/figures.h"
#include "status/page_text_parts.h"
#include "status/quantity.h"
#include "status/text_lines.h"

enum { COLUMNS = 6, COLUMN_MINUTES = SNAPSHOT_MINUTES / COLUMNS };

/* Ten minutes; the last column is under way. */
struct column {
	int64_t begin, seconds; /* 0: it was before the start */
	uint64_t accepted, failed;
	uint32_t oldest_ms;
	struct histogram answers;
};

static void
add_minute(
    struct column *column, const struct snapshot *snapshot, unsigned index)
{
	const struct snapshot_period *minute = &snapshot->minutes[index];

	if (minute->begin == 0)
		return;
	if (column->begin == 0)
		column->begin = minute->begin;
	column->seconds += figures_minute_seconds(snapshot, index);
	column->accepted += minute->accepted;
	column->failed += minute->failed;
	if (minute->oldest_ms > column->oldest_ms)
		column->oldest_ms = minute->oldest_ms;
	histogram_add(&column->answers, &minute->answers);
}

static struct quantity
begin_of(const struct snapshot *snapshot, const struct column *column)
{
	struct quantity text = quantity_clock(column->begin, snapshot->now);

	text.text[sizeof "13:52" - 1] = '\0';
	return text;
}

static struct quantity
rate_of(uint64_t count, const struct column *column)
{
	return quantity_rate((double)count / (double)column->seconds);
}

enum row { ROW_BEGIN, ROW_NEW, ROW_FAILED, ROW_MEDIAN, ROW_95TH, ROW_OLDEST };

static struct quantity
cell(const struct snapshot *snapshot, const struct column *column, enum row row)
{
	if (column->begin == 0)
		return (struct quantity){ "" };
	switch (row) {
	case ROW_BEGIN:
		return begin_of(snapshot, column);
	case ROW_NEW:
		return rate_of(column->accepted, column);
	case ROW_FAILED:
		return rate_of(column->failed, column);
	case ROW_MEDIAN:
		return quantity_ms(histogram_percentile(&column->answers, 50));
	case ROW_95TH:
		return quantity_ms(histogram_percentile(&column->answers, 95));
	default:
		return quantity_ms(column->oldest_ms);
	}
}

static void
write_row(struct output *output, const struct snapshot *snapshot,
    const struct column *columns, enum row row)
{
	static const char *const titles[] = { "LAST HOUR, since",
		"  connections a second", "  failed a second",
		"  time to answer, median", "  time to answer, 95th %",
		"  longest wait" };

	text_line(output, "%-26s%12s%12s%12s%12s%12s%12s", titles[row],
	    cell(snapshot, &columns[0], row).text,
	    cell(snapshot, &columns[1], row).text,
	    cell(snapshot, &columns[2], row).text,
	    cell(snapshot, &columns[3], row).text,
	    cell(snapshot, &columns[4], row).text,
	    cell(snapshot, &columns[5], row).text);
}

void
page_text_hour(struct output *output, const struct snapshot *snapshot)
{
	struct column columns[COLUMNS] = { { .begin = 0 } };
	unsigned missing = SNAPSHOT_MINUTES - snapshot->minute_count;

	for (unsigned i = 0; i < snapshot->minute_count; i++)
		add_minute(
		    &columns[(missing + i) / COLUMN_MINUTES], snapshot, i);
	output_append(output, "\n");
	for (unsigned row = ROW_BEGIN; row <= ROW_OLDEST; row++)
		write_row(output, snapshot, columns, (enum row)row);
}
