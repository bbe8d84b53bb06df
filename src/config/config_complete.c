/* SPDX-License-Identifier: MIT */
#include "config/config_complete.h"

#include <string.h>

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

/* The head of a relayed request has a name, too. */
static bool
knows_names(const struct config *config)
{
	return config->http_relay_ports.count > 0 ||
	    (config->sniff_timeout_ms >= 0 &&
		(config->sniff_tls_ports.count > 0 ||
		    config->sniff_http_ports.count > 0));
}

static bool
check_name_rules(const struct config *config, struct text *error)
{
	const struct route_match *match = routes_by_name(&config->routes);

	if (match == NULL || knows_names(config))
		return true;
	text_format(error,
	    "-route: %s: a rule by name matches only where names are sniffed: "
	    "expected -sniff-timeout 0 or more",
	    match->name);
	return false;
}

bool
config_complete(struct config *config, struct text *error)
{
	uint8_t map[UPSTREAMS_MAX] = { 0 };

	if (!merge_upstreams(config, map, error) ||
	    !check_name_rules(config, error))
		return false;
	route_table_make(
	    &config->route_table, &config->routes, &config->proxies.list, map);
	return true;
}
