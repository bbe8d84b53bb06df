#include "worker/upstream_socket.h"

#include <errno.h>
#include <sys/socket.h>

#include "base/descriptor.h"
#include "base/socket_options.h"
#include "worker/handshake.h"
#include "worker/worker.h"

enum { RECYCLE_MAX_BYTES = 64 * 1024 };

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
upstream_socket_take(struct worker *worker, int family)
{
	int fd = socket_pool_take(&worker->upstream_sockets, family);

	return fd == -1 ? new_socket(family) : fd;
}

/* Without IPv6 in the system, an address of that kind may come first in the
 * list all the same. */
int
upstream_socket_reserve(struct worker *worker, struct connection *connection)
{
	const struct upstream_addresses *known = &worker->upstream;
	struct endpoint *endpoint = &connection->endpoints[UPSTREAM];
	int *family = &connection->handshake->family;

	*family = known->count > 0
	    ? known->list[worker->preferred].any.sa_family
	    : AF_INET;
	endpoint->fd = upstream_socket_take(worker, *family);
	if (endpoint->fd == -1 && errno == EAFNOSUPPORT) {
		*family = AF_INET;
		endpoint->fd = upstream_socket_take(worker, *family);
	}
	return endpoint->fd == -1 ? -1 : 0;
}

/* The system has grown the buffers of a socket that carried much. Where no
 * other connection is open none is expected soon. */
static bool
is_worth_recycling(
    const struct worker *worker, const struct connection *connection)
{
	const struct endpoint *endpoint = &connection->endpoints[UPSTREAM];

	return endpoint->fin_sent && !endpoint->reset_after_fin &&
	    connection->flows[CLIENT].moved_bytes <= RECYCLE_MAX_BYTES &&
	    connection->flows[UPSTREAM].moved_bytes <= RECYCLE_MAX_BYTES &&
	    worker->open > 1 && !worker->draining;
}

bool
upstream_socket_recycle(struct worker *worker, struct connection *connection)
{
	struct endpoint *endpoint = &connection->endpoints[UPSTREAM];

	if (!is_worth_recycling(worker, connection) ||
	    !socket_pool_give(&worker->upstream_sockets, endpoint->fd,
		connection->upstream.any.sa_family, worker->now_ms))
		return false;
	if (endpoint->watched)
		socket_set_remove(&worker->sockets, endpoint->fd);
	endpoint->fd = -1;
	return true;
}
