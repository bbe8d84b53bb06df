/* socket_set.h - the sockets that a worker waits for, and what else is read as
 * they are. A wait is one poll(2), whose slots are few: the sockets that are
 * busy stand in them, the others behind one epoll(7) descriptor in one of
 * them. A slot costs nothing to take, to change or to give up, and its share
 * of every wait; behind epoll it is the other way round. A socket begins in a
 * slot if one is free, leaves it when it is silent while others are not, and
 * gets one again when it is heard of often. Level-triggered in both; a trouble
 * (RST, both directions ended) is always reported. */

#ifndef SOCKET_SET_H
#define SOCKET_SET_H

#include <poll.h>
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

/* The first two slots are the listener's and the epoll descriptor's. */
enum { SOCKET_SET_SLOTS = 64, SOCKET_SET_EVENTS = 256 };

/* What the set knows of a socket: owned by the caller, all bytes 0 at first.
 * It must not move while the socket is in the set. */
struct watch {
	uint32_t wanted; /* events */
	uint16_t turn; /* of the last event, or when it came */
	uint8_t place; /* 0: not in the set, 1: behind epoll, or its slot */
};

struct socket_slot {
	struct watch *watch;
	uint64_t tag;
};

struct socket_set {
	int fd; /* owned */
	uint16_t turn; /* counts the waits */
	uint8_t used; /* slots, the first two included */
	uint8_t hand; /* the slot to be looked at next: is it silent? */
	struct pollfd polled[SOCKET_SET_SLOTS];
	struct socket_slot slots[SOCKET_SET_SLOTS];
	struct epoll_event events[SOCKET_SET_SLOTS + SOCKET_SET_EVENTS];
};

/* As the system's calls: 0, or -1 with errno. */
int socket_set_open(struct socket_set *set);
void socket_set_close(struct socket_set *set);

/* A descriptor that is not busy, to be read; for good. `tag` comes back with
 * its events. */
int socket_set_add(struct socket_set *set, int fd, uint64_t tag);

/* The listener, or -1 for none. */
void socket_set_listen(struct socket_set *set, int fd, uint64_t tag);

/* Puts the socket into the set, or changes what it is there for. As the
 * system's calls: 0, or -1 with errno. */
int socket_set_want(struct socket_set *set, struct watch *watch, int fd,
    uint32_t wanted, uint64_t tag);

/* To be called when an event of the socket came. */
void socket_set_heard(
    struct socket_set *set, struct watch *watch, int fd, uint64_t tag);

/* Takes the socket out, or does nothing if it is not in. */
void socket_set_remove(struct socket_set *set, struct watch *watch, int fd);

/* The same for a socket that is closed next, which the system takes out of
 * epoll by itself. */
void socket_set_forget(struct socket_set *set, struct watch *watch);

static inline bool
socket_set_has(const struct watch *watch)
{
	return watch->place != 0;
}

/* Waits, as poll(2) does with this timeout; puts what is ready into
 * set->events - what is behind epoll first, then the listener - and returns
 * how many; 0 for none or an error. */
unsigned socket_set_wait(struct socket_set *set, int timeout_ms);

#endif
