/* SPDX-License-Identifier: MIT */
/* spread_test.c - highest-random-weight hashing: even, and stable. */

#include "protocol/spread.h"

#include <string.h>

#include "check.h"

enum { UPSTREAMS = 5, CLIENTS = 20000 };

static uint64_t upstreams[UPSTREAMS];

static void
name_upstreams(void)
{
	static const char *const names[UPSTREAMS] = { "proxy-a:3128",
		"proxy-b:3128", "10.0.0.1:3128", "10.0.0.2:3128",
		"10.0.0.2:3129" };

	for (unsigned i = 0; i < UPSTREAMS; i++)
		upstreams[i] = spread_hash(span_of(names[i], strlen(names[i])));
}

/* The heaviest of those that are up, a bit each. */
static unsigned
choose(uint32_t client, unsigned up)
{
	unsigned char bytes[4] = { 10, (unsigned char)(client >> 16),
		(unsigned char)(client >> 8), (unsigned char)client };
	uint64_t hash = spread_hash(span_of(bytes, sizeof bytes)), most = 0;
	unsigned best = UPSTREAMS;

	for (unsigned i = 0; i < UPSTREAMS; i++) {
		uint64_t weight = spread_weight(hash, upstreams[i]);

		if ((up >> i & 1) == 0 || (best != UPSTREAMS && weight <= most))
			continue;
		best = i;
		most = weight;
	}
	return best;
}

static void
neighbours_are_spread_evenly_over_any_number(void)
{
	name_upstreams();
	for (unsigned count = 2; count <= UPSTREAMS; count++) {
		unsigned clients[UPSTREAMS] = { 0 };

		for (uint32_t i = 0; i < CLIENTS; i++)
			clients[choose(i, (1u << count) - 1)]++;
		for (unsigned i = 0; i < count; i++) {
			CHECK(clients[i] * count > CLIENTS * 95 / 100);
			CHECK(clients[i] * count < CLIENTS * 105 / 100);
		}
	}
}

static void
only_the_clients_of_a_dead_upstream_move(void)
{
	const unsigned all = (1u << UPSTREAMS) - 1;

	name_upstreams();
	for (unsigned dead = 0; dead < UPSTREAMS; dead++) {
		unsigned moved_to[UPSTREAMS] = { 0 };

		for (uint32_t i = 0; i < CLIENTS; i++) {
			unsigned before = choose(i, all);
			unsigned after = choose(i, all & ~(1u << dead));

			CHECK(after != dead);
			CHECK(before == dead || after == before);
			moved_to[after] += before == dead;
		}
		for (unsigned i = 0; i < UPSTREAMS; i++)
			CHECK(
			    i == dead || moved_to[i] > CLIENTS / UPSTREAMS / 5);
	}
}

static void
addresses_of_either_length_and_nothing_have_hashes_of_their_own(void)
{
	static const unsigned char ipv6[16] = { 0x20, 0x01, 0x0d, 0xb8 };

	CHECK(spread_hash(span_of(ipv6, 16)) != spread_hash(span_of(ipv6, 4)));
	CHECK(spread_hash(span_of(ipv6, 0)) != spread_hash(span_of(ipv6, 1)));
	CHECK(spread_hash(span_of("ab", 2)) != spread_hash(span_of("ba", 2)));
}

int
main(void)
{
	RUN(neighbours_are_spread_evenly_over_any_number);
	RUN(only_the_clients_of_a_dead_upstream_move);
	RUN(addresses_of_either_length_and_nothing_have_hashes_of_their_own);
	return check_report();
}
