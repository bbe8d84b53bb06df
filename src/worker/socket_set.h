/* socket_set.h - the sockets that a worker waits for, and what else is read as
 * they are. A wait is one poll(2) over two descriptors: the listener, and the
 * epoll(7) one behind which all others stand, so that a wait costs the same
 * however many there are. Level-triggered; a trouble (RST, both directions
 * ended) is always reported. */

#ifndef SOCKET_SET_H
#define SOCKET_SET_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/epoll.h>

enum socket_event {
	SOCKET_READABLE = EPOLLIN,
	SOCKET_WRITABLE = EPOLLOUT,
	SOCKET_ERROR = EPOLLERR,
	SOCKET_HUNG_UP = EPOLLHUP,
	SOCKET_TROUBLE = SOCKET_ERROR | SOCKET_HUNG_UP,
};

enum { SOCKET_SET_EVENTS = 256 };

struct socket_set {
	int fd; /* owned */
	struct epoll_event events[SOCKET_SET_EVENTS];
};

/* As the system's calls: 0, or -1 with errno. */
int socket_set_open(struct socket_set *set);
void socket_set_close(struct socket_set *set);

/* `tag` comes back with each event of the socket. A closed socket leaves the
 * set by itself. As the system's calls: 0, or -1 with errno. */
int socket_set_add(
    struct socket_set *set, int fd, uint32_t wanted, uint64_t tag);
int socket_set_want(
    struct socket_set *set, int fd, uint32_t wanted, uint64_t tag);
void socket_set_remove(struct socket_set *set, int fd);

/* Waits, as poll(2) does with this timeout, for the set and for the listener
 * (-1: for the set alone). Puts what is ready in the set into set->events and
 * returns how many; 0 for none or an error. *has_client says whether the
 * listener is ready. It is looked at first: whatever arrived before that client
 * is among the events. */
unsigned socket_set_wait(
    struct socket_set *set, int listener_fd, int timeout_ms, bool *has_client);

/* What is ready in the set by now, as before, without a wait. */
unsigned socket_set_ready(struct socket_set *set);

#endif
