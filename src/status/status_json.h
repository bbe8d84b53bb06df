/* SPDX-License-Identifier: MIT */
/* status_json.h - a snapshot as JSON: all numbers that the page has. Times are
 * in seconds since 1970, null for never; durations in milliseconds. Status
 * process. Pure but for memory. */

#ifndef STATUS_JSON_H
#define STATUS_JSON_H

#include "ipc/snapshot.h"
#include "status/output.h"

void status_json_write(struct output *output, const struct snapshot *snapshot);

#endif
