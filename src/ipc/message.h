/* SPDX-License-Identifier: MIT */
/* message.h - what the master and its children say to each other: a header
 * (kind, length) and a payload, over a pipe for each direction. Both ends.
 * Down is from the master. A message is shorter than PIPE_BUF and written at
 * once, so it arrives whole or not at all. The reader trusts no byte of it. */

#ifndef MESSAGE_H
#define MESSAGE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "ipc/message_parts.h"
#include "ipc/tunnel_list.h"

enum message_direction { MESSAGE_DOWN = 1, MESSAGE_UP = 2 };
enum message_kind {
	MESSAGE_ADDRESSES, /* down to workers, up from the resolver */
	MESSAGE_LIMIT, /* down: connections that may be served */
	MESSAGE_DRAIN, /* down: stop accepting, finish, exit */
	MESSAGE_LOOKUP, /* up from workers, down to the resolver: ask again */
	MESSAGE_LINE, /* up: of the log */
	MESSAGE_SERVING, /* up: the worker's loop has begun */
	MESSAGE_DRAINING, /* up: a TERM made the worker drain */
	MESSAGE_FULL, /* up: the worker takes no more clients */
	MESSAGE_ROOM, /* up: it takes clients again */
	MESSAGE_LOOKING, /* up: the resolver begins or ends a lookup */
	MESSAGE_SILENT, /* up, down to the others: addresses do not answer */
	MESSAGE_LIST, /* up from the status process, down to workers */
	MESSAGE_LISTED, /* up from workers, down to the status process */
};
enum { MESSAGE_KINDS = MESSAGE_LISTED + 1, DRAIN_WITHOUT_END = -1 };

struct message {
	enum message_kind kind;
	union {
		struct message_addresses addresses; /* also of SILENT */
		struct message_line line;
		struct message_limit limit;
		int64_t drain_ms; /* from now on, or DRAIN_WITHOUT_END */
		unsigned upstream; /* LOOKUP: its index */
		struct tunnel_request list;
		struct tunnel_answer listed;
	};
};
/* False with errno: EAGAIN where the pipe is full. fd is non-blocking. */
bool message_write(int fd, const struct message *message);

/* What was read from one pipe and is not yet a whole message. */
struct message_reader {
	size_t length;
	unsigned char bytes[4096];
};

/* Reads once; all whole messages must have been taken. 1: something came, 0:
 * the pipe is at its end, -1 with errno: EAGAIN where there is nothing now. */
int message_fill(struct message_reader *reader, int fd);

enum message_verdict {
	MESSAGE_WHOLE, /* *message is set and valid; there may be more */
	MESSAGE_PARTIAL, /* the rest has not come */
	MESSAGE_INVALID, /* nothing of ours sends this in that direction */
};
/* Takes the first message out of the reader. */
enum message_verdict message_next(struct message_reader *reader,
    enum message_direction direction, struct message *message);

#endif
