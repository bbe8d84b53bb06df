/* SPDX-License-Identifier: MIT */
#include "config/network.h"

#include <string.h>

#include "config/number.h"

enum { FAMILY_IPV4 = 4, FAMILY_IPV6 = 6, IPV4_BITS = 32, IPV6_BITS = 128 };

enum { MAPPED_BITS = IPV6_BITS - IPV4_BITS };

struct network_key
network_key(const struct address *address)
{
	struct network_key key = { { FAMILY_IPV6 } };

	if (address->any.sa_family == AF_INET6) {
		memcpy(key.bytes + 1, &address->v6.sin6_addr, 16);
		return key;
	}
	key.bytes[0] = FAMILY_IPV4;
	memcpy(key.bytes + 1, &address->v4.sin_addr, 4);
	return key;
}

int
network_key_compare(const struct network_key *a, const struct network_key *b)
{
	return memcmp(a->bytes, b->bytes, sizeof a->bytes);
}

bool
network_key_next(struct network_key *key)
{
	size_t last = key->bytes[0] == FAMILY_IPV4 ? 4 : 16;
	size_t at = last;

	while (at > 0 && key->bytes[at] == 0xff)
		at--;
	if (at == 0 && key->bytes[0] == FAMILY_IPV6)
		return false;
	if (at == 0) {
		*key = (struct network_key){ { FAMILY_IPV6 } };
		return true;
	}
	key->bytes[at]++;
	memset(key->bytes + at + 1, 0, last - at);
	return true;
}

/* Sets or clears the bits of the address from `bit` on. */
static void
fill_bits(struct network_key *key, unsigned bit, unsigned bits, bool set)
{
	for (; bit < bits; bit++) {
		unsigned char mask = (unsigned char)(0x80 >> bit % 8);
		unsigned char *byte = &key->bytes[1 + bit / 8];

		*byte = (unsigned char)(set ? *byte | mask : *byte & ~mask);
	}
}

/* A terminated copy; false where the bytes do not fit or hold a byte 0. */
static bool
copy_string(char *copy, size_t size, struct span text)
{
	if (text.length >= size ||
	    memchr(text.bytes, '\0', text.length) != NULL)
		return false;
	memcpy(copy, text.bytes, text.length);
	copy[text.length] = '\0';
	return true;
}

static bool
address_read(struct address *address, struct span text)
{
	char copy[INET6_ADDRSTRLEN];

	return copy_string(copy, sizeof copy, text) &&
	    address_parse(address, copy, 0);
}

static bool
length_read(uint64_t *length, struct span text, unsigned bits)
{
	char copy[sizeof "128"];

	return copy_string(copy, sizeof copy, text) &&
	    number_parse(copy, 0, bits, length);
}

enum network_verdict
network_parse(struct network *network, struct span text)
{
	const unsigned char *slash = memchr(text.bytes, '/', text.length);
	struct span ip = text;
	struct network_key key;
	struct address address;
	uint64_t length;
	unsigned bits;

	if (slash != NULL)
		ip.length = (size_t)(slash - text.bytes);
	if (!address_read(&address, ip))
		return NETWORK_NO_IP;
	bits = address.any.sa_family == AF_INET6 ? IPV6_BITS : IPV4_BITS;
	length = bits;
	if (slash != NULL &&
	    !length_read(&length, span_after(text, ip.length + 1), bits))
		return NETWORK_BAD_LENGTH;
	if (bits == IPV6_BITS && length >= MAPPED_BITS &&
	    IN6_IS_ADDR_V4MAPPED(&address.v6.sin6_addr))
		return NETWORK_MAPPED;
	key = network_key(&address);
	network->first = network->last = key;
	fill_bits(&network->first, (unsigned)length, bits, false);
	fill_bits(&network->last, (unsigned)length, bits, true);
	return network_key_compare(&network->first, &key) == 0
	    ? NETWORK_VALID
	    : NETWORK_HOST_BITS;
}
