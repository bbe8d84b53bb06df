/* SPDX-License-Identifier: MIT */
/* worker_limit.h - how many connections a worker may have. Master only. */

#ifndef WORKER_LIMIT_H
#define WORKER_LIMIT_H

#include "master/children.h"

/* The number's part of the connections that `workers` may have all together,
 * less what workers that `self` replaces still serve; self is NULL for a worker
 * that is still to be made. */
unsigned worker_limit(const struct children *children, unsigned connections,
    unsigned workers, unsigned number, const struct child *self);

/* Kills workers that tell the others of more connections of their clients than
 * they could ever have: they would keep those clients out. */
void worker_limit_check_clients(const struct children *children);

#endif
