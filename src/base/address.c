/* SPDX-License-Identifier: MIT */
#include "base/address.h"

#include <arpa/inet.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "base/interface.h"

bool
address_parse(struct address *address, const char *text, uint16_t port)
{
	memset(address, 0, sizeof *address);
	if (inet_pton(AF_INET, text, &address->v4.sin_addr) == 1)
		address->v4.sin_family = AF_INET;
	else if (inet_pton(AF_INET6, text, &address->v6.sin6_addr) == 1)
		address->v6.sin6_family = AF_INET6;
	else
		return false;
	address_set_port(address, port);
	return true;
}

bool
address_is_wildcard(const struct address *address)
{
	return address->any.sa_family == AF_INET6
	    ? IN6_IS_ADDR_UNSPECIFIED(&address->v6.sin6_addr)
	    : address->v4.sin_addr.s_addr == htonl(INADDR_ANY);
}

void
address_unmap(struct address *address)
{
	struct sockaddr_in v4 = {
		.sin_family = AF_INET,
		.sin_port = address->v6.sin6_port,
	};

	if (address->any.sa_family != AF_INET6 ||
	    !IN6_IS_ADDR_V4MAPPED(&address->v6.sin6_addr))
		return;
	memcpy(&v4.sin_addr, &address->v6.sin6_addr.s6_addr[12],
	    sizeof v4.sin_addr);
	memset(address, 0, sizeof *address);
	address->v4 = v4;
}

socklen_t
address_length(const struct address *address)
{
	return address->any.sa_family == AF_INET6 ? sizeof address->v6
						  : sizeof address->v4;
}

uint16_t
address_port(const struct address *address)
{
	return ntohs(address->any.sa_family == AF_INET6 ? address->v6.sin6_port
							: address->v4.sin_port);
}

void
address_set_port(struct address *address, uint16_t port)
{
	if (address->any.sa_family == AF_INET6)
		address->v6.sin6_port = htons(port);
	else
		address->v4.sin_port = htons(port);
}

unsigned
address_interface(const struct address *address)
{
	return address->any.sa_family == AF_INET6 ? address->v6.sin6_scope_id
						  : 0;
}

bool
address_equal(const struct address *a, const struct address *b)
{
	if (a->any.sa_family != b->any.sa_family ||
	    address_port(a) != address_port(b))
		return false;
	if (a->any.sa_family == AF_INET6)
		return a->v6.sin6_scope_id == b->v6.sin6_scope_id &&
		    memcmp(&a->v6.sin6_addr, &b->v6.sin6_addr,
			sizeof a->v6.sin6_addr) == 0;
	return a->v4.sin_addr.s_addr == b->v4.sin_addr.s_addr;
}

const char *
address_ip_text(const struct address *address, char text[ADDRESS_TEXT_SIZE])
{
	const void *ip = address->any.sa_family == AF_INET6
	    ? (const void *)&address->v6.sin6_addr
	    : &address->v4.sin_addr;

	return inet_ntop(address->any.sa_family, ip, text, ADDRESS_TEXT_SIZE);
}

/* Its number, where the interface is gone. */
static const char *
zone_text(unsigned index, char text[1 + IF_NAMESIZE])
{
	int saved_errno = errno;

	text[0] = '\0';
	if (index != 0 && !interface_name(index, text + 1))
		snprintf(text + 1, IF_NAMESIZE, "%u", index);
	if (index != 0)
		text[0] = '%';
	errno = saved_errno;
	return text;
}

const char *
address_text(const struct address *address, char text[ADDRESS_TEXT_SIZE])
{
	char ip[INET6_ADDRSTRLEN] = "", zone[1 + IF_NAMESIZE];

	switch (address->any.sa_family) {
	case AF_INET:
		inet_ntop(AF_INET, &address->v4.sin_addr, ip, sizeof ip);
		snprintf(text, ADDRESS_TEXT_SIZE, "%s:%u", ip,
		    address_port(address));
		break;
	case AF_INET6:
		inet_ntop(AF_INET6, &address->v6.sin6_addr, ip, sizeof ip);
		snprintf(text, ADDRESS_TEXT_SIZE, "[%s%s]:%u", ip,
		    zone_text(address->v6.sin6_scope_id, zone),
		    address_port(address));
		break;
	default:
		snprintf(text, ADDRESS_TEXT_SIZE, "none");
	}
	return text;
}
