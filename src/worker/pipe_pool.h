/* SPDX-License-Identifier: MIT */
/* pipe_pool.h - a few pipes for splice(2). A pipe is made when it is first
 * wanted, kept for life, and lent only while bytes are in it. */

#ifndef PIPE_POOL_H
#define PIPE_POOL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "ipc/role.h"

struct flow;

enum { PIPE_POOL_SIZE = ROLE_PIPES_MAX };

struct pipe {
	int read_fd;
	int write_fd;
	size_t capacity_bytes;
	size_t bytes; /* in it, by our own count */
	struct flow *user; /* while it is lent */
	int64_t moved_ms; /* when it was lent, or a byte last left it */
};

struct pipe_pool {
	struct pipe pipes[PIPE_POOL_SIZE]; /* owned; -1 where not yet made */
	struct pipe *idle[PIPE_POOL_SIZE]; /* the pipe used last is on top */
	unsigned idle_count;
	bool stopped;
};

/* At most `max` pipes; no pipe is made yet. */
void pipe_pool_init(struct pipe_pool *pool, unsigned max);
void pipe_pool_clear(struct pipe_pool *pool);

/* No more pipes are lent: this kernel does not splice. */
void pipe_pool_stop(struct pipe_pool *pool);

/* An empty pipe, or NULL where all are lent or none can be made: the caller
 * then copies. */
struct pipe *pipe_pool_borrow(
    struct pipe_pool *pool, struct flow *user, int64_t now_ms);

/* A user whose pipe no byte has left since then, or NULL. */
struct flow *pipe_pool_stalled(const struct pipe_pool *pool, int64_t since_ms);

/* Takes a pipe back and sets *pipe to NULL; bytes still in it are lost. */
void pipe_pool_return(struct pipe_pool *pool, struct pipe **pipe);

#endif
