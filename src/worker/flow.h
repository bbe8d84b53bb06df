/* flow.h - one direction of a tunnel: reads from its source, writes to its
 * sink, and keeps what the sink does not take at once; while it keeps any, it
 * does not read on. Small things go through the worker's buffer, a bulk stream
 * through a pipe of the pool by splice(2).
 * What the sockets turn out to be (ended, gone, failed) is noted in their
 * ends; what follows from it is the tunnel's to decide. */

#ifndef FLOW_H
#define FLOW_H

#include <stdbool.h>

#include "base/span.h"
#include "worker/connection.h"

/* One round: writes what is kept, then reads and writes once. `from` names
 * the side that the bytes come from. True if the source may have more. */
bool flow_run(
    struct worker *worker, struct connection *connection, enum side from);

/* Bytes that are already read from the side `from`. */
void flow_push(struct worker *worker, struct connection *connection,
    enum side from, struct span bytes);

/* True while there are bytes that the sink has not taken. */
bool flow_has_unsent(const struct flow *flow);

/* Gives buffer and pipe back; kept bytes are lost. */
void flow_clear(struct worker *worker, struct flow *flow);

#endif
