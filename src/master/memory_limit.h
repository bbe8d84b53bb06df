/* SPDX-License-Identifier: MIT */
/* memory_limit.h - how much memory a child may fill. A child that was taken
 * over must not take all of the machine's. Master, and its children before
 * they run. setrlimit(2), RLIMIT_DATA */

#ifndef MEMORY_LIMIT_H
#define MEMORY_LIMIT_H

#include <sys/types.h>

#include "master/child_kind.h"

/* For a child of that kind with so many connections at most; a pid of 0 is the
 * calling process. Only the master can raise the limit later: it is the soft
 * one, and the sandbox has no call to change it. Memory of the kernel, such as
 * what sockets hold, is not counted. */
void memory_limit_set(pid_t pid, enum child_kind kind, unsigned connections);

#endif
