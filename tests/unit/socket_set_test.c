/* socket_set_test.c - who stands in a slot of poll(2), and who behind epoll. */

#include "worker/socket_set.h"

#include <sys/socket.h>
#include <unistd.h>

#include "check.h"

enum { PAIRS = 100, FREE_SLOTS = SOCKET_SET_SLOTS - 2, FIRST_TAG = 1000 };

static struct pair {
	int near, far;
	struct watch watch;
} pairs[PAIRS];

static struct socket_set set;

static uint64_t
tag_of(unsigned i)
{
	return FIRST_TAG + i;
}

static bool
has_slot(unsigned i)
{
	return pairs[i].watch.place > 1;
}

static void
begin(void)
{
	CHECK(socket_set_open(&set) == 0);
	for (unsigned i = 0; i < PAIRS; i++) {
		int fds[2];

		CHECK(socketpair(AF_UNIX, SOCK_STREAM, 0, fds) == 0);
		pairs[i] = (struct pair){ .near = fds[0], .far = fds[1] };
		CHECK(socket_set_want(&set, &pairs[i].watch, fds[0],
			  SOCKET_READABLE, tag_of(i)) == 0);
		CHECK(socket_set_has(&pairs[i].watch));
	}
}

static void
end(void)
{
	for (unsigned i = 0; i < PAIRS; i++) {
		socket_set_forget(&set, &pairs[i].watch);
		close(pairs[i].near);
		close(pairs[i].far);
	}
	CHECK(socket_set_wait(&set, 0) == 0);
	socket_set_close(&set);
}

/* How often the wait named the socket, and whether it named it for that. */
static unsigned
heard(unsigned count, unsigned i, uint32_t event)
{
	unsigned found = 0;

	for (unsigned at = 0; at < count; at++) {
		if (set.events[at].data.u64 != tag_of(i))
			continue;
		found++;
		CHECK((set.events[at].events & event) != 0);
		socket_set_heard(
		    &set, &pairs[i].watch, pairs[i].near, tag_of(i));
	}
	return found;
}

static void
say(unsigned i)
{
	CHECK(write(pairs[i].far, "x", 1) == 1);
}

static void
hear(unsigned i)
{
	char byte;

	say(i);
	CHECK(heard(socket_set_wait(&set, 0), i, SOCKET_READABLE) == 1);
	CHECK(read(pairs[i].near, &byte, 1) == 1);
}

static void
each_is_heard_once_wherever_it_stands(void)
{
	unsigned count;

	begin();
	CHECK(socket_set_wait(&set, 0) == 0);
	for (unsigned i = 0; i < PAIRS; i++) {
		CHECK(has_slot(i) == (i < FREE_SLOTS));
		say(i);
	}
	count = socket_set_wait(&set, 0);
	CHECK(count == PAIRS);
	for (unsigned i = 0; i < PAIRS; i++)
		CHECK(heard(count, i, SOCKET_READABLE) == 1);
	end();
}

static void
the_listener_comes_after_those_behind_epoll_and_may_rest(void)
{
	begin();
	say(0);
	say(PAIRS - 1);
	say(PAIRS - 2);
	socket_set_listen(&set, pairs[PAIRS - 2].near, 7);
	CHECK(socket_set_wait(&set, 0) == 4);
	CHECK(set.events[2].data.u64 == 7);
	CHECK(set.events[3].data.u64 == tag_of(0));
	socket_set_listen(&set, -1, 7);
	CHECK(socket_set_wait(&set, 0) == 3);
	CHECK(set.events[2].data.u64 == tag_of(0));
	end();
}

/* One that talks keeps its slot, and one that begins to talk gets one. */
static void
the_silent_make_room_for_the_busy(void)
{
	unsigned in_slots = 0;

	begin();
	for (unsigned turn = 0; turn < 4 * SOCKET_SET_SLOTS; turn++) {
		hear(0);
		hear(PAIRS - 1);
	}
	for (unsigned i = 0; i < PAIRS; i++)
		in_slots += has_slot(i);
	CHECK(has_slot(0));
	CHECK(has_slot(PAIRS - 1));
	CHECK(in_slots == 2);
	for (unsigned i = 0; i < PAIRS; i++)
		hear(i);
	end();
}

static void
a_change_is_heard_in_both_places(void)
{
	static const unsigned rows[] = { 0, PAIRS - 1 };

	begin();
	for (unsigned row = 0; row < 2; row++) {
		unsigned i = rows[row];
		struct watch *watch = &pairs[i].watch;

		CHECK(socket_set_want(&set, watch, pairs[i].near,
			  SOCKET_WRITABLE, tag_of(i)) == 0);
		CHECK(heard(socket_set_wait(&set, 0), i, SOCKET_WRITABLE) == 1);
		CHECK(socket_set_want(
			  &set, watch, pairs[i].near, 0, tag_of(i)) == 0);
		say(i);
		CHECK(socket_set_wait(&set, 0) == 0);
		close(pairs[i].far);
		pairs[i].far = -1;
		CHECK(heard(socket_set_wait(&set, 0), i, SOCKET_HUNG_UP) == 1);
		socket_set_remove(&set, watch, pairs[i].near);
		CHECK(!socket_set_has(watch));
		CHECK(socket_set_wait(&set, 0) == 0);
		socket_set_remove(&set, watch, pairs[i].near);
	}
	end();
}

/* The last slot's socket moves into the gap, and is still heard. */
static void
who_leaves_takes_nobody_along(void)
{
	begin();
	for (unsigned i = 0; i < FREE_SLOTS; i += 2)
		socket_set_forget(&set, &pairs[i].watch);
	for (unsigned i = 0; i < PAIRS; i++) {
		if (socket_set_has(&pairs[i].watch))
			hear(i);
	}
	CHECK(!socket_set_has(&pairs[0].watch));
	end();
}

int
main(void)
{
	RUN(each_is_heard_once_wherever_it_stands);
	RUN(the_listener_comes_after_those_behind_epoll_and_may_rest);
	RUN(the_silent_make_room_for_the_busy);
	RUN(a_change_is_heard_in_both_places);
	RUN(who_leaves_takes_nobody_along);
	return check_report();
}
