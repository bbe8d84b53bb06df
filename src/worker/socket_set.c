#include "worker/socket_set.h"

#include <stddef.h>

#include "base/descriptor.h"

/* A watch's place is its slot, and the first two are no socket's. poll(2)
 * looks at the listener first: what was said before a client came is seen in
 * the wait that sees the client. */
enum { NOWHERE, BEHIND, FIRST };
enum { SLOT_LISTENER, SLOT_EPOLL };

/* A slot is given up by who was silent for more turns than that, and taken by
 * who is heard of again within so many. */
enum { SILENT_TURNS = 32, OFTEN_TURNS = 4 };

_Static_assert((unsigned)SOCKET_READABLE == POLLIN &&
	(unsigned)SOCKET_WRITABLE == POLLOUT &&
	(unsigned)SOCKET_ERROR == POLLERR &&
	(unsigned)SOCKET_HUNG_UP == POLLHUP,
    "poll(2) and epoll(7) name events by the same numbers");

int
socket_set_open(struct socket_set *set)
{
	*set = (struct socket_set){
		.fd = epoll_create1(EPOLL_CLOEXEC),
		.used = FIRST,
		.hand = FIRST,
	};
	set->polled[SLOT_EPOLL] = (struct pollfd){ set->fd, POLLIN, 0 };
	set->polled[SLOT_LISTENER] = (struct pollfd){ -1, POLLIN, 0 };
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
socket_set_add(struct socket_set *set, int fd, uint64_t tag)
{
	return control(set, EPOLL_CTL_ADD, fd, SOCKET_READABLE, tag);
}

void
socket_set_listen(struct socket_set *set, int fd, uint64_t tag)
{
	set->polled[SLOT_LISTENER].fd = fd;
	set->slots[SLOT_LISTENER].tag = tag;
}

static void
take_slot(struct socket_set *set, struct watch *watch, int fd, uint64_t tag)
{
	watch->place = set->used++;
	set->polled[watch->place] =
	    (struct pollfd){ fd, (short)watch->wanted, 0 };
	set->slots[watch->place] = (struct socket_slot){ watch, tag };
}

/* The last one moves into the gap. */
static void
give_slot(struct socket_set *set, uint8_t slot)
{
	uint8_t last = --set->used;

	set->polled[slot] = set->polled[last];
	set->slots[slot] = set->slots[last];
	set->slots[slot].watch->place = slot;
}

int
socket_set_want(struct socket_set *set, struct watch *watch, int fd,
    uint32_t wanted, uint64_t tag)
{
	watch->wanted = wanted;
	if (watch->place >= FIRST) {
		set->polled[watch->place].events = (short)wanted;
		return 0;
	}
	if (watch->place == BEHIND)
		return control(set, EPOLL_CTL_MOD, fd, wanted, tag);
	watch->turn = set->turn;
	if (set->used < SOCKET_SET_SLOTS) {
		take_slot(set, watch, fd, tag);
		return 0;
	}
	if (control(set, EPOLL_CTL_ADD, fd, wanted, tag) == -1)
		return -1;
	watch->place = BEHIND;
	return 0;
}

void
socket_set_heard(
    struct socket_set *set, struct watch *watch, int fd, uint64_t tag)
{
	uint16_t ago = (uint16_t)(set->turn - watch->turn);

	watch->turn = set->turn;
	if (watch->place != BEHIND || ago > OFTEN_TURNS ||
	    set->used == SOCKET_SET_SLOTS)
		return;
	if (control(set, EPOLL_CTL_DEL, fd, 0, 0) == 0)
		take_slot(set, watch, fd, tag);
}

void
socket_set_remove(struct socket_set *set, struct watch *watch, int fd)
{
	if (watch->place == BEHIND)
		control(set, EPOLL_CTL_DEL, fd, 0, 0);
	socket_set_forget(set, watch);
}

void
socket_set_forget(struct socket_set *set, struct watch *watch)
{
	if (watch->place >= FIRST)
		give_slot(set, watch->place);
	watch->place = NOWHERE;
}

/* One slot a turn is looked at. Where the system has no memory for a socket
 * behind epoll, it stays. */
static void
sift(struct socket_set *set)
{
	uint8_t slot = set->hand++;
	struct watch *watch;

	if (slot >= set->used) {
		set->hand = FIRST;
		return;
	}
	watch = set->slots[slot].watch;
	if ((uint16_t)(set->turn - watch->turn) <= SILENT_TURNS ||
	    control(set, EPOLL_CTL_ADD, set->polled[slot].fd, watch->wanted,
		set->slots[slot].tag) == -1)
		return;
	give_slot(set, slot);
	watch->place = BEHIND;
}

/* Adds what is ready in the slots to `count` events. */
static unsigned
gather_slots(struct socket_set *set, unsigned count, unsigned ready)
{
	for (unsigned slot = 0; slot < set->used && ready > 0; slot++) {
		if (set->polled[slot].revents == 0 || slot == SLOT_EPOLL)
			continue;
		set->events[count++] = (struct epoll_event){
			.events = (uint32_t)set->polled[slot].revents,
			.data.u64 = set->slots[slot].tag,
		};
		ready--;
	}
	return count;
}

unsigned
socket_set_wait(struct socket_set *set, int timeout_ms)
{
	int ready, behind;

	set->turn++;
	sift(set);
	ready = poll(set->polled, set->used, timeout_ms);
	if (ready <= 0)
		return 0;
	if (set->polled[SLOT_EPOLL].revents == 0)
		return gather_slots(set, 0, (unsigned)ready);
	behind = epoll_wait(set->fd, set->events, SOCKET_SET_EVENTS, 0);
	return gather_slots(
	    set, behind > 0 ? (unsigned)behind : 0, (unsigned)ready - 1);
}
