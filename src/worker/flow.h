/* SPDX-License-Identifier: MIT */
/* flow.h - the bytes from one endpoint, the source, to another, the sink.
 * A flow reads, writes at once, and keeps what the sink does not take; while it
 * keeps any, it does not read on. Small amounts go through the worker's buffer,
 * a bulk stream through a pipe of the pool by splice(2). Without memory to keep
 * bytes in, it leaves them in the source's socket until the sink takes them.
 * What becomes of the sockets is noted in the endpoints; what follows from that
 * is the caller's to decide. */

#ifndef FLOW_H
#define FLOW_H

#include <stdbool.h>
#include <stdint.h>

#include "base/span.h"
#include "worker/endpoint.h"
#include "worker/unsent.h"

struct worker;
struct pipe;

/* All bytes 0 is an idle flow. */
struct flow {
	uint64_t moved_bytes; /* taken by the sink */
	struct unsent unsent; /* read, and not taken by the sink */
	struct pipe *pipe; /* borrowed while bytes are in it, or NULL: they come
			    * behind the unsent ones */
	uint8_t streak; /* how much it looks like a bulk stream */
	bool is_blocked; /* the source has bytes, but the sink is full */
	bool is_starved; /* the kernel was short of memory: try later */
};

/* One round: writes what is unsent, then reads and writes once. True if bytes
 * came from the source. */
bool flow_run(struct worker *worker, struct flow *flow, struct endpoint *source,
    struct endpoint *sink);

/* Writes what is unsent, and reads nothing. */
void flow_flush(
    struct worker *worker, struct flow *flow, struct endpoint *sink);

/* As flow_run() for bytes that were read from the source already. Without any
 * memory for what the sink does not take, both endpoints are broken. */
void flow_push(struct worker *worker, struct flow *flow,
    struct endpoint *source, struct endpoint *sink, struct span bytes);

/* How many bytes may be read at once for flow_push(): few while there is no
 * buffer for what the sink does not take. */
size_t flow_read_bytes(struct worker *worker);

/* Bytes that the flow does not know of were taken by the sink. */
void flow_note_moved(struct worker *worker, struct flow *flow,
    const struct endpoint *sink, size_t bytes);

/* There are bytes that the sink has not taken: it waits for the sink, and reads
 * nothing. */
bool flow_has_unsent(const struct flow *flow);

/* Gives buffer and pipe back; unsent bytes are lost. */
void flow_clear(struct worker *worker, struct flow *flow);

#endif
