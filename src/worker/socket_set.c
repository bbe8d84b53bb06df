#include "worker/socket_set.h"

#include <poll.h>
#include <stddef.h>

#include "base/descriptor.h"

/* In the order in which poll(2) looks at them. */
enum { SLOT_LISTENER, SLOT_SET, SLOTS };

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

static int
control(struct socket_set *set, int operation, int fd, uint32_t wanted,
    uint64_t tag)
{
	struct epoll_event event = { .events = wanted, .data.u64 = tag };

	return epoll_ctl(set->fd, operation, fd, &event);
}

int
socket_set_add(struct socket_set *set, int fd, uint32_t wanted, uint64_t tag)
{
	return control(set, EPOLL_CTL_ADD, fd, wanted, tag);
}

int
socket_set_want(struct socket_set *set, int fd, uint32_t wanted, uint64_t tag)
{
	return control(set, EPOLL_CTL_MOD, fd, wanted, tag);
}

void
socket_set_remove(struct socket_set *set, int fd)
{
	control(set, EPOLL_CTL_DEL, fd, 0, 0);
}

unsigned
socket_set_ready(struct socket_set *set)
{
	int count = epoll_wait(set->fd, set->events, SOCKET_SET_EVENTS, 0);

	return count > 0 ? (unsigned)count : 0;
}

unsigned
socket_set_wait(
    struct socket_set *set, int listener_fd, int timeout_ms, bool *has_client)
{
	struct pollfd slots[SLOTS] = {
		[SLOT_LISTENER] = { listener_fd, POLLIN, 0 },
		[SLOT_SET] = { set->fd, POLLIN, 0 },
	};

	*has_client = false;
	if (poll(slots, SLOTS, timeout_ms) <= 0)
		return 0;
	*has_client = slots[SLOT_LISTENER].revents != 0;
	return slots[SLOT_SET].revents != 0 ? socket_set_ready(set) : 0;
}
