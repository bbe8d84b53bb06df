/* sniff.h - the SNIFFING state: collects the client's first bytes until a
 * scanner has found a name in them, all have said that there is none, or it
 * has lasted long enough. The bytes stay in the handshake for the tunnel. */

#ifndef SNIFF_H
#define SNIFF_H

#include <stdbool.h>

#include "worker/connection.h"

/* Whether any scanner looks at this destination's port; prepares them. */
bool sniff_begin(struct worker *worker, struct connection *connection);

enum connection_state sniff_step(struct worker *worker,
    struct connection *connection, enum side side, uint32_t events);

#endif
