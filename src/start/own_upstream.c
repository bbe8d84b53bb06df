/* SPDX-License-Identifier: MIT */
#include "start/own_upstream.h"

#include <strings.h>
#include <sys/socket.h>

#include "base/descriptor.h"

/* An address that a socket can be bound to is this host's. */
static bool
is_this_host(struct address address)
{
	int fd = socket(address.any.sa_family, SOCK_STREAM | SOCK_CLOEXEC, 0);
	bool bound;

	address_set_port(&address, 0);
	bound =
	    fd != -1 && bind(fd, &address.any, address_length(&address)) == 0;
	if (fd != -1)
		descriptor_close(&fd);
	return bound;
}

/* `::` serves both families, 0.0.0.0 its own. */
static bool
is_served(const struct config *config, const char *host, uint16_t port)
{
	struct address local = config->local_address, address;

	if (!address_parse(&address, host, port))
		return false;
	address_unmap(&address);
	address_set_port(&local, port);
	if (!address_is_wildcard(&local))
		return address_equal(&address, &local);
	return (local.any.sa_family == AF_INET6 ||
		   address.any.sa_family == AF_INET) &&
	    is_this_host(address);
}

static bool
is_this_instance(
    const struct config *config, const struct config_upstream *upstream)
{
	const char *host = upstream->host;
	uint16_t port = upstream->port;

	if (port != config->local_port)
		return false;
	if (strcasecmp(host, "localhost") == 0)
		return is_served(config, "127.0.0.1", port) ||
		    is_served(config, "::1", port);
	return is_served(config, host, port);
}

bool
own_upstream_check(const struct config *config, struct text *error)
{
	for (unsigned i = 0; i < config->upstreams.count; i++) {
		const struct config_upstream *upstream =
		    &config->upstreams.list[i];

		if (!is_this_instance(config, upstream))
			continue;
		text_append(error, "-upstream-proxy ");
		text_host(error, upstream->host, upstream->port);
		text_append(error,
		    ": expected another address or port than this "
		    "instance's own");
		return false;
	}
	return true;
}
