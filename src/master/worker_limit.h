/* worker_limit.h - how many connections a worker may have. Master only. */

#ifndef WORKER_LIMIT_H
#define WORKER_LIMIT_H

#include "master/supervisor.h"

/* The number's part of the capacity, less what workers that `self` replaces
 * still serve; self is NULL for a worker that is still to be made. */
unsigned worker_limit(const struct supervisor *supervisor, unsigned number,
    const struct child *self);

#endif
