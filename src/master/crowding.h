/* crowding.h - the warning that all workers are at their limits, and the one
 * that it is over. Master only. */

#ifndef CROWDING_H
#define CROWDING_H

#include "master/supervisor.h"

/* To be called when a worker has said that it is full or has room, and now
 * and then. */
void crowding_note(struct supervisor *supervisor);

#endif
