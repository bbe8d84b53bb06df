/* SPDX-License-Identifier: MIT */
/* tunnel.h - the TUNNELLING state: bytes both ways, with back-pressure. Each
 * FIN is passed on as a FIN behind the last byte before it, each RST as a RST.
 * A tunnel in which nothing moves holds no buffer and no pipe. */

#ifndef TUNNEL_H
#define TUNNEL_H

#include <stdint.h>

#include "base/span.h"
#include "worker/side.h"

struct worker;
struct connection;

/* `early` are the origin's first bytes, read behind the response header. The
 * handshake ends here; unsent bytes in the client's flow are its first. */
void tunnel_begin(
    struct worker *worker, struct connection *connection, struct span early);

/* The events that the tunnel waits for on that side. */
uint32_t tunnel_interest(const struct connection *connection, enum side side);

#endif
