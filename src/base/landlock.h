/* SPDX-License-Identifier: MIT */
/* landlock.h - bans on files and ports for this process and its children. Any
 * process. landlock(7); no_new_privs has to be set. */

#ifndef LANDLOCK_H
#define LANDLOCK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* These stay allowed. All other rights that the kernel's version of Landlock
 * knows are forbidden. */
struct landlock_exceptions {
	bool read_files; /* all files, where their modes allow it */
	const uint16_t *ports; /* for connect(2); version 4, Linux 6.7 */
	size_t port_count;
	bool any_port;
};

/* False: the kernel does not know Landlock, and nothing has changed. */
bool landlock_enter(const struct landlock_exceptions *exceptions);

#endif
