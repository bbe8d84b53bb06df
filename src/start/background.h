/* SPDX-License-Identifier: MIT */
/* background.h - going to the background without losing an error: the caller's
 * process stays in the foreground until the daemon says that it is up. At the
 * start. */

#ifndef BACKGROUND_H
#define BACKGROUND_H

#include <stdbool.h>

/* Forks. Returns in the child only, which leads a session of its own and has
 * closed what the caller left open: the descriptor for background_ready(), or
 * -1 with errno where there is no child. The caller's process exits with 0 when
 * the child is ready, else with the child's status. */
int background_begin(void);

/* Lets the caller's process go. Standard input and output, and standard error
 * too unless the log goes there, lead to /dev/null from here on. */
void background_ready(int *ready_fd, bool keep_stderr);

#endif
