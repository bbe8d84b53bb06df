/* SPDX-License-Identifier: MIT */
/* sandbox.h - takes from a child, before its loop runs, what it will not need:
 * files, new processes, signals to others, other sockets, changes to the socket
 * that it shares.
 * Any child. seccomp(2), landlock(7), setrlimit(2); no_new_privs has to be
 * set. */

#ifndef SANDBOX_H
#define SANDBOX_H

#include <stdbool.h>

#include "base/sandbox_profile.h"
#include "base/text.h"

/* True if the kernel took all of it. If not, *missing gets a list of the parts
 * that the process runs without. A forbidden call kills the process (SIGSYS).
 * A call that no worker needs returns ENOSYS, so that a newer libc is no
 * outage. */
bool sandbox_enter(const struct sandbox *sandbox, struct text *missing);

#endif
