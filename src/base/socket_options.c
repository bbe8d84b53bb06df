/* SPDX-License-Identifier: MIT */
#include "base/socket_options.h"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stddef.h>
#include <sys/socket.h>

static const struct number {
	int level;
	int name;
	int value;
} numbers[] = {
	{ IPPROTO_TCP, TCP_NODELAY, 1 },
	{ SOL_SOCKET, SO_OOBINLINE, 1 },
	{ SOL_SOCKET, SO_KEEPALIVE, 1 },
	{ IPPROTO_TCP, TCP_KEEPIDLE, 60 },
	{ IPPROTO_TCP, TCP_KEEPINTVL, 15 },
	{ IPPROTO_TCP, TCP_KEEPCNT, 4 },
};

int
socket_options_set(int fd)
{
	struct linger reset = { .l_onoff = 1, .l_linger = 0 };

	for (size_t i = 0; i < sizeof numbers / sizeof numbers[0]; i++) {
		if (setsockopt(fd, numbers[i].level, numbers[i].name,
			&numbers[i].value, sizeof numbers[i].value) == -1)
			return -1;
	}
	return setsockopt(fd, SOL_SOCKET, SO_LINGER, &reset, sizeof reset);
}

static void
set_defer(int fd, int seconds)
{
	setsockopt(fd, IPPROTO_TCP, TCP_DEFER_ACCEPT, &seconds, sizeof seconds);
}

void
socket_options_speak_first(int fd)
{
	set_defer(fd, 1);
}

void
socket_options_hear_first(int fd)
{
	set_defer(fd, 0);
}

void
socket_options_end_with_fin(int fd)
{
	struct linger none = { .l_onoff = 0, .l_linger = 0 };

	setsockopt(fd, SOL_SOCKET, SO_LINGER, &none, sizeof none);
}
