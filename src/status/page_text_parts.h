/* SPDX-License-Identifier: MIT */
/* page_text_parts.h - the sections of the status as plain text. Pure. */

#ifndef PAGE_TEXT_PARTS_H
#define PAGE_TEXT_PARTS_H

#include "ipc/snapshot.h"
#include "status/output.h"

void page_text_hour(struct output *output, const struct snapshot *snapshot);
void page_text_upstreams(
    struct output *output, const struct snapshot *snapshot);
void page_text_failures(struct output *output, const struct snapshot *snapshot);
void page_text_clients(struct output *output, const struct snapshot *snapshot);
void page_text_workers(struct output *output, const struct snapshot *snapshot);
void page_text_totals(struct output *output, const struct snapshot *snapshot);

#endif
