/* sandbox.h - what a child can no longer do once its loop runs: touch files,
 * start processes, signal others, open sockets that it never needs.
 * Any child. seccomp(2), landlock(7), setrlimit(2); no_new_privs has to be
 * set. */

#ifndef SANDBOX_H
#define SANDBOX_H

#include <stdbool.h>

#include "base/sandbox_profile.h"

/* Whether the kernel took all of it. If not, *missing names the rest, and the
 * process runs without it. A forbidden call kills the process (SIGSYS); a call
 * that no worker needs returns ENOSYS, so that a newer libc is no outage. */
bool sandbox_enter(enum sandbox_profile profile, const char **missing);

/* Also without a sandbox: no core file with the bytes of clients in it. */
void sandbox_forbid_core(void);

#endif
