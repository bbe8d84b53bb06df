/* time_slice.h - how long a worker asks to run before it is another process's
 * turn. A wish: it never fails, and a kernel before Linux 6.12 gives slices of
 * one length to all. sched_setattr(2).
 * Whoever asked for less comes first when he wakes. So those whom a worker
 * wakes by what it sends have taken it, and perhaps answered, before it waits
 * again, which saves it a wake-up; and what else runs on a router waits less
 * beside a worker that is busy. How often a worker gets the CPU, and how soon
 * once it wakes, is the same with longer slices. */

#ifndef TIME_SLICE_H
#define TIME_SLICE_H

/* Policy and nice value stay as they are. */
void time_slice_ask(void);

#endif
