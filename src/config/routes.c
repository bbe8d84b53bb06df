/* SPDX-License-Identifier: MIT */
#include "config/routes.h"

#include <string.h>

#include "base/ascii.h"

enum { LABEL_MAX_LENGTH = 63 };

static const char blanks[] = " \t";

static bool
is_blank(unsigned char byte)
{
	return memchr(blanks, byte, sizeof blanks - 1) != NULL;
}

enum { SHOWN_LENGTH = 40 };

/* A rule may have many matches: the error shows which is meant. */
static bool
refuse(struct text *expected, struct span match, const char *words)
{
	if (match.length > SHOWN_LENGTH)
		match.length = SHOWN_LENGTH;
	text_format(expected, "%s, not ", words);
	text_printable(expected, match);
	return false;
}

static bool
is_name_byte(unsigned char byte)
{
	return ascii_is_letter(byte) || ascii_is_digit(byte) || byte == '-' ||
	    byte == '_';
}

/* Labels of 1 to 63 bytes. The last label has a byte that is no digit:
 * otherwise it is a mistyped address, and no sniffed name is like that. */
static bool
are_labels(struct span name)
{
	size_t label = 0;
	bool has_letter = false;

	for (size_t i = 0; i < name.length; i++) {
		unsigned char byte = name.bytes[i];

		if (byte == '.'
			? label == 0
			: !is_name_byte(byte) || label == LABEL_MAX_LENGTH)
			return false;
		label = byte == '.' ? 0 : label + 1;
		has_letter = byte != '.' &&
		    ((has_letter && label > 1) || !ascii_is_digit(byte));
	}
	return label > 0 && has_letter;
}

/* NAME, .NAME or *.NAME, with or without a dot behind it. */
static bool
name_parse(struct route_match *match, struct span text)
{
	size_t skip = text.length > 1 && text.bytes[0] == '*' ? 1 : 0;
	bool below = text.length > skip && text.bytes[skip] == '.';

	if (skip == 1 && !below)
		return false;
	match->kind = below ? ROUTE_BELOW_NAME : ROUTE_NAME;
	text = span_after(text, below ? skip + 1 : 0);
	if (text.length > 0 && text.bytes[text.length - 1] == '.')
		text.length--;
	if (text.length >= sizeof match->name || !are_labels(text))
		return false;
	for (size_t i = 0; i < text.length; i++)
		match->name[i] = (char)ascii_lower(text.bytes[i]);
	return true;
}

/* "192.0.2.1:443", "[2001:db8::1]:443", "example.com:443". */
static bool
has_port(struct span text)
{
	const unsigned char *colon = memchr(text.bytes, ':', text.length);
	struct span port;

	if (colon == NULL)
		return false;
	if (text.bytes[0] == '[') {
		colon = memchr(text.bytes, ']', text.length);
		if (colon == NULL)
			return false;
		port = span_after(text, (size_t)(colon - text.bytes) + 1);
		return port.length > 1 && port.bytes[0] == ':';
	}
	return memchr(colon + 1, ':',
		   text.length - (size_t)(colon + 1 - text.bytes)) == NULL;
}

static bool
match_parse(struct route_match *match, struct span text, struct text *expected)
{
	memset(match, 0, sizeof *match);
	switch (network_parse(&match->network, text)) {
	case NETWORK_VALID:
		return true;
	case NETWORK_HOST_BITS:
		return refuse(expected, text,
		    "a network without host bits behind its prefix");
	case NETWORK_MAPPED:
		return refuse(
		    expected, text, "an IPv4 network written as IPv4");
	case NETWORK_BAD_LENGTH:
		return refuse(
		    expected, text, "the length of a prefix behind the /");
	case NETWORK_NO_IP:
		break;
	}
	if (text.length == 1 && text.bytes[0] == '*') {
		match->kind = ROUTE_ANY;
		return true;
	}
	if (name_parse(match, text))
		return true;
	return refuse(expected, text,
	    has_port(text) ? "a MATCH without a port"
			   : "an IP, a CIDR, NAME, .NAME or *");
}

static bool
matches_add(struct routes *routes, struct span text,
    const struct upstream_list *via, struct text *expected)
{
	for (;;) {
		const unsigned char *comma =
		    memchr(text.bytes, ',', text.length);
		struct span part = text;
		struct route_match *match = &routes->matches[routes->count];

		if (comma != NULL)
			part.length = (size_t)(comma - text.bytes);
		if (routes->count == ROUTE_MATCHES_MAX)
			return refuse(
			    expected, part, "256 matches in all rules at most");
		if (!match_parse(match, part, expected))
			return false;
		match->via = *via;
		routes->count++;
		if (comma == NULL)
			return true;
		text = span_after(text, part.length + 1);
	}
}

static struct span
trim(struct span text)
{
	while (text.length > 0 && is_blank(text.bytes[0]))
		text = span_after(text, 1);
	while (text.length > 0 && is_blank(text.bytes[text.length - 1]))
		text.length--;
	return text;
}

bool
routes_add(struct routes *routes, struct span rule, struct text *expected)
{
	struct upstream_list via;
	struct span matches = trim(rule);
	size_t length = 0;

	while (length < matches.length && !is_blank(matches.bytes[length]))
		length++;
	rule = trim(span_after(matches, length));
	matches.length = length;
	if (rule.length == 0) {
		text_append(expected, "MATCH[,MATCH]... VIA");
		return false;
	}
	return upstream_list_parse(&via, &routes->upstreams, rule, expected) &&
	    matches_add(routes, matches, &via, expected);
}

const struct route_match *
routes_by_name(const struct routes *routes)
{
	for (unsigned i = 0; i < routes->count; i++) {
		if (routes->matches[i].kind == ROUTE_NAME ||
		    routes->matches[i].kind == ROUTE_BELOW_NAME)
			return &routes->matches[i];
	}
	return NULL;
}
