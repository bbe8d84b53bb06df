/* SPDX-License-Identifier: MIT */
#include "config/route_table.h"

#include <strings.h>

#include "fuzz.h"

/* The input is rules, a line each. Those before the first wrong one are made a
 * table, which decides as a walk through the rules does. */

enum { HOST_SIZE = 2 + ROUTE_NAME_SIZE, QUESTIONS = 4 };

static struct routes routes;
static struct route_table table;

static const struct upstream_list everybody = { .direct = true };

static void
check_string(const char *field, size_t size)
{
	size_t length = strnlen(field, size);

	FUZZ_CHECK(length < size);
	for (; length < size; length++)
		FUZZ_CHECK(field[length] == '\0');
}

static void
check_upstreams(void)
{
	FUZZ_CHECK(routes.upstreams.count <= UPSTREAMS_MAX);
	for (unsigned i = 0; i < routes.upstreams.count; i++) {
		const struct config_upstream *one = &routes.upstreams.list[i];

		check_string(one->host, sizeof one->host);
		FUZZ_CHECK(one->host[0] != '\0' && one->port != 0);
		FUZZ_CHECK(strpbrk(one->host, "@/[], \t") == NULL);
		for (unsigned j = 0; j < i; j++)
			FUZZ_CHECK(
			    !upstream_equal(one, &routes.upstreams.list[j]));
	}
}

static void
check_via(const struct upstream_list *via)
{
	unsigned seen = 0;

	FUZZ_CHECK(via->count > 0 || via->direct);
	FUZZ_CHECK(via->count <= UPSTREAMS_MAX);
	for (unsigned i = 0; i < via->count; i++) {
		FUZZ_CHECK(via->members[i] < routes.upstreams.count);
		FUZZ_CHECK((seen >> via->members[i] & 1) == 0);
		seen |= 1u << via->members[i];
	}
}

static void
check_match(const struct route_match *match)
{
	check_via(&match->via);
	if (match->kind == ROUTE_NETWORK)
		FUZZ_CHECK(network_key_compare(&match->network.first,
			       &match->network.last) <= 0);
	if (match->kind != ROUTE_NAME && match->kind != ROUTE_BELOW_NAME)
		return;
	check_string(match->name, sizeof match->name);
	FUZZ_CHECK(match->name[0] != '\0' && match->name[0] != '.');
	for (const char *c = match->name; *c != '\0'; c++)
		FUZZ_CHECK(strchr("abcdefghijklmnopqrstuvwxyz0123456789-_.",
			       *c) != NULL);
}

/* False at the first wrong rule, whose words are of one line. */
static bool
add_line(struct span line)
{
	static struct routes before;
	char words[256];
	struct text expected = text_in(words, sizeof words);
	unsigned char *block = fuzz_copy(line);
	bool added;

	before = routes;
	added = routes_add(&routes, span_of(block + 1, line.length), &expected);
	free(block);
	if (added)
		return true;
	routes = before;
	FUZZ_CHECK(words[0] != '\0');
	for (const char *c = words; *c != '\0'; c++)
		FUZZ_CHECK(*c >= ' ' && *c <= '~');
	return false;
}

static void
read_rules(struct span input)
{
	memset(&routes, 0, sizeof routes);
	while (input.length > 0) {
		const unsigned char *end =
		    memchr(input.bytes, '\n', input.length);
		struct span line = input;

		if (end != NULL)
			line.length = (size_t)(end - input.bytes);
		if (!add_line(line))
			break;
		input = span_after(input, line.length + (end != NULL));
	}
	check_upstreams();
	FUZZ_CHECK(routes.count <= ROUTE_MATCHES_MAX);
	for (unsigned i = 0; i < routes.count; i++)
		check_match(&routes.matches[i]);
}

static bool
name_matches(const struct route_match *match, const char *host)
{
	size_t length = strlen(host), suffix = strlen(match->name);

	if (length < suffix ||
	    strcasecmp(host + length - suffix, match->name) != 0)
		return false;
	if (length == suffix)
		return match->kind == ROUTE_NAME;
	return host[length - suffix - 1] == '.';
}

static bool
is_matched(const struct route_match *match, const struct network_key *key,
    const char *host)
{
	switch (match->kind) {
	case ROUTE_NETWORK:
		return network_key_compare(key, &match->network.first) >= 0 &&
		    network_key_compare(key, &match->network.last) <= 0;
	case ROUTE_NAME:
	case ROUTE_BELOW_NAME:
		return name_matches(match, host);
	case ROUTE_ANY:
		break;
	}
	return true;
}

static void
ask(const struct address *destination, const char *host)
{
	struct network_key key = network_key(destination);
	const struct upstream_list *answer = route_table_decide(
	    &table, &routes, destination, span_of(host, strlen(host)));
	unsigned i = 0;

	while (i < routes.count && !is_matched(&routes.matches[i], &key, host))
		i++;
	FUZZ_CHECK(memcmp(answer,
		       i < routes.count ? &routes.matches[i].via : &everybody,
		       sizeof *answer) == 0);
}

/* An address at an end of a match's network, or one beside it. */
static void
pick_address(struct address *address, uint64_t *state)
{
	const struct route_match *match =
	    &routes.matches[fuzz_random_below(state, routes.count)];
	struct network_key key = fuzz_random(state) % 2 == 0
	    ? match->network.first
	    : match->network.last;

	if (fuzz_random(state) % 3 == 0)
		network_key_next(&key);
	if (fuzz_random(state) % 3 == 0)
		key.bytes[1 + fuzz_random_below(state, 4)]--;
	memset(address, 0, sizeof *address);
	address->any.sa_family = key.bytes[0] == 4 ? AF_INET : AF_INET6;
	if (address->any.sa_family == AF_INET)
		memcpy(&address->v4.sin_addr, key.bytes + 1, 4);
	else
		memcpy(&address->v6.sin6_addr, key.bytes + 1, 16);
}

/* A match's name, perhaps with something in front of it, or cut. */
static void
pick_host(char host[HOST_SIZE], uint64_t *state)
{
	static const char *const fronts[] = { "", "x.", "x" };
	const char *name =
	    routes.matches[fuzz_random_below(state, routes.count)].name;

	if (name[0] != '\0' && fuzz_random(state) % 4 == 0)
		name += fuzz_random_below(state, strlen(name));
	snprintf(host, HOST_SIZE, "%s%s", fronts[fuzz_random(state) % 3], name);
	if (host[0] != '\0' && fuzz_random(state) % 4 == 0)
		host[0] = host[0] == 'x' ? 'X' : host[0];
}

int
LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length)
{
	static const uint8_t map[UPSTREAMS_MAX] = { 0, 1, 2, 3, 4, 5, 6, 7 };
	struct span input = span_of(bytes, length);
	uint64_t state = fuzz_hash(input);
	struct address address;
	char host[HOST_SIZE];

	read_rules(input);
	route_table_make(&table, &routes, &everybody, map);
	for (unsigned i = 0; routes.count > 0 && i < QUESTIONS * routes.count;
	     i++) {
		pick_address(&address, &state);
		pick_host(host, &state);
		ask(&address, host);
	}
	return 0;
}
