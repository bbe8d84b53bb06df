/* SPDX-License-Identifier: MIT */
/* plot.h - the last hour as pictures, in SVG that stands in an HTML document:
 * connections a second, and the time that upstreams take to answer. Their
 * colours are classes of page_style. Status process. Pure. */

#ifndef PLOT_H
#define PLOT_H

#include "ipc/snapshot.h"
#include "status/output.h"

/* In each minute: how many came, and how many failed. */
void plot_connections(struct output *output, const struct snapshot *snapshot);

/* In each minute: median, 95th percentile, and the longest that a request has
 * waited, from 1 s. On a logarithmic scale. */
void plot_answers(struct output *output, const struct snapshot *snapshot);

#endif
