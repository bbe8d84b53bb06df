/* limits.h - how many connections this machine can serve at once, and what
 * bounds them: descriptors, memory, local ports towards the upstream. */

#ifndef LIMITS_H
#define LIMITS_H

#include "config/config.h"

struct capacity {
	unsigned connections; /* all workers together */
	unsigned pipes; /* a worker's, for splicing */
};

/* Raises RLIMIT_NOFILE to its hard limit, beyond it where max-connections
 * needs it and we may. Never fails: what cannot be raised stays. */
void limits_raise(const struct config *config);

/* From the limits as they are, and the configuration; says in the log what
 * they come to and where that is less than was asked for. */
struct capacity limits_capacity(const struct config *config);

/* The part of the connections that worker `number` of `workers` gets. */
unsigned limits_worker_part(
    unsigned connections, unsigned number, unsigned workers);

#endif
