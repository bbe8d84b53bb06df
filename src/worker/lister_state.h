/* SPDX-License-Identifier: MIT */
/* lister_state.h - what a worker remembers of lists of its connections. See
 * lister.h and samples.h. */

#ifndef LISTER_STATE_H
#define LISTER_STATE_H

#include <stddef.h>
#include <stdint.h>

#include "base/ranking.h"
#include "ipc/tunnel_list.h"

struct connection;

/* All bytes 0: there are none. */
struct samples {
	struct sample {
		const struct connection *connection; /* only to compare */
		uint64_t sent, received;
		int64_t at_ms;
	} * list; /* owned */
	uint32_t count, capacity;
	int64_t begin_ms; /* of the first; older connections have one */
	int64_t end_ms; /* of the last */
};

enum lister_state {
	LISTER_IDLE, /* nobody asks; samples may be left */
	LISTER_SAMPLING, /* notes what each has moved */
	LISTER_WAITING, /* for the samples to be old enough */
	LISTER_LISTING, /* and notes what each has moved, for the next list */
	LISTER_ANSWERING, /* the master's pipe may have no room */
};

struct lister {
	enum lister_state state;
	int64_t due_ms; /* of the next lister_run() */
	struct tunnel_list *list; /* the worker's own, or NULL */
	struct tunnel_request request;
	struct tunnel_request next; /* number 0: none */
	struct samples before, now;
	size_t place; /* in the heap of deadlines, which has all of them */
	unsigned passes; /* through it */
	struct ranking ranking;
};

#endif
