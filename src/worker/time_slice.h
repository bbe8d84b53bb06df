/* SPDX-License-Identifier: MIT */
/* time_slice.h - asks the scheduler for longer time slices, sched_setattr(2).
 * A wish: it never fails. A kernel before Linux 6.12 gives slices of one length
 * to all processes.
 * A process with a shorter slice runs first when it wakes. So the processes
 * that a worker wakes have read its bytes, and perhaps answered, before the
 * worker waits again, which saves a wake-up; and other programs wait less
 * beside a busy worker. How often a worker gets the CPU, and how soon after it
 * wakes, stays the same. */

#ifndef TIME_SLICE_H
#define TIME_SLICE_H

/* Policy and nice value stay as they are. */
void time_slice_ask(void);

#endif
