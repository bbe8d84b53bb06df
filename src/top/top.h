/* SPDX-License-Identifier: MIT */
/* top.h - handyproxy -top: what a running instance does, in a terminal. A
 * process of the user's own, without any privilege. */

#ifndef TOP_H
#define TOP_H

#include "config/status_address.h"

/* The live view, until q or a signal ends it. Where standard output is no
 * terminal: the status page as plain text, once. The exit status; 1 with one
 * line on standard error where no instance answers. */
int top_run(const struct status_address *address);

#endif
