/* SPDX-License-Identifier: MIT */
/* worker_books.h - what the master remembers of one worker's page, from one
 * look at it to the next. Master only. */

#ifndef WORKER_BOOKS_H
#define WORKER_BOOKS_H

#include "master/sums.h"

/* The upstream has no book of its own. */
enum { NO_BOOK = 255 };

struct worker_books {
	struct sums sums;
	struct upstream_memory {
		uint8_t book; /* by name: see upstream_books.h */
		bool was_down;
		uint32_t last_dial; /* see upstream_counters.h */
		struct upstream_sums sums;
	} upstreams[UPSTREAM_COUNTERS];
	struct client_memory {
		uint32_t changes; /* see heavy_clients.h */
		struct client_use use;
	} clients[HEAVY_CLIENTS];
};

#endif
