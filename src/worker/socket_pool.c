/* SPDX-License-Identifier: MIT */
#include "worker/socket_pool.h"

#include <sys/socket.h>

#include "base/descriptor.h"
#include "event/deadlines.h"

int
socket_pool_take(struct socket_pool *pool, int family)
{
	return pool->count > 0 && pool->family == family
	    ? pool->fds[--pool->count]
	    : -1;
}

static bool
has_room(const struct socket_pool *pool, int family)
{
	return pool->count == 0 ||
	    (pool->count < SOCKET_POOL_SIZE && pool->family == family);
}

bool
socket_pool_give(struct socket_pool *pool, int fd, int family, int64_t now_ms)
{
	const struct sockaddr nobody = { .sa_family = AF_UNSPEC };

	return has_room(pool, family) && descriptor_unacknowledged(fd) == 0 &&
	    connect(fd, &nobody, sizeof nobody) == 0 &&
	    socket_pool_return(pool, fd, family, now_ms);
}

bool
socket_pool_return(struct socket_pool *pool, int fd, int family, int64_t now_ms)
{
	if (!has_room(pool, family))
		return false;
	pool->fds[pool->count++] = fd;
	pool->family = family;
	pool->until_ms = now_ms + SOCKET_POOL_IDLE_MS;
	return true;
}

int64_t
socket_pool_due_ms(const struct socket_pool *pool)
{
	return pool->count > 0 ? pool->until_ms : DEADLINE_NEVER;
}

void
socket_pool_clear(struct socket_pool *pool)
{
	while (pool->count > 0)
		descriptor_close(&pool->fds[--pool->count]);
}
