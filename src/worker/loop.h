/* SPDX-License-Identifier: MIT */
/* loop.h - a worker's life: it opens what it needs, enters its sandbox, and
 * runs its loop until it has drained. A turn of the loop: wait, read the clock,
 * step each ready connection, accept, expire deadlines, free what is done. */

#ifndef LOOP_H
#define LOOP_H

#include "ipc/role.h"

role_main worker_main;

#endif
