/* request.h - the REQUESTING and ANSWERING states: sends CONNECT for the
 * sniffed name or the original address, reads the upstream's response header,
 * and hands what stands behind it to the tunnel. RFC 9110 9.3.6. */

#ifndef REQUEST_H
#define REQUEST_H

#include "worker/connection.h"

enum connection_state request_step(struct worker *worker,
    struct connection *connection, enum side side, uint32_t events);

enum connection_state answer_step(struct worker *worker,
    struct connection *connection, enum side side, uint32_t events);

#endif
