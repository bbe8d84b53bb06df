/* SPDX-License-Identifier: MIT */
#include "base/core_dump.h"

#include <sys/prctl.h>
#include <sys/resource.h>

void
core_dump_forbid(void)
{
	const struct rlimit none = { 0, 0 };

	prctl(PR_SET_DUMPABLE, 0, 0, 0, 0);
	setrlimit(RLIMIT_CORE, &none);
}
