/* control_record.h - what the master tells a worker or the resolver, and the
 * resolver the master: fixed-size records on a control pipe. Both ends. A
 * record is shorter than PIPE_BUF, so it is written whole or not at all. */

#ifndef CONTROL_RECORD_H
#define CONTROL_RECORD_H

#include <stdbool.h>
#include <stdint.h>

#include "base/address.h"

enum control_kind {
	CONTROL_ADDRESSES, /* the upstream's, one at least */
	CONTROL_LIMIT, /* how many connections the worker may serve */
	CONTROL_DRAIN, /* stop accepting, finish, exit */
	CONTROL_LOOKUP, /* to the resolver: ask now */
};
enum { CONTROL_KINDS = CONTROL_LOOKUP + 1 };

enum { UPSTREAM_ADDRESSES = 8 };

struct upstream_addresses {
	unsigned count;
	struct address list[UPSTREAM_ADDRESSES];
};

enum { DRAIN_WITHOUT_END = -1 };

struct control_record {
	enum control_kind kind;
	union {
		struct upstream_addresses addresses;
		unsigned limit;
		int64_t drain_ms; /* from now on, or DRAIN_WITHOUT_END */
	};
};

/* 0, or -1 with errno: EAGAIN where the pipe is full. Never waits. */
int control_record_write(int fd, const struct control_record *record);

/* 1 with a record that is valid in itself, 0 at the end of the pipe (its
 * other side is gone), -1 with errno: EAGAIN where there is none, EBADMSG
 * where somebody wrote what none of us writes. */
int control_record_read(int fd, struct control_record *record);

#endif
