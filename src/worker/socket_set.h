/* socket_set.h - the sockets that a worker waits for, and what else is read as
 * they are: one descriptor that poll(2) looks at, however many stand behind it.
 * epoll(7), level-triggered; a trouble (RST, both directions ended) is always
 * reported. */

#ifndef SOCKET_SET_H
#define SOCKET_SET_H

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
 * set by itself. */
int socket_set_add(
    struct socket_set *set, int fd, uint32_t wanted, uint64_t tag);
int socket_set_want(
    struct socket_set *set, int fd, uint32_t wanted, uint64_t tag);
int socket_set_remove(struct socket_set *set, int fd);

/* Puts what is ready now into set->events and returns how many; 0 for none
 * or an error. Does not wait. */
unsigned socket_set_ready(struct socket_set *set);

#endif
