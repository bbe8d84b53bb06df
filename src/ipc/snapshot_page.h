/* snapshot_page.h - the memory through which the master hands snapshots to the
 * status process: mapped before the first fork where -status-address is set, so
 * that history outlives the status process. The master never reads it back. */

#ifndef SNAPSHOT_PAGE_H
#define SNAPSHOT_PAGE_H

#include <stdbool.h>

#include "ipc/snapshot.h"

/* A sequence number, which is odd while the master writes, and a snapshot. */
struct snapshot_page;

struct snapshot_page *snapshot_map(void); /* NULL with errno */
void snapshot_publish(struct snapshot_page *page, const struct snapshot *new);
/* A whole one; false where the master has not finished one meanwhile. */
bool snapshot_read(struct snapshot_page *page, struct snapshot *copy);

#endif
