/* SPDX-License-Identifier: MIT */
#include "status/plot_frame.h"

#include "status/quantity.h"

void
plot_begin(struct output *output, const char *words)
{
	output_format(output,
	    "<svg viewBox=\"0 0 %d %d\" role=img aria-label=\"", PLOT_WIDTH,
	    PLOT_HEIGHT);
	output_html(output, words);
	output_append(output, "\">\n");
}

void
plot_end(struct output *output)
{
	output_append(output, "</svg>\n");
}

/* The last minute is at the right, however few there are. */
double
plot_minute_x(const struct snapshot *snapshot, unsigned minute)
{
	double width = (double)(PLOT_RIGHT - PLOT_LEFT) / SNAPSHOT_MINUTES;
	unsigned left = snapshot->minute_count - minute;

	return PLOT_RIGHT - left * width;
}

void
plot_line(struct output *output, double y, const char *label)
{
	output_format(output,
	    "<path class=grid d=\"M%d %.1fH%d\"/>"
	    "<text x=%d y=%.1f text-anchor=end>",
	    PLOT_LEFT, y, PLOT_RIGHT, PLOT_LEFT - 6, y + 4);
	output_html(output, label);
	output_append(output, "</text>\n");
}

static void
hour_label(struct output *output, const struct snapshot *snapshot, int minutes)
{
	double x = PLOT_RIGHT -
	    (double)(PLOT_RIGHT - PLOT_LEFT) * minutes / SNAPSHOT_MINUTES;
	struct quantity clock =
	    quantity_clock(snapshot->now - minutes * 60, snapshot->now);

	output_format(output,
	    "<path class=tick d=\"M%.1f %dv4\"/>"
	    "<text x=%.1f y=%d text-anchor=%s>",
	    x, PLOT_BOTTOM, x, PLOT_HEIGHT - 6,
	    minutes == 0		      ? "end"
		: minutes == SNAPSHOT_MINUTES ? "start"
					      : "middle");
	if (minutes == 0)
		output_append(output, "now");
	else
		output_format(output, "%.5s", clock.text);
	output_append(output, "</text>\n");
}

void
plot_hours(struct output *output, const struct snapshot *snapshot)
{
	enum { QUARTER = 15 };

	for (int minutes = SNAPSHOT_MINUTES; minutes >= 0; minutes -= QUARTER)
		hour_label(output, snapshot, minutes);
}

void
plot_hover_begin(
    struct output *output, const struct snapshot *snapshot, unsigned minute)
{
	double x = plot_minute_x(snapshot, minute);
	struct quantity clock =
	    quantity_clock(snapshot->minutes[minute].begin, snapshot->now);

	output_format(output,
	    "<rect class=hover x=%.1f y=%d width=%.1f height=%d><title>%.5s: ",
	    x, PLOT_TOP, plot_minute_x(snapshot, minute + 1) - x,
	    PLOT_BOTTOM - PLOT_TOP, clock.text);
}

void
plot_hover_end(struct output *output)
{
	output_append(output, "</title></rect>\n");
}
