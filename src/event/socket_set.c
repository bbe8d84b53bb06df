/* SPDX-License-Identifier: MIT */
#include "event/socket_set.h"

#include <assert.h>
#include <errno.h>
#include <poll.h>
#include <stddef.h>

#include "base/descriptor.h"

/* poll(2) looks at them in this order. */
enum { SLOT_LISTENER, SLOT_SET, SLOTS };

enum { WITHOUT_POLL_MS = 100 };

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
socket_set_want(struct socket_set *set, struct watch *watch, uint32_t wanted)
{
	struct epoll_event event = { .events = wanted, .data.ptr = watch };
	int operation = watch->in_set ? EPOLL_CTL_MOD : EPOLL_CTL_ADD;

	assert(watch->fd != -1);
	if (epoll_ctl(set->fd, operation, watch->fd, &event) == -1)
		return -1;
	watch->in_set = true;
	watch->wanted = wanted;
	return 0;
}

int
socket_set_move(struct socket_set *set, struct watch *from, struct watch *to)
{
	struct epoll_event event = { .events = from->wanted, .data.ptr = to };

	assert(from->in_set && to->fd == -1);
	if (epoll_ctl(set->fd, EPOLL_CTL_MOD, from->fd, &event) == -1)
		return -1;
	to->fd = descriptor_take(&from->fd);
	to->wanted = from->wanted;
	to->in_set = true;
	from->in_set = false;
	return 0;
}

int
socket_set_remove(struct socket_set *set, struct watch *watch)
{
	if (watch->in_set &&
	    epoll_ctl(set->fd, EPOLL_CTL_DEL, watch->fd, NULL) == -1)
		return -1;
	watch->in_set = false;
	return 0;
}

void
watch_close(struct watch *watch)
{
	descriptor_close(&watch->fd);
	watch->in_set = false;
}

unsigned
socket_set_ready(struct socket_set *set)
{
	int count = epoll_wait(set->fd, set->events, SOCKET_SET_EVENTS, 0);

	return count > 0 ? (unsigned)count : 0;
}

/* poll(2) fails at once where RLIMIT_NOFILE has become less than its slots. The
 * set can be waited for all the same; whether there is a client is found out by
 * accept4(2). */
static unsigned
wait_without_poll(
    struct socket_set *set, int listener_fd, int timeout_ms, bool *has_client)
{
	int count;

	if (timeout_ms < 0 || timeout_ms > WITHOUT_POLL_MS)
		timeout_ms = WITHOUT_POLL_MS;
	count = epoll_wait(set->fd, set->events, SOCKET_SET_EVENTS, timeout_ms);
	*has_client = listener_fd != -1;
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

	int ready = poll(slots, SLOTS, timeout_ms);

	*has_client = false;
	if (ready == -1 && errno != EINTR)
		return wait_without_poll(
		    set, listener_fd, timeout_ms, has_client);
	if (ready <= 0)
		return 0;
	*has_client = slots[SLOT_LISTENER].revents != 0;
	return slots[SLOT_SET].revents != 0 ? socket_set_ready(set) : 0;
}
