/* SPDX-License-Identifier: MIT */
/* capacity_warning.h - the warning that all workers are at their limits, and
 * the one that it is over. Master only. */

#ifndef CAPACITY_WARNING_H
#define CAPACITY_WARNING_H

#include "master/supervisor.h"

/* To be called when a worker has said that it is full or has room, and now
 * and then. */
void capacity_warning_update(struct supervisor *supervisor);

#endif
