/* SPDX-License-Identifier: MIT */
/* capabilities.h - the capabilities that this process keeps: none, or for a
 * time CAP_SYS_CHROOT. Any process. capabilities(7) */

#ifndef CAPABILITIES_H
#define CAPABILITIES_H

enum capability_use {
	CAPABILITY_NONE,
	CAPABILITY_CHROOT_LATER, /* permitted, not effective */
	CAPABILITY_CHROOT_NOW,
};

/* 0, or -1 with errno. A capability that was given up does not come back. */
int capabilities_keep(enum capability_use use);

#endif
