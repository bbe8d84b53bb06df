/* SPDX-License-Identifier: MIT */
/* listener_test.c - whatever a worker does to the socket that all share is
 * noticed and restored. */

#include "master/listener.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/filter.h>
#include <netinet/tcp.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/log.h"
#include "base/socket_options.h"
#include "check.h"

static char said[LOG_WORDS_SIZE];

static void
note(enum log_level level, const char *words)
{
	CHECK(level == LOG_LEVEL_ERROR);
	strcpy(said, words);
}

static struct listener
open_listener_on(const char *ip)
{
	static struct listener listener;
	struct address address;
	int fd;

	CHECK(address_parse(&address, ip, 0));
	fd = socket(address.any.sa_family, SOCK_STREAM | SOCK_NONBLOCK, 0);
	if (fd == -1 || socket_options_set(fd) == -1 ||
	    bind(fd, &address.any, address_length(&address)) == -1 ||
	    listen(fd, 8) == -1)
		abort();
	listener_remember(&listener, fd);
	said[0] = '\0';
	return listener;
}

static struct listener
open_listener(void)
{
	return open_listener_on("127.0.0.1");
}

/* Through the socket, after whatever was done to it. */
static bool
has_client(const struct listener *listener)
{
	struct address address;
	socklen_t length = sizeof address;
	int client, fd;

	getsockname(listener->fd, &address.any, &length);
	client = socket(address.any.sa_family, SOCK_STREAM, 0);
	if (connect(client, &address.any, length) == -1)
		return false;
	fd = accept4(listener->fd, NULL, NULL, 0);
	close(client);
	return fd != -1 && close(fd) == 0;
}

static void
an_untouched_listener_is_left_alone(void)
{
	struct listener listener = open_listener();

	CHECK(!listener_restore(&listener));
	CHECK(has_client(&listener));
	CHECK(!listener_restore(&listener));
	CHECK(said[0] == '\0');
	close(listener.fd);
	listener.fd = -1;
	CHECK(!listener_restore(&listener));
}

static void
an_option_that_was_changed_is_restored_and_named(void)
{
	static const struct row {
		const char *label;
		int level, name, value, restored;
	} rows[] = {
		{ "IPV6_TCLASS", IPPROTO_IPV6, IPV6_TCLASS, 8, 0 },
		{ "IPV6_MINHOPCOUNT", IPPROTO_IPV6, IPV6_MINHOPCOUNT, 255, 0 },
		{ "IPV6_MTU_DISCOVER", IPPROTO_IPV6, IPV6_MTU_DISCOVER,
		    IPV6_PMTUDISC_PROBE, IPV6_PMTUDISC_WANT },
		{ "SO_KEEPALIVE", SOL_SOCKET, SO_KEEPALIVE, 0, 1 },
		{ "SO_RCVLOWAT", SOL_SOCKET, SO_RCVLOWAT, 5000, 1 },
		{ "TCP_NODELAY", IPPROTO_TCP, TCP_NODELAY, 0, 1 },
		{ "TCP_KEEPIDLE", IPPROTO_TCP, TCP_KEEPIDLE, 9000, 60 },
		{ "TCP_DEFER_ACCEPT", IPPROTO_TCP, TCP_DEFER_ACCEPT, 30, 0 },
		{ "TCP_USER_TIMEOUT", IPPROTO_TCP, TCP_USER_TIMEOUT, 1, 0 },
		{ "TCP_WINDOW_CLAMP", IPPROTO_TCP, TCP_WINDOW_CLAMP, 2000,
		    65535 << 14 },
		{ "IP_TOS", IPPROTO_IP, IP_TOS, 8, 0 },
		{ "IP_MINTTL", IPPROTO_IP, IP_MINTTL, 255, 0 },
	};

	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		const struct row *row = &rows[i];
		struct listener listener = open_listener_on(
		    row->level == IPPROTO_IPV6 ? "::ffff:127.0.0.1"
					       : "127.0.0.1");
		int value = row->value;
		socklen_t length = sizeof value;

		CHECK_ROW(setsockopt(listener.fd, row->level, row->name, &value,
			      sizeof value) == 0,
		    row->label);
		CHECK_ROW(listener_restore(&listener), row->label);
		CHECK_ROW(strstr(said, row->label) != NULL, said);
		CHECK_ROW(getsockopt(listener.fd, row->level, row->name, &value,
			      &length) == 0 &&
			value == row->restored,
		    row->label);
		CHECK_ROW(has_client(&listener), row->label);
		CHECK_ROW(!listener_restore(&listener), row->label);
		close(listener.fd);
	}
}

static void
values_that_are_no_numbers_are_restored(void)
{
	const struct linger off = { 0, 0 };
	unsigned char route[] = { 1, 1, 1, 1 };
	struct listener listener = open_listener();
	struct linger linger;
	socklen_t length = sizeof linger;
	int buffer = 4096, before;
	socklen_t buffer_length = sizeof before;

	setsockopt(listener.fd, SOL_SOCKET, SO_LINGER, &off, sizeof off);
	setsockopt(listener.fd, IPPROTO_TCP, TCP_CONGESTION, "reno", 4);
	setsockopt(listener.fd, IPPROTO_IP, IP_OPTIONS, route, sizeof route);
	getsockopt(listener.fd, SOL_SOCKET, SO_RCVBUF, &before, &buffer_length);
	setsockopt(listener.fd, SOL_SOCKET, SO_RCVBUF, &buffer, sizeof buffer);
	CHECK(listener_restore(&listener));
	CHECK(strstr(said, "SO_LINGER") != NULL);
	CHECK(strstr(said, "IP_OPTIONS") != NULL);
	CHECK(strstr(said, "SO_RCVBUF") != NULL);
	CHECK(getsockopt(
		  listener.fd, SOL_SOCKET, SO_LINGER, &linger, &length) == 0 &&
	    linger.l_onoff == 1 && linger.l_linger == 0);
	getsockopt(listener.fd, SOL_SOCKET, SO_RCVBUF, &buffer, &buffer_length);
	CHECK(buffer == before);
	length = sizeof route;
	CHECK(getsockopt(listener.fd, IPPROTO_IP, IP_OPTIONS, route, &length) ==
		0 &&
	    length == 0);
	CHECK(!listener_restore(&listener));
	close(listener.fd);
}

/* A way for the answers to clients (RFC 8754), where the kernel knows it. */
static void
a_routing_header_is_removed(void)
{
	unsigned char header[24] = { 0, 2, 4, 0, [23] = 1 };
	socklen_t length = sizeof header;
	struct listener listener = open_listener_on("::ffff:127.0.0.1");
	bool is_set = setsockopt(listener.fd, IPPROTO_IPV6, IPV6_RTHDR, header,
			  sizeof header) == 0;

	CHECK(listener_restore(&listener) == is_set);
	CHECK(!is_set || strstr(said, "IPV6_RTHDR") != NULL);
	CHECK(getsockopt(listener.fd, IPPROTO_IPV6, IPV6_RTHDR, header,
		  &length) == 0 &&
	    length == 0);
	CHECK(!listener_restore(&listener));
	close(listener.fd);
}

static void
a_listener_that_does_not_listen_listens_again(void)
{
	const struct sockaddr nobody = { .sa_family = AF_UNSPEC };
	struct listener listener = open_listener();

	CHECK(connect(listener.fd, &nobody, sizeof nobody) == 0);
	CHECK(!has_client(&listener));
	CHECK(listener_restore(&listener));
	CHECK(strstr(said, "it did not listen") != NULL);
	CHECK(has_client(&listener));
	CHECK(shutdown(listener.fd, SHUT_RD) == 0);
	CHECK(listener_restore(&listener));
	CHECK(has_client(&listener));
	CHECK(!listener_restore(&listener));
	close(listener.fd);
}

static void
a_filter_of_packets_is_removed(void)
{
	struct sock_filter drop = BPF_STMT(BPF_RET | BPF_K, 0);
	const struct sock_fprog program = { 1, &drop };
	struct listener listener = open_listener();

	CHECK(setsockopt(listener.fd, SOL_SOCKET, SO_ATTACH_FILTER, &program,
		  sizeof program) == 0);
	CHECK(listener_restore(&listener));
	CHECK(strstr(said, "SO_ATTACH_FILTER") != NULL);
	CHECK(has_client(&listener));
	CHECK(!listener_restore(&listener));
	close(listener.fd);
}

static void
a_listener_that_blocks_does_so_no_longer(void)
{
	struct listener listener = open_listener();

	CHECK(fcntl(listener.fd, F_SETFL, O_ASYNC) == 0);
	CHECK(listener_restore(&listener));
	CHECK((fcntl(listener.fd, F_GETFL) & (O_NONBLOCK | O_ASYNC)) ==
	    O_NONBLOCK);
	CHECK(accept4(listener.fd, NULL, NULL, 0) == -1 && errno == EAGAIN);
	CHECK(!listener_restore(&listener));
	close(listener.fd);
}

int
main(void)
{
	log_open(note, LOG_LEVEL_DEBUG);
	RUN(an_untouched_listener_is_left_alone);
	RUN(an_option_that_was_changed_is_restored_and_named);
	RUN(values_that_are_no_numbers_are_restored);
	RUN(a_routing_header_is_removed);
	RUN(a_listener_that_does_not_listen_listens_again);
	RUN(a_filter_of_packets_is_removed);
	RUN(a_listener_that_blocks_does_so_no_longer);
	return check_report();
}
