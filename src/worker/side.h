/* side.h - the two sides of a connection: what is known of each one's socket,
 * and of the bytes that come from it. */

#ifndef SIDE_H
#define SIDE_H

#include <stdbool.h>
#include <stdint.h>

struct pipe;

enum side { CLIENT, UPSTREAM };

static inline enum side
side_other(enum side side)
{
	return side == CLIENT ? UPSTREAM : CLIENT;
}

/* One of the two sockets; facts about it that events do not repeat. */
struct endpoint {
	int fd; /* owned, -1: none */
	uint32_t wanted; /* the events that it is in the socket set for */
	bool watched; /* is in the set */
	bool hup_seen; /* reported trouble: watched only if wanted */
	bool eof; /* its FIN was read, or all that came before its RST */
	bool fin_sent; /* a FIN was passed on to it */
	bool reset_after_fin; /* was reset after its FIN: takes no byte any more
			       */
	bool failed; /* was reset without a FIN, or cannot go on */
};

/* The bytes from one side to the other. */
struct flow {
	uint64_t moved_bytes; /* read from the source and not thrown away */
	unsigned char *unsent; /* owned: what the sink did not take, or NULL */
	uint32_t unsent_offset;
	uint32_t unsent_length; /* behind the offset */
	struct pipe *pipe; /* borrowed while bytes are in it, or NULL */
	unsigned streak; /* how much it looks like a bulk stream */
};

#endif
