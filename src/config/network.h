/* SPDX-License-Identifier: MIT */
/* network.h - a range of IP addresses, written as one address or as a prefix.
 * Any process. Pure. A value without pointers: copies and memcmp(3) are fine.
 */

#ifndef NETWORK_H
#define NETWORK_H

#include "base/address.h"
#include "base/span.h"

/* The family, then the address in network byte order (IPv4: bytes 0 behind
 * it). memcmp(3) orders all addresses of IPv4 before those of IPv6. */
enum { NETWORK_KEY_SIZE = 1 + 16 };
struct network_key {
	unsigned char bytes[NETWORK_KEY_SIZE];
};

/* Both ends belong to it. */
struct network {
	struct network_key first;
	struct network_key last;
};

enum network_verdict {
	NETWORK_VALID,
	NETWORK_NO_IP, /* the text before the `/` is no address */
	NETWORK_BAD_LENGTH, /* behind the `/` stands no length of a prefix */
	NETWORK_HOST_BITS, /* the address has bits behind the prefix */
	NETWORK_MAPPED, /* IPv4 written as IPv6: ::ffff:192.0.2.1 */
};

/* "192.0.2.1", "10.0.0.0/8", "2001:db8::/32". *network is defined where the
 * verdict is NETWORK_VALID only. */
enum network_verdict network_parse(struct network *network, struct span text);

/* The address must be of IPv4 or IPv6. Its port makes no difference. */
struct network_key network_key(const struct address *address);

/* Negative, 0 or positive, as memcmp(3). */
int network_key_compare(
    const struct network_key *a, const struct network_key *b);

/* The address that follows: behind the last of IPv4 comes the first of IPv6.
 * False, and *key as it was, behind that family's last. */
bool network_key_next(struct network_key *key);

#endif
