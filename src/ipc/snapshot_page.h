/* SPDX-License-Identifier: MIT */
/* snapshot_page.h - the memory through which the master hands snapshots to the
 * status process: mapped before the first fork where -status-address is set, so
 * that history outlives the status process. The master believes nothing that
 * it reads there. */

#ifndef SNAPSHOT_PAGE_H
#define SNAPSHOT_PAGE_H

#include <stdbool.h>

#include "ipc/snapshot.h"

/* Two snapshots, which the master writes by turns, so that a reader finds the
 * last one whole while the next is written, and where its writer has died. */
struct snapshot_page;

struct snapshot_page *snapshot_map(void); /* NULL with errno */
void snapshot_unmap(struct snapshot_page **page); /* sets it to NULL */

void snapshot_publish(struct snapshot_page *page, const struct snapshot *new);

/* The last one that was published. False, with *copy undefined, where there was
 * none yet, or the master has published two meanwhile, again and again. */
bool snapshot_read(struct snapshot_page *page, struct snapshot *copy);

#endif
