/* SPDX-License-Identifier: MIT */
#include "protocol/spread.h"

/* The finalizer of splitmix64: each bit of the number moves each of the
 * result. */
static uint64_t
mix(uint64_t number)
{
	number = (number ^ number >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
	number = (number ^ number >> 27) * UINT64_C(0x94d049bb133111eb);
	return number ^ number >> 31;
}

/* FNV-1a, whose last bytes alone would leave the upper bits nearly as they
 * are. */
uint64_t
spread_hash(struct span bytes)
{
	uint64_t hash = UINT64_C(0xcbf29ce484222325);

	for (size_t i = 0; i < bytes.length; i++)
		hash = (hash ^ bytes.bytes[i]) * UINT64_C(0x100000001b3);
	return mix(hash);
}

uint64_t
spread_weight(uint64_t client_hash, uint64_t upstream_hash)
{
	return mix(client_hash + mix(upstream_hash));
}
