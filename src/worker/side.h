/* side.h - the two sides of a connection: the facts about each one's socket. */

#ifndef SIDE_H
#define SIDE_H

#include <stdbool.h>
#include <sys/socket.h>

#include "event/socket_set.h"

enum side { CLIENT, UPSTREAM };

static inline enum side
side_other(enum side side)
{
	return side == CLIENT ? UPSTREAM : CLIENT;
}

/* One of the two sockets, and facts about it that events do not repeat. */
struct endpoint {
	struct watch watch; /* owns the socket */
	sa_family_t family; /* of the socket; known for UPSTREAM alone */
	bool hup_seen; /* SOCKET_TROUBLE came: watched only if wanted */
	bool eof; /* its FIN was read, or all that came before its RST */
	bool fin_sent; /* a FIN was passed on to it */
	bool reset_after_fin; /* its RST came after its FIN: it takes no byte */
	bool failed; /* its RST came without a FIN, or it cannot go on */
	bool broken; /* failed by neither side's doing */
};

#endif
