/* SPDX-License-Identifier: MIT */
#include "config/status_address.h"

#include <arpa/inet.h>
#include <string.h>
#include <sys/un.h>

#include "config/number.h"

_Static_assert(STATUS_PATH_SIZE == sizeof((struct sockaddr_un *)NULL)->sun_path,
    "a path that is taken can be bound");

/* Copies the host without the brackets that IPv6 has. False: there is no port
 * behind it. */
static bool
split(const char *text, char host[ADDRESS_TEXT_SIZE], const char **port)
{
	const char *end = strrchr(text, ':');
	bool has_brackets = text[0] == '[';
	size_t length;

	if (end == NULL || (has_brackets && end[-1] != ']'))
		return false;
	text += has_brackets;
	length = (size_t)(end - text) - has_brackets;
	if (length >= ADDRESS_TEXT_SIZE)
		return false;
	memcpy(host, text, length);
	host[length] = '\0';
	*port = end + 1;
	return has_brackets == (strchr(host, ':') != NULL);
}

/* A link-local one would need an interface. */
bool
status_address_parse_ip(struct address *ip, const char *text)
{
	char host[ADDRESS_TEXT_SIZE];
	const char *port;
	uint64_t number;

	if (!split(text, host, &port) ||
	    !number_parse(port, 1, UINT16_MAX, &number) ||
	    !address_parse(ip, host, (uint16_t)number) ||
	    (ip->any.sa_family == AF_INET6 &&
		IN6_IS_ADDR_LINKLOCAL(&ip->v6.sin6_addr)))
		return false;
	address_unmap(ip);
	return true;
}

bool
status_address_looks_like_path(const char *text)
{
	struct address ip;

	return strchr(text, '/') != NULL ||
	    (strchr(text, ':') == NULL && text[0] != '\0' &&
		text[strspn(text, "0123456789")] != '\0' &&
		!address_parse(&ip, text, 0));
}

bool
status_address_is_set(const struct status_address *address)
{
	return address->path[0] != '\0' ||
	    address->ip.any.sa_family != AF_UNSPEC;
}

bool
status_address_is_public(const struct status_address *address)
{
	const struct address *ip = &address->ip;

	switch (ip->any.sa_family) {
	case AF_INET:
		return ntohl(ip->v4.sin_addr.s_addr) >> 24 != IN_LOOPBACKNET;
	case AF_INET6:
		return !IN6_IS_ADDR_LOOPBACK(&ip->v6.sin6_addr);
	default:
		return false;
	}
}

void
status_address_append(struct text *text, const struct status_address *address)
{
	char ip[ADDRESS_TEXT_SIZE];

	if (address->path[0] != '\0')
		text_short(text, address->path);
	else
		text_append(text, address_text(&address->ip, ip));
}
