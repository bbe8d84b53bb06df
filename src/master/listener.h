/* SPDX-License-Identifier: MIT */
/* listener.h - keeps the socket that clients connect to in working order. All
 * workers share it, so a worker that was taken over could change it for all.
 * The sandbox forbids that; this is for machines without one. Master only. */

#ifndef LISTENER_H
#define LISTENER_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/socket.h>

#include "master/children.h"

enum { LISTENER_OPTIONS = 23, LISTENER_VALUE_SIZE = 40 };

struct listener {
	int fd; /* owned by the supervisor; -1 once we stop */
	struct listener_value {
		socklen_t length;
		unsigned char bytes[LISTENER_VALUE_SIZE];
	} values[LISTENER_OPTIONS]; /* as they were at the start */
	bool changed; /* found so at the last tick, and nobody was killed */
};

/* Remembers the options of a socket that listens. */
void listener_remember(struct listener *listener, int fd);

/* How many connections wait to be accepted, and how many may; 0 once we stop.
 */
void listener_queue(
    const struct listener *listener, uint32_t *length, uint32_t *limit);

/* Restores options that have changed, and listens again. True if there was
 * something to restore; the log then says what. */
bool listener_restore(struct listener *listener);

/* The same. If the socket has been changed again since the last tick, all
 * processes that have it are killed. Each of them may be at fault, and clients
 * may get no service until it is gone. */
void listener_tick(struct listener *listener, struct children *children);

#endif
