/* SPDX-License-Identifier: MIT */
#include "master/root_directory.h"

#include <unistd.h>

#include "base/capabilities.h"

int
root_directory_change(const char *path)
{
	if (path[0] != '\0' &&
	    (capabilities_keep(CAPABILITY_CHROOT_NOW) == -1 ||
		chroot(path) == -1 || chdir("/") == -1))
		return -1;
	return capabilities_keep(CAPABILITY_NONE);
}
