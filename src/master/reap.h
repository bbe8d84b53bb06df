/* SPDX-License-Identifier: MIT */
/* reap.h - children that have died: their last words, what was lost with them,
 * whether their successors wait. Master only. */

#ifndef REAP_H
#define REAP_H

#include "master/supervisor.h"

/* Takes note of all that have died, and forgets them. */
void reap_dead(struct supervisor *supervisor);

/* Lets the log writer, the last child, write the last lines, if the disk is not
 * too slow. */
void reap_last(struct supervisor *supervisor);

#endif
