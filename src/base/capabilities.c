/* SPDX-License-Identifier: MIT */
#include "base/capabilities.h"

#include <linux/capability.h>
#include <stdint.h>
#include <sys/syscall.h>
#include <unistd.h>

int
capabilities_keep(enum capability_use use)
{
	const uint32_t chroot = 1U << CAP_SYS_CHROOT;
	struct __user_cap_header_struct header = {
		.version = _LINUX_CAPABILITY_VERSION_3,
	};
	struct __user_cap_data_struct data[_LINUX_CAPABILITY_U32S_3] = {
		{ .permitted = use == CAPABILITY_NONE ? 0 : chroot,
		    .effective = use == CAPABILITY_CHROOT_NOW ? chroot : 0 },
	};

	return (int)syscall(SYS_capset, &header, data);
}
