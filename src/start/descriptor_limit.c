/* SPDX-License-Identifier: MIT */
#include "start/descriptor_limit.h"

#include <sys/resource.h>

#include "master/limits.h"

void
descriptor_limit_raise(const struct config *config)
{
	struct rlimit limit;
	rlim_t needed = (rlim_t)limits_descriptors_needed(config);

	if (getrlimit(RLIMIT_NOFILE, &limit) == -1)
		return;
	limit.rlim_cur = limit.rlim_max;
	setrlimit(RLIMIT_NOFILE, &limit);
	if (limit.rlim_max >= needed)
		return;
	limit.rlim_cur = limit.rlim_max = needed;
	setrlimit(RLIMIT_NOFILE, &limit);
}
