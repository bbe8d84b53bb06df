/* landlock.h - bans on file access for this process and its children. Any
 * process. landlock(7); no_new_privs has to be set. */

#ifndef LANDLOCK_H
#define LANDLOCK_H

#include <stdbool.h>

/* No file can be opened, made or removed any more. False: the kernel does not
 * know Landlock, and nothing has changed. */
bool landlock_forbid_files(void);

#endif
