#include "worker/original_destination.h"

#include <linux/netfilter_ipv4.h>
#include <sys/socket.h>

#include "worker/worker.h"

static const struct destination_refusal not_redirected = {
	FAILURE_NOT_REDIRECTED, "direct connection closed", "not redirected"
};
static const struct destination_refusal no_entry = { FAILURE_NO_ENTRY,
	"connection without a destination closed", "no conntrack entry" };
static const struct destination_refusal loop = { FAILURE_LOOP,
	"redirect loop closed: exempt the daemon's user (OUTPUT) or the "
	"upstream's address from the redirection",
	"the destination is the upstream" };

static const char forbidden[] = "connection to a forbidden destination closed";

/* In host byte order. A proxy cannot reach them, or they are its own. */
static const struct forbidden_network {
	uint32_t network;
	uint32_t mask;
	struct destination_refusal refusal;
} forbidden_networks[] = {
	{ 0x7f000000, 0xff000000,
	    { FAILURE_FORBIDDEN, forbidden, "loopback address" } },
	{ 0x00000000, 0xff000000,
	    { FAILURE_FORBIDDEN, forbidden, "address in 0.0.0.0/8" } },
	{ 0xa9fe0000, 0xffff0000,
	    { FAILURE_FORBIDDEN, forbidden, "link-local address" } },
	{ 0xe0000000, 0xf0000000,
	    { FAILURE_FORBIDDEN, forbidden, "multicast address" } },
};
static const struct destination_refusal local_address_refusal = {
	FAILURE_FORBIDDEN, forbidden, "this host's own address"
};

/* The destination can be the socket's own address only if the ports agree;
 * otherwise getsockname(2) is spared. */
static bool
is_socket_address(
    const struct worker *worker, int fd, const struct address *destination)
{
	struct address local = { .v4 = { .sin_family = AF_UNSPEC } };
	socklen_t length = sizeof local;

	return address_port(destination) == worker->config->local_port &&
	    getsockname(fd, &local.any, &length) == 0 &&
	    address_equal(&local, destination);
}

const struct destination_refusal *
original_destination_loop(
    const struct worker *worker, const struct address *destination)
{
	for (unsigned i = 0; i < worker->config->upstreams.count; i++) {
		if (upstream_has(&worker->upstreams[i], destination))
			return &loop;
	}
	return NULL;
}

static const struct destination_refusal *
forbidden_find(struct worker *worker, const struct address *destination)
{
	uint32_t ip = ntohl(destination->v4.sin_addr.s_addr);

	for (size_t i = 0;
	     i < sizeof forbidden_networks / sizeof forbidden_networks[0];
	     i++) {
		if ((ip & forbidden_networks[i].mask) ==
		    forbidden_networks[i].network)
			return &forbidden_networks[i].refusal;
	}
	if (local_addresses_has(&worker->local_addresses, worker->listener_fd,
		destination->v4.sin_addr.s_addr, worker->now_ms))
		return &local_address_refusal;
	return NULL;
}

const struct destination_refusal *
original_destination_get(
    struct worker *worker, int fd, struct address *destination)
{
	const struct destination_refusal *refusal;
	socklen_t length = sizeof destination->v4;

	*destination = (struct address){ .v4 = { .sin_family = AF_UNSPEC } };
	if (getsockopt(
		fd, SOL_IP, SO_ORIGINAL_DST, &destination->v4, &length) == -1)
		return &no_entry;
	if (is_socket_address(worker, fd, destination))
		return &not_redirected;
	if ((refusal = original_destination_loop(worker, destination)) != NULL)
		return refusal;
	return forbidden_find(worker, destination);
}
