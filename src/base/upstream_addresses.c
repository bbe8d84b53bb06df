/* SPDX-License-Identifier: MIT */
#include "base/upstream_addresses.h"

bool
upstream_addresses_has(
    const struct upstream_addresses *addresses, const struct address *wanted)
{
	for (unsigned i = 0; i < addresses->count; i++) {
		if (address_equal(&addresses->list[i], wanted))
			return true;
	}
	return false;
}

static bool
has_all(const struct upstream_addresses *addresses,
    const struct upstream_addresses *wanted)
{
	for (unsigned i = 0; i < wanted->count; i++) {
		if (!upstream_addresses_has(addresses, &wanted->list[i]))
			return false;
	}
	return true;
}

bool
upstream_addresses_equal(
    const struct upstream_addresses *a, const struct upstream_addresses *b)
{
	return has_all(a, b) && has_all(b, a);
}
