/* SPDX-License-Identifier: MIT */
/* root_directory.h - the root directory of a child, and the end of the
 * permission to change it. Runs in a new child. */

#ifndef ROOT_DIRECTORY_H
#define ROOT_DIRECTORY_H

/* Changes it to `path` ("": leaves it) and gives up the permission; 0, or -1
 * with errno. chroot(2) */
int root_directory_change(const char *path);

#endif
