/* SPDX-License-Identifier: MIT */
#include "ipc/client_key.h"

#include <stdio.h>

#include "base/interface.h"

uint64_t
client_key(const struct address *address)
{
	uint64_t key = 0;

	if (address->any.sa_family == AF_INET)
		return ntohl(address->v4.sin_addr.s_addr);
	for (unsigned i = 0; i < sizeof key; i++)
		key = key << 8 | address->v6.sin6_addr.s6_addr[i];
	return key | address_interface(address);
}

static struct address
ipv4_of(uint64_t key)
{
	return (
	    struct address){ .v4 = { .sin_family = AF_INET,
				 .sin_addr.s_addr = htonl((uint32_t)key) } };
}

static struct address
ipv6_of(uint64_t key)
{
	struct address address = { .v6 = { .sin6_family = AF_INET6 } };

	if (key >> 54 == 0xfe80 >> 6) {
		address.v6.sin6_scope_id = (uint32_t)key;
		key &= ~(uint64_t)UINT32_MAX;
	}
	for (unsigned i = 0; i < sizeof key; i++)
		address.v6.sin6_addr.s6_addr[i] =
		    (unsigned char)(key >> (56 - 8 * i));
	return address;
}

const char *
client_key_text(uint64_t key, char text[ADDRESS_TEXT_SIZE])
{
	bool is_ipv4 = key >> 32 == 0;
	struct address address = is_ipv4 ? ipv4_of(key) : ipv6_of(key);
	char ip[ADDRESS_TEXT_SIZE], zone[IF_NAMESIZE] = "";
	unsigned index = is_ipv4 ? 0 : address.v6.sin6_scope_id;

	if (index != 0 && !interface_name(index, zone))
		snprintf(zone, sizeof zone, "%u", index);
	snprintf(text, ADDRESS_TEXT_SIZE, "%.*s%s%s%s", INET6_ADDRSTRLEN,
	    address_ip_text(&address, ip), index != 0 ? "%" : "", zone,
	    is_ipv4 ? "" : "/64");
	return text;
}
