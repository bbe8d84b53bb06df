#include "config/option_upstream.h"

#include <string.h>

#include "config/config.h"
#include "config/number.h"

enum { UPSTREAM_DEFAULT_PORT = 3128 };

static bool
is_host(const char *text, size_t length)
{
	static const char allowed[] = "abcdefghijklmnopqrstuvwxyz"
				      "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
				      "0123456789-_.";

	return length > 0 && text[0] != '-' && strspn(text, allowed) >= length;
}

/* Without its brackets, which only IPv6 has: "[::1]", "::1". */
static bool
is_ipv6(const char *text, size_t length)
{
	char copy[INET6_ADDRSTRLEN];
	struct address address;

	if (!option_value_copy(copy, sizeof copy, text, length))
		return false;
	return address_parse(&address, copy, 0) &&
	    address.any.sa_family == AF_INET6;
}

static bool
parse(struct config_upstream *upstream, const char *value)
{
	const char *host = value, *end = strchr(value, ':');
	uint64_t port = UPSTREAM_DEFAULT_PORT;

	if (value[0] == '[') {
		host = value + 1;
		end = strchr(value, ']');
		if (end == NULL || !is_ipv6(host, (size_t)(end - host)))
			return false;
	} else if (is_ipv6(value, strlen(value))) {
		end = value + strlen(value);
	} else {
		if (end == NULL)
			end = value + strlen(value);
		if (!is_host(host, (size_t)(end - host)))
			return false;
	}
	if (!option_value_copy(upstream->host, sizeof upstream->host, host,
		(size_t)(end - host)))
		return false;
	end += *end == ']';
	if (*end == ':' && !number_parse(end + 1, 1, UINT16_MAX, &port))
		return false;
	upstream->port = (uint16_t)port;
	return *end == ':' || *end == '\0';
}

bool
option_set_upstreams(void *field, const struct option_input *input)
{
	struct upstream_set *upstreams = field;

	upstreams->count = 1;
	return parse(&upstreams->list[0], input->value);
}
