/* SPDX-License-Identifier: MIT */
#include "base/process_name.h"

#include <sys/prctl.h>

void
process_name_set(const char *name)
{
	prctl(PR_SET_NAME, name, 0, 0, 0);
}
