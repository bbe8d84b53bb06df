/* SPDX-License-Identifier: MIT */
#include "protocol/authority.h"

#include <string.h>

#include "base/ascii.h"
#include "protocol/host_name.h"

#define PORT_MAX 65535
#define IPV6_GROUPS 8
#define IPV4_GROUPS 2 /* of an IPv6 address, where its end is an IPv4 one */
#define GROUP_DIGITS_MAX 4
#define OCTETS 4
#define OCTET_MAX 255

static bool
is_port(struct span digits)
{
	unsigned long port = 0;

	for (size_t i = 0; i < digits.length; i++) {
		if (!ascii_is_digit(digits.bytes[i]))
			return false;
		port = port * 10 + digits.bytes[i] - '0';
		if (port > PORT_MAX)
			return false;
	}
	return port > 0;
}

/* An octet without zeros in front. */
static bool
is_octet(struct span digits)
{
	unsigned octet = 0;

	if (digits.length == 0 || digits.length > 3 ||
	    (digits.length > 1 && digits.bytes[0] == '0'))
		return false;
	for (size_t i = 0; i < digits.length; i++) {
		if (!ascii_is_digit(digits.bytes[i]))
			return false;
		octet = octet * 10 + digits.bytes[i] - '0';
	}
	return octet <= OCTET_MAX;
}

/* The bytes in front of the first separator, or all of them. */
static struct span
first_part(struct span text, char separator)
{
	const unsigned char *end = NULL;

	if (text.length > 0)
		end = memchr(text.bytes, separator, text.length);
	if (end == NULL)
		return text;
	return span_of(text.bytes, (size_t)(end - text.bytes));
}

static bool
is_ipv4(struct span text)
{
	for (unsigned i = 1; i <= OCTETS; i++) {
		struct span octet = first_part(text, '.');

		if (!is_octet(octet) ||
		    (octet.length == text.length) != (i == OCTETS))
			return false;
		if (i < OCTETS)
			text = span_after(text, octet.length + 1);
	}
	return true;
}

static bool
is_group(struct span digits)
{
	if (digits.length == 0 || digits.length > GROUP_DIGITS_MAX)
		return false;
	for (size_t i = 0; i < digits.length; i++) {
		if (ascii_hex_value(digits.bytes[i]) == -1)
			return false;
	}
	return true;
}

/* How many groups stand in `text`, with a colon between each two; an IPv4
 * address may be at its end. 0 if it is empty, more than IPV6_GROUPS if it is
 * wrong. */
static unsigned
count_groups(struct span text, bool may_end_in_ipv4)
{
	unsigned count = 0;

	while (text.length > 0 && count <= IPV6_GROUPS) {
		struct span group = first_part(text, ':');
		bool is_last = group.length == text.length;

		if (is_last && may_end_in_ipv4 && is_ipv4(group))
			return count + IPV4_GROUPS;
		if (!is_group(group))
			return IPV6_GROUPS + 1;
		count++;
		if (is_last)
			return count;
		text = span_after(text, group.length + 1);
		if (text.length == 0)
			return IPV6_GROUPS + 1;
	}
	return count;
}

/* RFC 3986 3.2.2: eight groups, or fewer around one `::`. */
static bool
is_ipv6(struct span text)
{
	for (size_t i = 0; i + 1 < text.length; i++) {
		unsigned before, behind;

		if (text.bytes[i] != ':' || text.bytes[i + 1] != ':')
			continue;
		before = count_groups(span_of(text.bytes, i), false);
		behind = count_groups(span_after(text, i + 2), true);
		return before + behind < IPV6_GROUPS;
	}
	return count_groups(text, true) == IPV6_GROUPS;
}

static bool
is_bracketed_ipv6(struct span text)
{
	return text.length > 2 && text.bytes[0] == '[' &&
	    text.bytes[text.length - 1] == ']' &&
	    is_ipv6(span_of(text.bytes + 1, text.length - 2));
}

/* The host ends at the bracket, or else at the first colon. */
static struct span
host_part(struct span authority)
{
	struct span host;

	if (authority.length == 0 || authority.bytes[0] != '[')
		return first_part(authority, ':');
	host = first_part(authority, ']');
	if (host.length < authority.length)
		host.length++;
	return host;
}

bool
authority_split(struct span authority, struct span *host)
{
	struct span port;

	*host = host_part(authority);
	port = span_after(authority, host->length);
	if (port.length > 0 &&
	    (port.bytes[0] != ':' || !is_port(span_after(port, 1))))
		return false;
	return host->length > 0 &&
	    (host_name_are_bytes(*host) || is_bracketed_ipv6(*host));
}
