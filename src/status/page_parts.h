/* SPDX-License-Identifier: MIT */
/* page_parts.h - the sections of the status page, each a file of its name, and
 * the cells of its tables. Pure. */

#ifndef PAGE_PARTS_H
#define PAGE_PARTS_H

#include "status/figures.h"
#include "status/finding.h"
#include "status/output.h"

extern const char page_style[];

void page_overview(struct output *output, const struct snapshot *snapshot,
    const struct figures *figures);
void page_limits(struct output *output, const struct snapshot *snapshot);
void page_upstreams(struct output *output, const struct snapshot *snapshot);
void page_failures(struct output *output, const struct snapshot *snapshot);
void page_clients(struct output *output, const struct snapshot *snapshot);
void page_workers(struct output *output, const struct snapshot *snapshot);

/* A cell of a table. On a narrow screen its label stands before the value, as
 * there are no columns. The value is escaped. */
void page_cell(struct output *output, const char *label, const char *value);

/* The first of a row: on a narrow screen a line of its own. */
void page_cell_first(struct output *output, const char *value);

/* A bar, so much of which is full. That of a limit has another colour where it
 * is near. */
void page_bar(struct output *output, uint64_t part, uint64_t whole);
void page_limit_bar(struct output *output, uint64_t used, uint64_t bound);

#endif
