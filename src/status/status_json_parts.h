/* SPDX-License-Identifier: MIT */
/* status_json_parts.h - the lists of status_json.h, each with its key. */

#ifndef STATUS_JSON_PARTS_H
#define STATUS_JSON_PARTS_H

#include "ipc/snapshot.h"
#include "status/output.h"

void status_json_upstreams(
    struct output *output, const struct snapshot *snapshot);
void status_json_workers(
    struct output *output, const struct snapshot *snapshot);
void status_json_clients(
    struct output *output, const struct snapshot *snapshot);
void status_json_history(
    struct output *output, const struct snapshot *snapshot);

#endif
