/* SPDX-License-Identifier: MIT */
#include "status/plot.h"

#include <stdio.h>

#include "status/figures.h"
#include "status/plot_frame.h"
#include "status/quantity.h"

/* A scale from the bottom to the top. */
static double
height_of(double part)
{
	if (part < 0)
		part = 0;
	if (part > 1)
		part = 1;
	return PLOT_BOTTOM - (PLOT_BOTTOM - PLOT_TOP) * part;
}

static double
rate(const struct snapshot *snapshot, unsigned minute, uint32_t count)
{
	return (double)count / (double)figures_minute_seconds(snapshot, minute);
}

/* 1, 2 or 5 times a power of ten, which is at least so much. */
static double
round_up(double most)
{
	double power = 0.01;

	while (power * 10 <= most)
		power *= 10;
	if (most <= power)
		return power;
	if (most <= power * 2)
		return power * 2;
	return most <= power * 5 ? power * 5 : power * 10;
}

/* The top of the scale of the rates. */
static double
rates_top(const struct snapshot *snapshot)
{
	double most = 0;

	for (unsigned i = 0; i < snapshot->minute_count; i++) {
		const struct snapshot_period *minute = &snapshot->minutes[i];
		uint32_t larger = minute->accepted > minute->failed
		    ? minute->accepted
		    : minute->failed;

		if (minute->begin != 0 && rate(snapshot, i, larger) > most)
			most = rate(snapshot, i, larger);
	}
	return round_up(most);
}

/* Bars from the bottom, a minute wide. */
static void
plot_bars(struct output *output, const struct snapshot *snapshot, double top,
    bool of_failed)
{
	output_format(
	    output, "<path class=%s d=\"", of_failed ? "failed" : "accepted");
	for (unsigned i = 0; i < snapshot->minute_count; i++) {
		const struct snapshot_period *minute = &snapshot->minutes[i];
		uint32_t count = of_failed ? minute->failed : minute->accepted;

		if (minute->begin == 0 || count == 0)
			continue;
		output_format(output, "M%.1f %dV%.1fH%.1fV%d",
		    plot_minute_x(snapshot, i) + 0.5, PLOT_BOTTOM,
		    height_of(rate(snapshot, i, count) / top),
		    plot_minute_x(snapshot, i + 1) - 0.5, PLOT_BOTTOM);
	}
	output_append(output, "\"/>\n");
}

static void
hover_rates(struct output *output, const struct snapshot *snapshot)
{
	for (unsigned i = 0; i < snapshot->minute_count; i++) {
		const struct snapshot_period *minute = &snapshot->minutes[i];

		if (minute->begin == 0)
			continue;
		plot_hover_begin(output, snapshot, i);
		output_format(output, "%s connections a second, %s failed",
		    quantity_rate(rate(snapshot, i, minute->accepted)).text,
		    quantity_rate(rate(snapshot, i, minute->failed)).text);
		plot_hover_end(output);
	}
}

void
plot_connections(struct output *output, const struct snapshot *snapshot)
{
	double top = rates_top(snapshot);

	plot_begin(output,
	    "Connections a second in each of the last 60 minutes, and how many "
	    "of them failed");
	for (int half = 0; half <= 2; half++) {
		char label[16];

		snprintf(label, sizeof label, "%g", top * half / 2);
		plot_line(output, height_of(half / 2.0), label);
	}
	plot_bars(output, snapshot, top, false);
	plot_bars(output, snapshot, top, true);
	plot_hours(output, snapshot);
	hover_rates(output, snapshot);
	plot_end(output);
}

/* Decades from 1 ms to 100 s. */
enum { DECADES = 5 };

/* log10 by hand: libm is no library of ours. */
static double
decades_above_1_ms(int64_t ms)
{
	enum { DIGITS = 16 };
	double value = (double)ms, power = 1, decades = 0, step = 1;

	while (decades < DECADES && value >= power * 10) {
		power *= 10;
		decades++;
	}
	value /= power;
	/* Squaring doubles the logarithm: a carry is its next binary digit. */
	for (int digit = 0; digit < DIGITS; digit++) {
		value *= value;
		step /= 2;
		if (value >= 10) {
			value /= 10;
			decades += step;
		}
	}
	return decades;
}

static double
height_of_ms(int64_t ms)
{
	return height_of(decades_above_1_ms(ms > 1 ? ms : 1) / DECADES);
}

enum answer_line { LINE_MEDIAN, LINE_95TH, LINE_OLDEST };

/* -1: nothing in this minute. */
static int64_t
value_ms(const struct snapshot_period *minute, enum answer_line line)
{
	enum { SHOWN_FROM_MS = 1000 };

	if (minute->begin == 0)
		return -1;
	if (line == LINE_OLDEST && minute->oldest_ms < SHOWN_FROM_MS)
		return -1;
	if (line == LINE_OLDEST)
		return minute->oldest_ms;
	return histogram_percentile(
	    &minute->answers, line == LINE_MEDIAN ? 50 : 95);
}

/* A step for each minute, so that one alone is seen; none where nothing was
 * answered. */
static void
plot_steps(struct output *output, const struct snapshot *snapshot,
    enum answer_line line)
{
	static const char *const classes[] = { "median", "high", "oldest" };
	bool is_drawing = false;

	output_format(output, "<path class=%s d=\"", classes[line]);
	for (unsigned i = 0; i < snapshot->minute_count; i++) {
		int64_t ms = value_ms(&snapshot->minutes[i], line);

		if (ms >= 0 && is_drawing)
			output_format(output, "V%.1f", height_of_ms(ms));
		else if (ms >= 0)
			output_format(output, "M%.1f %.1f",
			    plot_minute_x(snapshot, i), height_of_ms(ms));
		if (ms >= 0)
			output_format(
			    output, "H%.1f", plot_minute_x(snapshot, i + 1));
		is_drawing = ms >= 0;
	}
	output_append(output, "\"/>\n");
}

static void
hover_answers(struct output *output, const struct snapshot *snapshot)
{
	for (unsigned i = 0; i < snapshot->minute_count; i++) {
		const struct snapshot_period *minute = &snapshot->minutes[i];

		if (minute->begin == 0)
			continue;
		plot_hover_begin(output, snapshot, i);
		output_format(output,
		    "median %s, 95th percentile %s, longest wait %s",
		    quantity_ms(value_ms(minute, LINE_MEDIAN)).text,
		    quantity_ms(value_ms(minute, LINE_95TH)).text,
		    quantity_ms(minute->oldest_ms).text);
		plot_hover_end(output);
	}
}

void
plot_answers(struct output *output, const struct snapshot *snapshot)
{
	static const struct {
		int64_t ms;
		const char *label;
	} labels[] = { { 1, "1 ms" }, { 10, "10 ms" }, { 100, "0.1 s" },
		{ 1000, "1 s" }, { 10 * 1000, "10 s" },
		{ 100 * 1000, "100 s" } };

	plot_begin(output,
	    "Time that upstreams took to answer in each of the last 60 "
	    "minutes, "
	    "on a logarithmic scale");
	output_format(output,
	    "<rect class=slow x=%d y=%d width=%d height=%.1f />\n", PLOT_LEFT,
	    PLOT_TOP, PLOT_RIGHT - PLOT_LEFT, height_of_ms(1000) - PLOT_TOP);
	for (unsigned i = 0; i <= DECADES; i++)
		plot_line(output, height_of_ms(labels[i].ms), labels[i].label);
	plot_hours(output, snapshot);
	plot_steps(output, snapshot, LINE_OLDEST);
	plot_steps(output, snapshot, LINE_95TH);
	plot_steps(output, snapshot, LINE_MEDIAN);
	hover_answers(output, snapshot);
	plot_end(output);
}
