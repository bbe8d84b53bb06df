/* SPDX-License-Identifier: MIT */
/* silence_check_test.c - what counts as an answer of an address. */

#include "worker/silence_check.h"

#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include "check.h"
#include "event/deadlines.h"

enum { NOW_MS = 100000, PATIENCE_MS = 10000 };

static struct socket_set set;
static struct silence_check check;
static struct address address;
static int listener_fd;

/* An address that takes connections. */
static void
begin(void)
{
	socklen_t length = sizeof address;

	check = (struct silence_check){ .watch = { .fd = -1 } };
	CHECK(socket_set_open(&set) == 0);
	CHECK(address_parse(&address, "127.0.0.1", 0));
	listener_fd = socket(AF_INET, SOCK_STREAM, 0);
	CHECK(bind(listener_fd, &address.any, address_length(&address)) == 0);
	CHECK(listen(listener_fd, 1) == 0);
	CHECK(getsockname(listener_fd, &address.any, &length) == 0);
}

/* Nothing is left of a check. */
static void
end(void)
{
	CHECK(silence_check_due_ms(&check) == DEADLINE_NEVER);
	socket_set_close(&set);
	close(listener_fd);
}

static enum silence_verdict
start(void)
{
	return silence_check_begin(&check, &set, &address, NOW_MS);
}

/* Once its socket has events. */
static enum silence_verdict
finish(enum silence_verdict verdict)
{
	bool has_client;

	if (verdict != SILENCE_CHECKED_LATER)
		return verdict;
	CHECK(silence_check_due_ms(&check) > NOW_MS);
	CHECK(socket_set_wait(&set, -1, PATIENCE_MS, &has_client) == 1);
	return silence_check_step(&check, set.events[0].events);
}

static void
a_connection_is_an_answer(void)
{
	begin();
	CHECK(finish(start()) == SILENCE_BROKEN);
	end();
}

static void
a_refusal_is_an_answer(void)
{
	begin();
	close(listener_fd);
	CHECK(finish(start()) == SILENCE_BROKEN);
	end();
}

static void
a_reset_is_an_answer(void)
{
	const struct linger reset = { 1, 0 };
	enum silence_verdict verdict;
	int fd;

	begin();
	verdict = start();
	fd = accept(listener_fd, NULL, NULL);
	CHECK(setsockopt(fd, SOL_SOCKET, SO_LINGER, &reset, sizeof reset) == 0);
	close(fd);
	CHECK(finish(verdict) == SILENCE_BROKEN);
	end();
}

/* TCP has no route there, whatever the host's routes are. */
static void
that_the_network_has_no_way_is_none(void)
{
	begin();
	CHECK(address_parse(&address, "255.255.255.255", 9));
	CHECK(finish(start()) == SILENCE_HOLDS);
	end();
}

static void
without_a_descriptor_there_is_none(void)
{
	struct rlimit limit, none;

	begin();
	CHECK(getrlimit(RLIMIT_NOFILE, &limit) == 0);
	none = (struct rlimit){ 0, limit.rlim_max };
	CHECK(setrlimit(RLIMIT_NOFILE, &none) == 0);
	CHECK(finish(start()) == SILENCE_HOLDS);
	CHECK(setrlimit(RLIMIT_NOFILE, &limit) == 0);
	end();
}

int
main(void)
{
	RUN(a_connection_is_an_answer);
	RUN(a_refusal_is_an_answer);
	RUN(a_reset_is_an_answer);
	RUN(that_the_network_has_no_way_is_none);
	RUN(without_a_descriptor_there_is_none);
	return check_report();
}
