/* SPDX-License-Identifier: MIT */
/* child_exit.h - says how a child ended and what was lost with it. Master
 * only. */

#ifndef CHILD_EXIT_H
#define CHILD_EXIT_H

#include "master/child.h"

/* `status` is waitpid(2)'s. An error where the death counts. */
void child_exit_log(const struct child *child, int status, int64_t now_ms);

#endif
