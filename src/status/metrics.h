/* SPDX-License-Identifier: MIT */
/* metrics.h - a snapshot in the text format of Prometheus, version 0.0.4.
 * Status process. Pure but for memory. */

#ifndef METRICS_H
#define METRICS_H

#include "ipc/snapshot.h"
#include "status/output.h"

/* Every kind of a label is there from the start, with 0. */
void metrics_write(struct output *output, const struct snapshot *snapshot);

#endif
