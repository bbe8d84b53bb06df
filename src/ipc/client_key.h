/* SPDX-License-Identifier: MIT */
/* client_key.h - what stands for a client where clients are counted: its IPv4
 * address, or the /64 that its IPv6 address is in. Any process. */

#ifndef CLIENT_KEY_H
#define CLIENT_KEY_H

#include <stdint.h>

#include "base/address.h"

/* IPv4 in the lower half: no network has the /64 that is 0 in the upper one.
 * The link-local /64 is another network on each interface. */
uint64_t client_key(const struct address *address);

/* "192.0.2.1", "2001:db8::/64", "fe80::%lan/64"; a key that no client has is a
 * text, too. Returns text. */
const char *client_key_text(uint64_t key, char text[ADDRESS_TEXT_SIZE]);

#endif
