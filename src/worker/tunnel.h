/* tunnel.h - the TUNNELLING state: bytes both ways, with back-pressure, each
 * FIN passed on as a FIN behind the last byte before it, each RST as a RST.
 * A tunnel in which nothing moves holds no buffer and no pipe. */

#ifndef TUNNEL_H
#define TUNNEL_H

#include "base/span.h"
#include "worker/connection.h"

/* `early` are the origin's first bytes, read behind the response header. The
 * handshake ends here; the bytes it collected are the client's first. */
void tunnel_begin(
    struct worker *worker, struct connection *connection, struct span early);

enum connection_state tunnel_step(struct worker *worker,
    struct connection *connection, enum side side, uint32_t events);

/* What the tunnel waits for on that side, as socket_set.h has it. */
uint32_t tunnel_interest(const struct connection *connection, enum side side);

/* It cannot go on, by no side's doing: both get a RST. */
void tunnel_break(struct connection *connection);

/* Gives back what the flows hold. */
void tunnel_clear(struct worker *worker, struct connection *connection);

#endif
