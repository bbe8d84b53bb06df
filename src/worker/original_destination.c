/* SPDX-License-Identifier: MIT */
#include "worker/original_destination.h"

#include <linux/netfilter_ipv4.h>
#include <sys/socket.h>

#include "worker/forbidden_networks.h"
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

/* IP6T_SO_ORIGINAL_DST, whose header does not go with all C libraries. */
enum { IPV6_ORIGINAL_DST = 80 };

/* The destination can be the socket's own address only if the ports agree;
 * otherwise getsockname(2) is spared. */
static bool
is_socket_address(
    const struct worker *worker, int fd, const struct address *destination)
{
	struct address local = { .v4 = { .sin_family = AF_UNSPEC } };
	socklen_t length = sizeof local;

	if (address_port(destination) != worker->config->local_port ||
	    getsockname(fd, &local.any, &length) == -1)
		return false;
	address_unmap(&local);
	return address_equal(&local, destination);
}

bool
original_destination_is_local(
    struct worker *worker, const struct address *address)
{
	return local_addresses_has(&worker->local_addresses,
	    worker->listener_fd, address, worker->now_ms);
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

/* As getsockopt(2). A mapped client is one of IPv4. */
static int
ask(int fd, const struct address *client, struct address *destination)
{
	socklen_t length = sizeof *destination;

	return client->any.sa_family == AF_INET6
	    ? getsockopt(fd, SOL_IPV6, IPV6_ORIGINAL_DST, destination, &length)
	    : getsockopt(fd, SOL_IP, SO_ORIGINAL_DST, destination, &length);
}

const struct destination_refusal *
original_destination_get(struct worker *worker, int fd,
    const struct address *client, struct address *destination)
{
	const struct destination_refusal *refusal;

	*destination = (struct address){ .v4 = { .sin_family = AF_UNSPEC } };
	if (ask(fd, client, destination) == -1)
		return &no_entry;
	if (is_socket_address(worker, fd, destination))
		return &not_redirected;
	refusal = original_destination_refuse_loop(worker, client, destination);
	if (refusal == NULL)
		refusal = forbidden_networks_find(destination);
	if (refusal == NULL &&
	    original_destination_is_local(worker, destination))
		refusal = &forbidden_networks_local_address;
	return refusal;
}
