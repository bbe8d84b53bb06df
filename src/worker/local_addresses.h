/* local_addresses.h - whether an IPv4 address is one of this host's own. */

#ifndef LOCAL_ADDRESSES_H
#define LOCAL_ADDRESSES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* A list older than a second is read again: addresses come and go. All bytes 0
 * is a list that was never read. */
struct local_addresses {
	uint32_t *list; /* owned, network byte order */
	size_t count;
	int64_t asked_ms;
};

void local_addresses_clear(struct local_addresses *local);

/* fd: any IPv4 socket (SIOCGIFCONF, netdevice(7)); ip: in network byte order.
 * If the list cannot be read, the last one stays in use. */
bool local_addresses_has(
    struct local_addresses *local, int fd, uint32_t ip, int64_t now_ms);

#endif
