/* SPDX-License-Identifier: MIT */
#include "master/memory_limit.h"

#include <sys/resource.h>

#include "master/limits.h"

/* A sanitizer maps terabytes. A worker cannot set its limits, and may get more
 * connections, so that its hard limit stays; a resolver can, and does not. */
void
memory_limit_set(pid_t pid, enum child_kind kind, unsigned connections)
{
	uint64_t bytes = (uint64_t)child_kinds[kind].memory_mib * 1024 * 1024 +
	    (uint64_t)connections * LIMITS_BYTES_EACH;
	struct rlimit limit;

	if (SANITIZED || prlimit(pid, RLIMIT_DATA, NULL, &limit) == -1)
		return;
	limit.rlim_cur =
	    bytes < limit.rlim_max ? (rlim_t)bytes : limit.rlim_max;
	if (!child_kinds[kind].has_clients)
		limit.rlim_max = limit.rlim_cur;
	prlimit(pid, RLIMIT_DATA, &limit, NULL);
}
