/* SPDX-License-Identifier: MIT */
/* local_addresses.h - whether an address is one of this host's own. */

#ifndef LOCAL_ADDRESSES_H
#define LOCAL_ADDRESSES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/address.h"

/* A list older than a second is read again: addresses come and go. */
struct local_addresses {
	int ipv6_fd; /* owned: /proc/net/if_inet6, or -1: no IPv6 */
	struct address *list; /* owned; without ports and interfaces */
	size_t count;
	int64_t ask_from_ms; /* the list is older than it may be */
};

/* Takes ipv6_fd over. */
void local_addresses_open(struct local_addresses *local, int ipv6_fd);
void local_addresses_close(struct local_addresses *local);

/* fd: any socket (SIOCGIFCONF, netdevice(7)). Port and interface make no
 * difference. If the list cannot be read, the last one stays in use. */
bool local_addresses_has(struct local_addresses *local, int fd,
    const struct address *address, int64_t now_ms);

#endif
