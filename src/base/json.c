/* SPDX-License-Identifier: MIT */
#include "base/json.h"

#include <assert.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

enum {
	ELLIPSIS = sizeof "..." - 1,
	REPLACEMENT = 0xfffd, /* stands for a byte that is no character */
	BEYOND_16_BITS = 0x10000, /* a pair of surrogates from here on */
	UNIT_SIZE = sizeof "\\ud83d\\ude00", /* of the longest character */
};

/* First bytes of characters, RFC 3629 4. */
static const struct lead {
	unsigned char mask, bits;
	unsigned continuations;
	uint32_t min; /* a smaller one is a longer form of another character */
} leads[] = {
	{ 0x80, 0x00, 0, 0 },
	{ 0xe0, 0xc0, 1, 0x80 },
	{ 0xf0, 0xe0, 2, 0x800 },
	{ 0xf8, 0xf0, 3, BEYOND_16_BITS },
};

static const struct lead *
find_lead(unsigned char byte)
{
	for (size_t i = 0; i < sizeof leads / sizeof leads[0]; i++) {
		if ((byte & leads[i].mask) == leads[i].bits)
			return &leads[i];
	}
	return NULL;
}

static bool
is_character(uint32_t code, const struct lead *lead)
{
	return code >= lead->min && code <= 0x10ffff &&
	    (code < 0xd800 || code > 0xdfff);
}

/* Returns how many of the bytes, of which there is one at least, are the first
 * character. */
static size_t
decode(struct span bytes, uint32_t *code)
{
	const struct lead *lead = find_lead(bytes.bytes[0]);
	uint32_t bits;

	*code = REPLACEMENT;
	if (lead == NULL || lead->continuations >= bytes.length)
		return 1;
	bits = bytes.bytes[0] & (unsigned char)~lead->mask;
	for (size_t i = 1; i <= lead->continuations; i++) {
		if ((bytes.bytes[i] & 0xc0) != 0x80)
			return 1;
		bits = bits << 6 | (bytes.bytes[i] & 0x3f);
	}
	if (!is_character(bits, lead))
		return 1;
	*code = bits;
	return 1 + lead->continuations;
}

static size_t
encode(char unit[UNIT_SIZE], uint32_t code)
{
	int length;

	if (code >= ' ' && code <= '~') {
		length = 0;
		if (code == '"' || code == '\\')
			unit[length++] = '\\';
		unit[length++] = (char)code;
		unit[length] = '\0';
	} else if (code < BEYOND_16_BITS)
		length = snprintf(unit, UNIT_SIZE, "\\u%04x", (unsigned)code);
	else
		length = snprintf(unit, UNIT_SIZE, "\\u%04x\\u%04x",
		    (unsigned)(0xd7c0 + (code >> 10)),
		    (unsigned)(0xdc00 | (code & 0x3ff)));
	return (size_t)length;
}

/* The first character as it is written; it is taken from *bytes. */
static size_t
next_unit(struct span *bytes, char unit[UNIT_SIZE])
{
	uint32_t code;

	*bytes = span_after(*bytes, decode(*bytes, &code));
	return encode(unit, code);
}

static bool
fits(struct span bytes, size_t max)
{
	char unit[UNIT_SIZE];
	size_t length = 0;

	while (bytes.length > 0 && length <= max)
		length += next_unit(&bytes, unit);
	return length <= max;
}

void
json_string(struct text *text, struct span bytes, size_t max)
{
	bool is_whole = fits(bytes, max);
	size_t left = is_whole ? max : max - ELLIPSIS, length;
	char unit[UNIT_SIZE];

	assert(max >= ELLIPSIS);
	text_append(text, "\"");
	while (bytes.length > 0 && (length = next_unit(&bytes, unit)) <= left) {
		text_append(text, unit);
		left -= length;
	}
	text_append(text, is_whole ? "\"" : "...\"");
}
