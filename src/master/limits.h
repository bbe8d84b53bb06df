/* SPDX-License-Identifier: MIT */
/* limits.h - how many connections this machine can serve at once, and what
 * bounds them: descriptors, memory, connection tracking, local ports towards
 * the upstream. */

#ifndef LIMITS_H
#define LIMITS_H

#include <stdint.h>

#include "config/config.h"

/* The memory that is reckoned for a connection. */
enum { LIMITS_BYTES_EACH = 64 * 1024 };

struct capacity {
	unsigned connections; /* all workers together */
	unsigned per_client; /* of them, of one client; 0: no bound */
	unsigned pipes; /* a worker's, for splicing */
	const char *bound; /* what bounds the connections */
	unsigned local_ports; /* towards one upstream address */
};

/* How many a worker needs for its part of -max-connections. */
uint64_t limits_descriptors_needed(const struct config *config);

/* From the limits as they are, and the configuration; says in the log what
 * they come to and where that is less than was asked for. */
struct capacity limits_capacity(const struct config *config);

/* The part of the connections that worker `number` of `workers` gets. */
unsigned limits_worker_part(
    unsigned connections, unsigned number, unsigned workers);

#endif
