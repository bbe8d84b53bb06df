/* SPDX-License-Identifier: MIT */
/* control.h - what a worker is told to do: by the master's messages, and by the
 * TERM of an administrator. The end of the master's pipe is the end of the
 * master, and drains the worker. */

#ifndef CONTROL_H
#define CONTROL_H

struct worker;

/* The pipe from the master is readable. */
void control_read(struct worker *worker);

/* A TERM came: stops accepting and lets the tunnels finish. */
void control_stop(struct worker *worker);

/* Names the process by its number, and whether it drains. */
void control_name_process(const struct worker *worker);

#endif
