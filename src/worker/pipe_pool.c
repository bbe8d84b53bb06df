/* SPDX-License-Identifier: MIT */
#include "worker/pipe_pool.h"

#include <assert.h>
#include <fcntl.h>
#include <unistd.h>

#include "base/descriptor.h"

enum { WANTED_BYTES = 256 * 1024, DEFAULT_BYTES = 64 * 1024 };

static void
pipe_close(struct pipe *pipe)
{
	descriptor_close(&pipe->read_fd);
	descriptor_close(&pipe->write_fd);
	pipe->bytes = 0;
}

void
pipe_pool_init(struct pipe_pool *pool, unsigned max)
{
	*pool = (struct pipe_pool){ .stopped = max == 0 };
	for (unsigned i = 0; i < max && i < PIPE_POOL_SIZE; i++) {
		pool->pipes[i].read_fd = pool->pipes[i].write_fd = -1;
		pool->idle[pool->idle_count++] = &pool->pipes[i];
	}
}

/* All pipes have been returned. */
void
pipe_pool_clear(struct pipe_pool *pool)
{
	while (pool->idle_count > 0)
		pipe_close(pool->idle[--pool->idle_count]);
}

void
pipe_pool_stop(struct pipe_pool *pool)
{
	pool->stopped = true;
}

/* A user whose pipes hold many pages gets small pipes that do not grow
 * (pipe(7)), so the kernel is asked for the size. */
static bool
pipe_open(struct pipe *pipe)
{
	int capacity;

	*pipe = (struct pipe){ .read_fd = -1, .write_fd = -1 };
	if (descriptor_pipe(&pipe->read_fd, &pipe->write_fd) == -1)
		return false;
	capacity = fcntl(pipe->write_fd, F_SETPIPE_SZ, WANTED_BYTES);
	if (capacity <= 0)
		capacity = fcntl(pipe->write_fd, F_GETPIPE_SZ);
	pipe->capacity_bytes = capacity > 0 ? (size_t)capacity : DEFAULT_BYTES;
	return true;
}

struct pipe *
pipe_pool_borrow(struct pipe_pool *pool, struct flow *user, int64_t now_ms)
{
	struct pipe *pipe;

	if (pool->stopped || pool->idle_count == 0)
		return NULL;
	pipe = pool->idle[pool->idle_count - 1];
	if (pipe->read_fd == -1 && !pipe_open(pipe))
		return NULL;
	assert(pipe->bytes == 0 && pipe->user == NULL);
	pool->idle_count--;
	pipe->user = user;
	pipe->moved_ms = now_ms;
	return pipe;
}

struct flow *
pipe_pool_stalled(const struct pipe_pool *pool, int64_t since_ms)
{
	for (unsigned i = 0; i < PIPE_POOL_SIZE; i++) {
		const struct pipe *pipe = &pool->pipes[i];

		if (pipe->user != NULL && pipe->moved_ms < since_ms)
			return pipe->user;
	}
	return NULL;
}

static void
pipe_empty(struct pipe *pipe)
{
	unsigned char scratch[4096];
	ssize_t count;

	while (pipe->bytes > 0 &&
	    (count = read(pipe->read_fd, scratch, sizeof scratch)) > 0)
		pipe->bytes -= (size_t)count;
}

/* Bytes of one tunnel must never reach another: a pipe that cannot be emptied
 * is closed, and made again when it is wanted. */
void
pipe_pool_return(struct pipe_pool *pool, struct pipe **pipe)
{
	pipe_empty(*pipe);
	if ((*pipe)->bytes > 0)
		pipe_close(*pipe);
	(*pipe)->user = NULL;
	pool->idle[pool->idle_count++] = *pipe;
	*pipe = NULL;
}
