/* SPDX-License-Identifier: MIT */
/* endpoint.h - one of the two sockets of a connection: what still comes out of
 * it, what still goes into it, and what an error of the kernel says of both.
 *
 * The kernel reports a RST once: as the error of whichever call comes first.
 * Later reads return the bytes that came before it, and then 0, as if there had
 * been a FIN. So each error is noted here, in the one place that knows. */

#ifndef ENDPOINT_H
#define ENDPOINT_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/socket.h>

#include "event/socket_set.h"

/* What comes out of a socket. */
enum incoming {
	INCOMING_OPEN, /* more may come */
	INCOMING_CUT, /* it was reset: what came before may be unread */
	INCOMING_FIN, /* all is read, up to its FIN */
	INCOMING_RESET, /* all is read, up to its RST */
	INCOMING_BROKEN, /* it failed by neither side's doing */
};
enum { INCOMING_STATES = INCOMING_BROKEN + 1 };

/* What goes into it. */
enum outgoing {
	OUTGOING_OPEN,
	OUTGOING_FIN, /* a FIN was passed on to it */
	OUTGOING_CLOSED, /* it was reset or failed: it takes no byte */
};
enum { OUTGOING_STATES = OUTGOING_CLOSED + 1 };

/* All bytes 0 but watch.fd: a new socket. */
struct endpoint {
	struct watch watch; /* owns the socket */
	sa_family_t family; /* of the socket; known for UPSTREAM alone */
	bool serves_once; /* what was set on it stays: not to be recycled */
	uint8_t incoming; /* enum incoming */
	uint8_t outgoing; /* enum outgoing */
	bool hup_seen; /* SOCKET_TROUBLE came: watched only if wanted */
	int64_t under_way_since_ms; /* see vanished.h */
};

/* Bytes may come out of it, now or later. */
bool endpoint_is_readable(const struct endpoint *endpoint);

/* It was reset, or failed. */
bool endpoint_is_reset(const struct endpoint *endpoint);

/* An error of the socket, other than EAGAIN. ECONNRESET is a RST. EPIPE is a
 * RST behind a FIN, which may still be unread behind the last bytes. Anything
 * else is neither side's doing. */
void endpoint_note_error(struct endpoint *endpoint, int error);

/* A read returned 0. */
void endpoint_note_end(struct endpoint *endpoint);

/* A read failed: nothing is left to read, or nothing yet. */
void endpoint_note_read_error(struct endpoint *endpoint, int error);

/* The kernel dropped the error of a RST that interrupted a splice(2). */
void endpoint_note_cut(struct endpoint *endpoint);

#endif
