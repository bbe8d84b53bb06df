#include "worker/socket_set.h"

#include <stddef.h>

#include "base/descriptor.h"

int
socket_set_open(struct socket_set *set)
{
	set->fd = epoll_create1(EPOLL_CLOEXEC);
	return set->fd == -1 ? -1 : 0;
}

void
socket_set_close(struct socket_set *set)
{
	descriptor_close(&set->fd);
}

int
socket_set_add(struct socket_set *set, int fd, uint32_t wanted, uint64_t tag)
{
	struct epoll_event event = { .events = wanted, .data.u64 = tag };

	return epoll_ctl(set->fd, EPOLL_CTL_ADD, fd, &event);
}

int
socket_set_want(struct socket_set *set, int fd, uint32_t wanted, uint64_t tag)
{
	struct epoll_event event = { .events = wanted, .data.u64 = tag };

	return epoll_ctl(set->fd, EPOLL_CTL_MOD, fd, &event);
}

int
socket_set_remove(struct socket_set *set, int fd)
{
	return epoll_ctl(set->fd, EPOLL_CTL_DEL, fd, NULL);
}

unsigned
socket_set_ready(struct socket_set *set)
{
	int count = epoll_wait(set->fd, set->events, SOCKET_SET_EVENTS, 0);

	return count > 0 ? (unsigned)count : 0;
}
