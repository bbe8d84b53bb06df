/* SPDX-License-Identifier: MIT */
/* socket_set.h - the descriptors that a process waits for.
 * A wait is one poll(2) over two descriptors: the listener, and the epoll(7)
 * descriptor behind which all others stand, so that a wait costs the same for
 * any number of them. Level-triggered. SOCKET_TROUBLE is always reported. */

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
	SOCKET_TROUBLE = SOCKET_ERROR | SOCKET_HUNG_UP, /* RST; both FINs */
};

enum { SOCKET_SET_EVENTS = 256 };

/* A descriptor in the set, embedded in whatever waits for it. Its address is
 * the epoll tag, so it must not move while it is in the set. */
struct watch {
	int fd; /* owned by the holder; -1: none */
	uint32_t wanted; /* events, while it is in the set */
	uint8_t kind; /* the holder's: which structure this is a part of */
	bool in_set;
};

struct socket_set {
	int fd; /* owned */
	struct epoll_event events[SOCKET_SET_EVENTS];
};

/* As system calls: 0, or -1 with errno. */
int socket_set_open(struct socket_set *set);
void socket_set_close(struct socket_set *set);

/* Adds the watch, or changes the events that it waits for; 0, or -1 with
 * errno. No events at all still means SOCKET_TROUBLE. */
int socket_set_want(
    struct socket_set *set, struct watch *watch, uint32_t wanted);

/* The descriptor, which is in the set, is the other watch's from now on, with
 * the events that are waited for. `to` has none. 0, or -1 with errno, and
 * nothing has changed. */
int socket_set_move(
    struct socket_set *set, struct watch *from, struct watch *to);

/* Nothing is reported any more; nothing happens where it is not in the set. 0,
 * or -1 with errno, and it is still in the set, until its descriptor is closed.
 */
int socket_set_remove(struct socket_set *set, struct watch *watch);

/* Closes the descriptor, which leaves the set with it. The descriptor must not
 * be shared with another process. errno stays. */
void watch_close(struct watch *watch);

/* Waits, as poll(2) does with this timeout, for the set and for the listener
 * (-1: for the set alone). Puts the ready events into set->events and returns
 * their number; 0 for none or an error. *has_client says whether the listener
 * is ready. It is looked at first: data that arrived before that client is
 * among the events. */
unsigned socket_set_wait(
    struct socket_set *set, int listener_fd, int timeout_ms, bool *has_client);

/* The events that are ready now, as above, without a wait. */
unsigned socket_set_ready(struct socket_set *set);

#endif
