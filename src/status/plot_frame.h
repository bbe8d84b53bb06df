/* SPDX-License-Identifier: MIT */
/* plot_frame.h - the frame of a plot of an hour: its size, its axes, and where
 * a minute stands. For plot.h. Pure. */

#ifndef PLOT_FRAME_H
#define PLOT_FRAME_H

#include "ipc/snapshot.h"
#include "status/output.h"

/* In units of the picture, which is shown about as large: text is legible on a
 * telephone, too. */
enum {
	PLOT_WIDTH = 420,
	PLOT_HEIGHT = 190,
	PLOT_LEFT = 46,
	PLOT_RIGHT = 412,
	PLOT_TOP = 12,
	PLOT_BOTTOM = 166,
};

/* `words` say to those who do not see it what it shows. */
void plot_begin(struct output *output, const char *words);
void plot_end(struct output *output);

/* The left edge of a minute of the snapshot, and of the one behind it. */
double plot_minute_x(const struct snapshot *snapshot, unsigned minute);

/* A line across, with its label at the left. */
void plot_line(struct output *output, double y, const char *label);

/* Times of day below, a quarter of an hour apart, and `now`. */
void plot_hours(struct output *output, const struct snapshot *snapshot);

/* An area over the whole of a minute, whose words a mouse shows. */
void plot_hover_begin(
    struct output *output, const struct snapshot *snapshot, unsigned minute);
void plot_hover_end(struct output *output);

#endif
