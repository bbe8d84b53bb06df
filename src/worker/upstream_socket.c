/* SPDX-License-Identifier: MIT */
#include "worker/upstream_socket.h"

#include <errno.h>
#include <sys/socket.h>

#include "base/descriptor.h"
#include "base/socket_options.h"
#include "worker/worker.h"

static int
new_socket(int family)
{
	int fd = socket(family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);

	if (fd != -1 && socket_options_set(fd) == -1)
		descriptor_close(&fd);
	if (fd != -1)
		socket_options_speak_first(fd);
	return fd;
}

int
upstream_socket_open(
    struct worker *worker, struct endpoint *endpoint, sa_family_t family)
{
	watch_close(&endpoint->watch);
	*endpoint = (struct endpoint){
		.watch = { .fd = socket_pool_take(
			       &worker->upstream_sockets, family),
		    .kind = endpoint->watch.kind },
		.family = family,
	};
	if (endpoint->watch.fd == -1)
		endpoint->watch.fd = new_socket(family);
	return endpoint->watch.fd == -1 ? -1 : 0;
}

/* Without IPv6 in the kernel, an IPv6 address may still come first. */
int
upstream_socket_reserve(struct worker *worker, struct endpoint *endpoint)
{
	const struct upstream *upstream = &worker->upstreams[0];
	sa_family_t family = AF_INET;

	if (upstream->addresses.count > 0)
		family =
		    upstream->addresses.list[upstream->preferred].any.sa_family;
	if (upstream_socket_open(worker, endpoint, family) == 0)
		return 0;
	return errno == EAFNOSUPPORT
	    ? upstream_socket_open(worker, endpoint, AF_INET)
	    : -1;
}

/* An upstream on this host, or near, has often answered when connect(2) returns
 * EINPROGRESS: the second call then succeeds, and a turn of the loop is saved.
 * A link-local address leaves its interface on the socket, even if that is
 * disconnected later. */
int
upstream_socket_connect(
    struct endpoint *endpoint, const struct address *address)
{
	socklen_t length = address_length(address);
	int fd = endpoint->watch.fd;

	endpoint->serves_once = address->any.sa_family == AF_INET6 &&
	    address->v6.sin6_scope_id != 0;
	if (connect(fd, &address->any, length) == 0)
		return 0;
	if (errno == EINPROGRESS &&
	    (connect(fd, &address->any, length) == 0 || errno == EISCONN))
		return 0;
	return -1;
}

void
upstream_socket_return(struct worker *worker, struct endpoint *endpoint)
{
	if (socket_pool_return(&worker->upstream_sockets, endpoint->watch.fd,
		endpoint->family, worker->now_ms))
		endpoint->watch.fd = -1;
	else
		watch_close(&endpoint->watch);
}

bool
upstream_socket_recycle(struct worker *worker, struct endpoint *endpoint)
{
	if (endpoint->serves_once ||
	    !socket_pool_give(&worker->upstream_sockets, endpoint->watch.fd,
		endpoint->family, worker->now_ms))
		return false;
	if (socket_set_remove(&worker->sockets, &endpoint->watch) == -1) {
		/* Its events would be those of a connection that is no more. */
		socket_pool_take(&worker->upstream_sockets, endpoint->family);
		return false;
	}
	endpoint->watch.fd = -1;
	return true;
}
