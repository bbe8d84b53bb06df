/* SPDX-License-Identifier: MIT */
/* snapshot.h - makes the snapshots that the status process shows: once a
 * second, where -status-address is set. Master only. */

#ifndef MASTER_SNAPSHOT_H
#define MASTER_SNAPSHOT_H

#include "master/supervisor.h"

/* At the start and after a reload: the configuration may name others. */
void snapshot_configure(struct supervisor *supervisor);

/* To be called often; most times nothing is due. */
void snapshot_tick(struct supervisor *supervisor);

#endif
