/* SPDX-License-Identifier: MIT */
/* socket_set_test.c - what a wait for the sockets and the listener tells. */

#include "event/socket_set.h"

#include <sys/socket.h>
#include <unistd.h>

#include "check.h"

enum { PAIRS = 100, LISTENER = PAIRS - 1 };

static struct pair {
	struct watch near;
	int far;
} pairs[PAIRS];

static struct socket_set set;

/* All but the listener stand in the set. */
static void
begin(void)
{
	CHECK(socket_set_open(&set) == 0);
	for (unsigned i = 0; i < PAIRS; i++) {
		int fds[2];

		CHECK(socketpair(AF_UNIX, SOCK_STREAM, 0, fds) == 0);
		pairs[i] =
		    (struct pair){ .near = { .fd = fds[0] }, .far = fds[1] };
		if (i != LISTENER)
			CHECK(socket_set_want(
				  &set, &pairs[i].near, SOCKET_READABLE) == 0);
	}
}

static void
end(void)
{
	for (unsigned i = 0; i < PAIRS; i++) {
		watch_close(&pairs[i].near);
		close(pairs[i].far);
	}
	CHECK(socket_set_ready(&set) == 0);
	socket_set_close(&set);
}

static void
say(unsigned i)
{
	CHECK(write(pairs[i].far, "x", 1) == 1);
}

/* How often the last wait named the socket, with exactly these events. */
static unsigned
heard(unsigned count, unsigned i, uint32_t events)
{
	unsigned found = 0;

	for (unsigned n = 0; n < count; n++)
		found += set.events[n].data.ptr == &pairs[i].near &&
		    set.events[n].events == events;
	return found;
}

static void
each_is_heard_once(void)
{
	unsigned count;
	bool has_client;

	begin();
	CHECK(socket_set_wait(&set, -1, 0, &has_client) == 0);
	for (unsigned i = 0; i < PAIRS; i++)
		say(i);
	count = socket_set_wait(&set, -1, -1, &has_client);
	CHECK(count == PAIRS - 1);
	CHECK(!has_client);
	for (unsigned i = 0; i < LISTENER; i++)
		CHECK(heard(count, i, SOCKET_READABLE) == 1);
	end();
}

static void
the_listener_is_told_of_apart_and_may_rest(void)
{
	bool has_client;

	begin();
	say(LISTENER);
	CHECK(socket_set_wait(&set, pairs[LISTENER].near.fd, -1, &has_client) ==
	    0);
	CHECK(has_client);
	say(0);
	CHECK(socket_set_wait(&set, pairs[LISTENER].near.fd, -1, &has_client) ==
	    1);
	CHECK(has_client);
	CHECK(socket_set_wait(&set, -1, -1, &has_client) == 1);
	CHECK(!has_client);
	end();
}

static void
a_change_is_heard(void)
{
	begin();
	say(0);
	CHECK(socket_set_want(&set, &pairs[0].near, SOCKET_WRITABLE) == 0);
	CHECK(heard(socket_set_ready(&set), 0, SOCKET_WRITABLE) == 1);
	CHECK(socket_set_want(&set, &pairs[0].near, 0) == 0);
	CHECK(socket_set_ready(&set) == 0);
	close(pairs[0].far);
	pairs[0].far = -1;
	CHECK(heard(socket_set_ready(&set), 0, SOCKET_HUNG_UP) == 1);
	socket_set_remove(&set, &pairs[0].near);
	CHECK(socket_set_ready(&set) == 0);
	CHECK(!pairs[0].near.in_set);
	CHECK(socket_set_want(&set, &pairs[0].near, 0) == 0);
	CHECK(heard(socket_set_ready(&set), 0, SOCKET_HUNG_UP) == 1);
	end();
}

/* As its events still come: whoever forgets the watch would meet them. */
static void
what_cannot_be_removed_is_still_in_the_set(void)
{
	struct watch *watch = &pairs[0].near;
	int fd;

	begin();
	CHECK(socket_set_want(&set, watch, SOCKET_WRITABLE) == 0);
	fd = watch->fd;
	watch->fd = pairs[0].far;
	CHECK(socket_set_remove(&set, watch) == -1 && watch->in_set);
	watch->fd = fd;
	CHECK(socket_set_remove(&set, watch) == 0 && !watch->in_set);
	end();
}

/* Events come with the new watch alone, and are those that were wanted. */
static void
a_descriptor_moves_with_its_place_in_the_set(void)
{
	struct watch other = { .fd = -1, .kind = 7 };

	begin();
	CHECK(socket_set_move(&set, &pairs[0].near, &other) == 0);
	CHECK(pairs[0].near.fd == -1 && !pairs[0].near.in_set);
	CHECK(other.fd != -1 && other.in_set && other.kind == 7);
	CHECK(other.wanted == SOCKET_READABLE);
	say(0);
	CHECK(socket_set_ready(&set) == 1);
	CHECK(set.events[0].data.ptr == &other);
	CHECK(set.events[0].events == SOCKET_READABLE);
	watch_close(&other);
	CHECK(socket_set_ready(&set) == 0);
	end();
}

int
main(void)
{
	RUN(each_is_heard_once);
	RUN(a_descriptor_moves_with_its_place_in_the_set);
	RUN(the_listener_is_told_of_apart_and_may_rest);
	RUN(a_change_is_heard);
	RUN(what_cannot_be_removed_is_still_in_the_set);
	return check_report();
}
