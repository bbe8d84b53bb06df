#include "worker/pipe_pool.h"

#include <fcntl.h>
#include <unistd.h>

#include "base/descriptor.h"

enum { WANTED_BYTES = 256 * 1024, DEFAULT_BYTES = 64 * 1024 };

void
pipe_pool_init(struct pipe_pool *pool, unsigned most)
{
	*pool = (struct pipe_pool){ .most = most };
	if (pool->most > PIPE_POOL_SIZE)
		pool->most = PIPE_POOL_SIZE;
}

void
pipe_pool_clear(struct pipe_pool *pool)
{
	for (unsigned i = 0; i < pool->made; i++) {
		descriptor_close(&pool->pipes[i].read_fd);
		descriptor_close(&pool->pipes[i].write_fd);
	}
	*pool = (struct pipe_pool){ .made = 0 };
}

/* A user whose pipes hold many pages already gets small ones that do not
 * grow (pipe(7)): whatever the size is, it is known. */
static bool
pipe_open(struct pipe *pipe)
{
	int room;

	*pipe = (struct pipe){ .read_fd = -1, .write_fd = -1 };
	if (descriptor_pipe(&pipe->read_fd, &pipe->write_fd) == -1)
		return false;
	room = fcntl(pipe->write_fd, F_SETPIPE_SZ, WANTED_BYTES);
	if (room <= 0)
		room = fcntl(pipe->write_fd, F_GETPIPE_SZ);
	pipe->room_bytes = room > 0 ? (size_t)room : DEFAULT_BYTES;
	return true;
}

struct pipe *
pipe_pool_borrow(struct pipe_pool *pool)
{
	if (pool->idle_count > 0)
		return pool->idle[--pool->idle_count];
	if (pool->made == pool->most)
		return NULL;
	if (!pipe_open(&pool->pipes[pool->made])) {
		pool->most = pool->made;
		return NULL;
	}
	return &pool->pipes[pool->made++];
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

void
pipe_pool_return(struct pipe_pool *pool, struct pipe **pipe)
{
	pipe_empty(*pipe);
	pool->idle[pool->idle_count++] = *pipe;
	*pipe = NULL;
}
