/* SPDX-License-Identifier: MIT */
#include "start/listen.h"

#include <errno.h>
#include <limits.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include "base/descriptor.h"
#include "base/socket_options.h"

static int
no_options(int fd)
{
	(void)fd;
	return 0;
}

static int
open_with(const struct address *address, int (*set_options)(int fd))
{
	int fd = socket(address->any.sa_family,
	    SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	int yes = 1, no = 0;

	if (fd == -1)
		return -1;
	/* On `::` IPv4 clients come in, too, whatever bindv6only says. */
	if (address->any.sa_family == AF_INET6)
		setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &no, sizeof no);
	/* An address that is not there yet: a router boots. Without the
	 * permission bind(2) says what is wrong. */
	setsockopt(fd, IPPROTO_IP, IP_FREEBIND, &yes, sizeof yes);
	/* The kernel cuts the backlog to net.core.somaxconn. */
	if (setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes) == 0 &&
	    set_options(fd) == 0 &&
	    bind(fd, &address->any, address_length(address)) == 0 &&
	    listen(fd, INT_MAX) == 0)
		return fd;
	descriptor_close(&fd);
	return -1;
}

static int
open_or_fall_back(
    const struct address *address, int (*set_options)(int fd), bool *lacks_ipv6)
{
	int fd = open_with(address, set_options);
	struct address any_ipv4;

	*lacks_ipv6 = fd == -1 && errno == EAFNOSUPPORT &&
	    address->any.sa_family == AF_INET6 && address_is_wildcard(address);
	if (!*lacks_ipv6 ||
	    !address_parse(&any_ipv4, "0.0.0.0", address_port(address)))
		return fd;
	return open_with(&any_ipv4, set_options);
}

int
listen_open(const struct address *address, bool *lacks_ipv6)
{
	return open_or_fall_back(address, socket_options_set, lacks_ipv6);
}

int
listen_open_status(const struct address *address, bool *lacks_ipv6)
{
	return open_or_fall_back(address, no_options, lacks_ipv6);
}
