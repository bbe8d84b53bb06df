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

static bool
is_wildcard(const struct address *address)
{
	return address->any.sa_family == AF_INET6
	    ? IN6_IS_ADDR_UNSPECIFIED(&address->v6.sin6_addr)
	    : address->v4.sin_addr.s_addr == htonl(INADDR_ANY);
}

static bool
is_this_instance(
    const struct config *config, const struct config_upstream *upstream)
{
	struct address local = config->local_address, address;
	const char *host = upstream->host;

	if (strcasecmp(host, "localhost") == 0)
		host = "127.0.0.1";
	if (upstream->port != config->local_port ||
	    !address_parse(&address, host, upstream->port))
		return false;
	address_unmap(&address);
	address_set_port(&local, upstream->port);
	return is_wildcard(&local) ? is_this_host(address)
				   : address_equal(&address, &local);
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
