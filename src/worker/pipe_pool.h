/* pipe_pool.h - a few pipes for splice(2). A pipe is made when it is first
 * wanted, kept for life, and lent only while bytes are in it. */

#ifndef PIPE_POOL_H
#define PIPE_POOL_H

#include <stdbool.h>
#include <stddef.h>

#include "ipc/role.h"

enum { PIPE_POOL_SIZE = ROLE_PIPES_MAX };

struct pipe {
	int read_fd;
	int write_fd;
	size_t capacity_bytes;
	size_t bytes; /* in it, by our own count */
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
struct pipe *pipe_pool_borrow(struct pipe_pool *pool);

/* Takes a pipe back and sets *pipe to NULL; bytes still in it are lost. */
void pipe_pool_return(struct pipe_pool *pool, struct pipe **pipe);

#endif
