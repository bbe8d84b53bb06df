/* SPDX-License-Identifier: MIT */
#include "config/option_upstream.h"

#include <string.h>

#include "config/config.h"

bool
option_set_proxies(void *field, const struct option_input *input)
{
	struct config_proxies *proxies = field;

	memset(proxies, 0, sizeof *proxies);
	return upstream_list_parse(&proxies->list, &proxies->upstreams,
	    span_of(input->value, strlen(input->value)), input->expected);
}

bool
option_set_upstream_order(void *field, const struct option_input *input)
{
	enum upstream_order *order = field;

	*order = strcmp(input->value, "spread") == 0 ? UPSTREAM_ORDER_SPREAD
						     : UPSTREAM_ORDER_LISTED;
	return *order == UPSTREAM_ORDER_SPREAD ||
	    strcmp(input->value, "listed") == 0;
}

bool
option_set_route(void *field, const struct option_input *input)
{
	return routes_add(field, span_of(input->value, strlen(input->value)),
	    input->expected);
}
