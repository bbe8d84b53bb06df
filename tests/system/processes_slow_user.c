/* SPDX-License-Identifier: MIT */
/* processes_slow_user.c - preloaded into the daemon: a name service that never
 * answers a question for a user. */

#include <pwd.h>
#include <unistd.h>

struct passwd *
getpwnam(const char *name)
{
	(void)name;
	write(STDERR_FILENO, "asked\n", 6);
	for (;;)
		pause();
}
