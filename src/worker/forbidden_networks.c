/* SPDX-License-Identifier: MIT */
#include "worker/forbidden_networks.h"

#include <stdbool.h>
#include <string.h>

#define FORBIDDEN(cause)                                                  \
	{                                                                 \
		FAILURE_FORBIDDEN,                                        \
		    "connection to a forbidden destination closed", cause \
	}

const struct destination_refusal forbidden_networks_local_address =
    FORBIDDEN("this host's own address");

static const struct network {
	sa_family_t family;
	unsigned bits; /* of the prefix */
	unsigned char prefix[16];
	struct destination_refusal refusal;
} networks[] = {
	{ AF_INET, 8, { 127 }, FORBIDDEN("loopback address") },
	{ AF_INET, 8, { 0 }, FORBIDDEN("address in 0.0.0.0/8") },
	{ AF_INET, 16, { 169, 254 }, FORBIDDEN("link-local address") },
	{ AF_INET, 4, { 0xe0 }, FORBIDDEN("multicast address") },
	{ AF_INET6, 128, { 0 }, FORBIDDEN("unspecified address") },
	{ AF_INET6, 128, { [15] = 1 }, FORBIDDEN("loopback address") },
	{ AF_INET6, 96, { [10] = 0xff, 0xff },
	    FORBIDDEN("IPv4 address written as IPv6") },
	{ AF_INET6, 10, { 0xfe, 0x80 }, FORBIDDEN("link-local address") },
	{ AF_INET6, 8, { 0xff }, FORBIDDEN("multicast address") },
};

static bool
has_prefix(const void *ip, const unsigned char *prefix, unsigned bits)
{
	const unsigned char *bytes = ip;
	unsigned whole = bits / 8, rest = bits % 8;

	return memcmp(bytes, prefix, whole) == 0 &&
	    (rest == 0 || (bytes[whole] ^ prefix[whole]) >> (8 - rest) == 0);
}

const struct destination_refusal *
forbidden_networks_find(const struct address *address)
{
	const void *ip = address->any.sa_family == AF_INET6
	    ? (const void *)&address->v6.sin6_addr
	    : &address->v4.sin_addr;

	for (size_t i = 0; i < sizeof networks / sizeof networks[0]; i++) {
		if (networks[i].family == address->any.sa_family &&
		    has_prefix(ip, networks[i].prefix, networks[i].bits))
			return &networks[i].refusal;
	}
	return NULL;
}
