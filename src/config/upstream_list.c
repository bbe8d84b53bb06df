/* SPDX-License-Identifier: MIT */
#include "config/upstream_list.h"

#include <string.h>
#include <strings.h>

#include "base/address.h"
#include "config/number.h"

enum { UPSTREAM_DEFAULT_PORT = 3128 };

static const char a_host[] = "HOST or HOST:PORT, an IPv6 address as [::1]:3128";

static bool
refuse(struct text *expected, const char *words)
{
	text_append(expected, words);
	return false;
}

/* A terminated copy with the rest of the field all bytes 0. */
static bool
copy_filled(char *field, size_t size, struct span text)
{
	if (text.length == 0 || text.length >= size ||
	    memchr(text.bytes, '\0', text.length) != NULL)
		return false;
	memset(field, 0, size);
	memcpy(field, text.bytes, text.length);
	return true;
}

static bool
is_host(struct span text)
{
	static const char allowed[] = "abcdefghijklmnopqrstuvwxyz"
				      "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
				      "0123456789-_.";

	for (size_t i = 0; i < text.length; i++) {
		if (memchr(allowed, text.bytes[i], sizeof allowed - 1) == NULL)
			return false;
	}
	return text.length > 0 && text.bytes[0] != '-';
}

/* An interface may follow: "fe80::1%wan". */
static bool
is_ipv6(struct span text)
{
	const unsigned char *zone = memchr(text.bytes, '%', text.length);
	char copy[INET6_ADDRSTRLEN];
	struct address address;

	if (zone != NULL) {
		struct span name =
		    span_after(text, (size_t)(zone - text.bytes) + 1);

		if (!is_host(name))
			return false;
		text.length = (size_t)(zone - text.bytes);
	}
	return copy_filled(copy, sizeof copy, text) &&
	    address_parse(&address, copy, 0) &&
	    address.any.sa_family == AF_INET6;
}

/* "fe80::1:3128" is an address, or one with a port. */
static bool
is_ambiguous(struct span text)
{
	size_t colon = text.length;

	while (colon > 0 && text.bytes[colon - 1] != ':')
		colon--;
	return colon > 1 && is_ipv6(span_of(text.bytes, colon - 1));
}

static bool
port_parse(uint16_t *port, struct span text)
{
	char copy[sizeof "65535"];
	uint64_t number;

	if (!copy_filled(copy, sizeof copy, text) ||
	    !number_parse(copy, 1, UINT16_MAX, &number))
		return false;
	*port = (uint16_t)number;
	return true;
}

static struct span
without_url(struct span text)
{
	static const char scheme[] = "http://";
	size_t length = sizeof scheme - 1;

	if (text.length < length ||
	    strncasecmp((const char *)text.bytes, scheme, length) != 0)
		length = 0;
	text = span_after(text, length);
	if (text.length > 0 && text.bytes[text.length - 1] == '/')
		text.length--;
	return text;
}

/* Where the host ends; *host is without brackets. */
static bool
host_find(struct span text, struct span *host, size_t *end)
{
	const unsigned char *stop;

	if (text.length > 0 && text.bytes[0] == '[') {
		stop = memchr(text.bytes, ']', text.length);
		if (stop == NULL)
			return false;
		*end = (size_t)(stop - text.bytes) + 1;
		*host = span_of(text.bytes + 1, *end - 2);
		return is_ipv6(*host);
	}
	*host = text;
	*end = text.length;
	if (is_ipv6(text))
		return true;
	stop = memchr(text.bytes, ':', text.length);
	if (stop != NULL)
		host->length = *end = (size_t)(stop - text.bytes);
	return is_host(*host);
}

bool
upstream_parse(
    struct config_upstream *upstream, struct span text, struct text *expected)
{
	struct span host;
	size_t end;

	if (memchr(text.bytes, '@', text.length) != NULL)
		return refuse(expected,
		    "no user and password, for which there is "
		    "-upstream-credentials");
	text = without_url(text);
	if (!host_find(text, &host, &end))
		return refuse(expected, a_host);
	if (text.bytes[0] != '[' && is_ipv6(text) && is_ambiguous(text))
		return refuse(expected,
		    "brackets around an IPv6 address, which tell "
		    "it from the port: [fe80::1]:3128");
	if (!copy_filled(upstream->host, sizeof upstream->host, host))
		return refuse(expected, a_host);
	upstream->port = UPSTREAM_DEFAULT_PORT;
	text = span_after(text, end);
	if (text.length > 0 &&
	    (text.bytes[0] != ':' ||
		!port_parse(&upstream->port, span_after(text, 1))))
		return refuse(expected, a_host);
	return true;
}

bool
upstream_equal(const struct config_upstream *a, const struct config_upstream *b)
{
	return a->port == b->port && strcasecmp(a->host, b->host) == 0;
}

int
upstream_set_add(
    struct upstream_set *set, const struct config_upstream *upstream)
{
	for (unsigned i = 0; i < set->count; i++) {
		if (upstream_equal(&set->list[i], upstream))
			return (int)i;
	}
	if (set->count == UPSTREAMS_MAX)
		return -1;
	memcpy(&set->list[set->count], upstream, sizeof *upstream);
	return (int)set->count++;
}

bool
upstream_list_has(const struct upstream_list *list, unsigned member)
{
	for (unsigned i = 0; i < list->count; i++) {
		if (list->members[i] == member)
			return true;
	}
	return false;
}

bool
upstream_list_has_other(const struct upstream_list *list, unsigned member)
{
	return list->count + list->direct > 1 &&
	    upstream_list_has(list, member);
}

static bool
list_add(struct upstream_list *list, struct upstream_set *set, struct span text,
    struct text *expected)
{
	struct config_upstream upstream = { .port = 0 };
	int member;

	if (list->direct)
		return refuse(expected, "direct at the end of a list");
	if (text.length == 6 && memcmp(text.bytes, "direct", 6) == 0) {
		list->direct = true;
		return true;
	}
	if (!upstream_parse(&upstream, text, expected))
		return false;
	member = upstream_set_add(set, &upstream);
	if (member == -1)
		return refuse(expected,
		    "8 different upstreams at most, all rules together");
	if (upstream_list_has(list, (unsigned)member))
		return refuse(expected, "each upstream once in a list");
	list->members[list->count++] = (uint8_t)member;
	return true;
}

bool
upstream_list_parse(struct upstream_list *list, struct upstream_set *set,
    struct span text, struct text *expected)
{
	memset(list, 0, sizeof *list);
	for (;;) {
		const unsigned char *comma =
		    memchr(text.bytes, ',', text.length);
		struct span part = text;

		if (comma != NULL)
			part.length = (size_t)(comma - text.bytes);
		if (!list_add(list, set, part, expected))
			return false;
		if (comma == NULL)
			return true;
		text = span_after(text, part.length + 1);
	}
}

void
upstream_list_append(struct text *text, const struct upstream_list *list,
    const struct upstream_set *set)
{
	for (unsigned i = 0; i < list->count; i++) {
		const struct config_upstream *upstream =
		    &set->list[list->members[i]];

		text_append(text, i > 0 ? "," : "");
		text_host(text, upstream->host, upstream->port);
	}
	if (list->direct)
		text_append(text, list->count > 0 ? ",direct" : "direct");
}
