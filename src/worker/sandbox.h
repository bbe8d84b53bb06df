/* sandbox.h - what a worker can no longer do once its loop runs: touch a file,
 * start a process, signal another, open a socket that is not TCP, leave a core
 * with other people's bytes in it. seccomp(2), landlock(7). */

#ifndef SANDBOX_H
#define SANDBOX_H

#include <stdbool.h>

/* Whether the kernel took all of it; false with *missing what it did not: the
 * worker then runs without that part. What the filter forbids kills the
 * worker (SIGSYS); what no worker needs returns ENOSYS, so that a newer libc
 * is no outage. The list of calls is in handyproxy(8). */
bool sandbox_enter(const char **missing);

/* Sandbox or not: no core with other people's bytes in it. */
void sandbox_forbid_core(void);

#endif
