#include "worker/original_destination.h"

#include <linux/netfilter_ipv4.h>
#include <sys/socket.h>

#include "worker/worker.h"

static const struct destination_refusal not_redirected = {
	FAILURE_NOT_REDIRECTED, "direct connection closed", "not redirected"
};
static const struct destination_refusal no_entry = { FAILURE_NO_ENTRY,
	"connection without a destination closed", "no conntrack entry" };
static const char loop[] =
    "redirect loop closed: exempt the daemon's user (OUTPUT) or the "
    "upstream's address from the redirection";
static const struct destination_refusal to_upstream = { FAILURE_LOOP, loop,
	"the destination is the upstream" };
static const struct destination_refusal from_upstream = { FAILURE_LOOP, loop,
	"the client is the upstream" };
const struct destination_refusal original_destination_local_loop = {
	FAILURE_LOOP, loop,
	"many connections of this host to one destination, and no answer"
};

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

bool
original_destination_is_local(
    struct worker *worker, const struct address *address)
{
	return address->any.sa_family == AF_INET &&
	    local_addresses_has(&worker->local_addresses, worker->listener_fd,
		address->v4.sin_addr.s_addr, worker->now_ms);
}

static bool
is_host_of(const struct upstream *upstream, const struct address *client)
{
	struct address address = *client;

	for (unsigned i = 0; i < upstream->addresses.count; i++) {
		const struct address *known = &upstream->addresses.list[i];

		address_set_port(&address, address_port(known));
		if (address_equal(&address, known))
			return true;
	}
	return false;
}

/* A client on the host of an upstream, where that is also this host, need not
 * be the upstream. */
const struct destination_refusal *
original_destination_refuse_loop(struct worker *worker,
    const struct address *client, const struct address *destination)
{
	for (unsigned i = 0; i < worker->config->upstreams.count; i++) {
		const struct upstream *upstream = &worker->upstreams[i];

		if (upstream_has(upstream, destination))
			return &to_upstream;
		if (is_host_of(upstream, client) &&
		    !original_destination_is_local(worker, client))
			return &from_upstream;
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
	if (original_destination_is_local(worker, destination))
		return &local_address_refusal;
	return NULL;
}

const struct destination_refusal *
original_destination_get(struct worker *worker, int fd,
    const struct address *client, struct address *destination)
{
	const struct destination_refusal *refusal;
	socklen_t length = sizeof destination->v4;

	*destination = (struct address){ .v4 = { .sin_family = AF_UNSPEC } };
	if (getsockopt(
		fd, SOL_IP, SO_ORIGINAL_DST, &destination->v4, &length) == -1)
		return &no_entry;
	if (is_socket_address(worker, fd, destination))
		return &not_redirected;
	refusal = original_destination_refuse_loop(worker, client, destination);
	if (refusal != NULL)
		return refusal;
	return forbidden_find(worker, destination);
}
