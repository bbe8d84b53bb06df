/* flow.h - the bytes from one endpoint, the source, to another, the sink.
 * A flow reads, writes at once, and keeps what the sink does not take; while it
 * keeps any, it does not read on. Small amounts go through the worker's buffer,
 * a bulk stream through a pipe of the pool by splice(2).
 * What becomes of the sockets (ended, reset, failed) is noted in the endpoints;
 * what follows from that is the caller's to decide. */

#ifndef FLOW_H
#define FLOW_H

#include <stdbool.h>
#include <stdint.h>

#include "base/span.h"
#include "worker/side.h"

struct worker;
struct pipe;

/* All bytes 0 is an idle flow. */
struct flow {
	uint64_t moved_bytes; /* read from the source and not thrown away */
	unsigned char *unsent; /* owned: what the sink did not take, or NULL */
	uint32_t unsent_offset;
	uint32_t unsent_length; /* behind the offset */
	uint32_t unsent_capacity;
	unsigned streak; /* how much it looks like a bulk stream */
	struct pipe *pipe; /* borrowed while bytes are in it, or NULL */
};

/* One round: writes what is unsent, then reads and writes once. True if the
 * source may have more. */
bool flow_run(struct worker *worker, struct flow *flow, struct endpoint *source,
    struct endpoint *sink);

/* Bytes that were read from the source already. */
void flow_push(struct worker *worker, struct flow *flow,
    struct endpoint *source, struct endpoint *sink, struct span bytes);

/* Keeps bytes for a sink that is not connected yet; false without memory. They
 * do not count as moved. */
bool flow_append(struct flow *flow, struct span bytes);

/* True while there are bytes that the sink has not taken. */
bool flow_has_unsent(const struct flow *flow);

/* Counts bytes of the source as moved. */
void flow_count(struct worker *worker, struct flow *flow,
    const struct endpoint *source, size_t bytes);

/* Gives buffer and pipe back; unsent bytes are lost. */
void flow_clear(struct worker *worker, struct flow *flow);

#endif
