/* SPDX-License-Identifier: MIT */
/* reload.h - SIGHUP: the configuration is read again from the start, the log
 * file opened again, the upstream looked up again. Master only. */

#ifndef RELOAD_H
#define RELOAD_H

#include "master/supervisor.h"

/* How this process was started. */
struct invocation {
	int argc;
	char **argv;
	const char *directory; /* for relative paths; "" if unknown */
};

/* A configuration that is wrong is an error in the log, and changes nothing.
 * One that changes what workers use makes their generation the next one. */
void reload_run(
    struct supervisor *supervisor, const struct invocation *invocation);

#endif
