#include "config/config_complete.h"

#include <string.h>
#include <strings.h>

/* The upstreams of -upstream-proxy keep their indices; those of the rules get
 * theirs in *map. */
static bool
merge_upstreams(
    struct config *config, uint8_t map[UPSTREAMS_MAX], struct text *error)
{
	const struct upstream_set *more = &config->routes.upstreams;

	memcpy(&config->upstreams, &config->proxies.upstreams,
	    sizeof config->upstreams);
	for (unsigned i = 0; i < more->count; i++) {
		int index =
		    upstream_set_add(&config->upstreams, &more->list[i]);

		if (index == -1) {
			text_append(error, "-route: ");
			text_host(
			    error, more->list[i].host, more->list[i].port);
			text_append(error,
			    ": expected 8 different upstreams at most in "
			    "-upstream-proxy and all rules together");
			return false;
		}
		map[i] = (uint8_t)index;
	}
	return true;
}

static bool
sniffs(const struct config *config)
{
	return config->sniff_timeout_ms >= 0 &&
	    (config->sniff_tls_ports.count > 0 ||
		config->sniff_http_ports.count > 0);
}

static bool
check_names(const struct config *config, struct text *error)
{
	const struct route_match *match = routes_by_name(&config->routes);

	if (match == NULL || sniffs(config))
		return true;
	text_format(error,
	    "-route: %s: a rule by name matches only where names are sniffed: "
	    "expected -sniff-timeout 0 or more",
	    match->name);
	return false;
}

static bool
is_wildcard(const struct address *address)
{
	return address->any.sa_family == AF_INET6
	    ? IN6_IS_ADDR_UNSPECIFIED(&address->v6.sin6_addr)
	    : address->v4.sin_addr.s_addr == htonl(INADDR_ANY);
}

static bool
is_loopback(const struct address *address)
{
	return address->any.sa_family == AF_INET6
	    ? IN6_IS_ADDR_LOOPBACK(&address->v6.sin6_addr)
	    : ntohl(address->v4.sin_addr.s_addr) >> 24 == IN_LOOPBACKNET;
}

/* As far as the configuration tells: no name is looked up. */
static bool
is_this_instance(
    const struct config *config, const struct config_upstream *upstream)
{
	struct address local = config->local_address, address;

	if (upstream->port != config->local_port)
		return false;
	if (strcasecmp(upstream->host, "localhost") == 0)
		address_parse(&address, "127.0.0.1", 0);
	else if (!address_parse(&address, upstream->host, 0))
		return false;
	address_unmap(&address);
	address_set_port(&local, 0);
	return is_wildcard(&local)
	    ? is_loopback(&address) || is_wildcard(&address)
	    : address_equal(&address, &local);
}

static bool
check_instance(const struct config *config, struct text *error)
{
	for (unsigned i = 0; i < config->upstreams.count; i++) {
		const struct config_upstream *upstream =
		    &config->upstreams.list[i];

		if (!is_this_instance(config, upstream))
			continue;
		text_append(error, "-upstream-proxy ");
		text_host(error, upstream->host, upstream->port);
		text_format(error,
		    ": expected another address or port than this instance's "
		    "own (-local-port %u)",
		    config->local_port);
		return false;
	}
	return true;
}

bool
config_complete(struct config *config, struct text *error)
{
	uint8_t map[UPSTREAMS_MAX] = { 0 };

	if (!merge_upstreams(config, map, error) ||
	    !check_names(config, error) || !check_instance(config, error))
		return false;
	route_table_make(
	    &config->route_table, &config->routes, &config->proxies.list, map);
	return true;
}
