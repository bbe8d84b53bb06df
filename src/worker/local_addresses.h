/* local_addresses.h - whether an IPv4 address is one of this host's own. */

#ifndef LOCAL_ADDRESSES_H
#define LOCAL_ADDRESSES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* The list is asked for anew when it is older than a second: addresses come
 * and go. All bytes 0 is a list that was never asked for. */
struct local_addresses {
	uint32_t *list; /* owned, network byte order */
	size_t count;
	int64_t asked_ms;
};

void local_addresses_clear(struct local_addresses *local);

/* fd is any IPv4 socket (SIOCGIFCONF, netdevice(7)), ip in network byte
 * order. Where the system does not answer, the last list stays in use. */
bool local_addresses_has(
    struct local_addresses *local, int fd, uint32_t ip, int64_t now_ms);

#endif
