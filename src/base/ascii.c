/* SPDX-License-Identifier: MIT */
#include "base/ascii.h"

int
ascii_hex_value(unsigned char byte)
{
	unsigned char lower = ascii_lower(byte);

	if (ascii_is_digit(byte))
		return byte - '0';
	return lower >= 'a' && lower <= 'f' ? lower - 'a' + 10 : -1;
}

int
ascii_compare(struct span a, struct span b)
{
	for (size_t i = 0; i < a.length && i < b.length; i++) {
		unsigned char left = ascii_lower(a.bytes[i]);
		unsigned char right = ascii_lower(b.bytes[i]);

		if (left != right)
			return left < right ? -1 : 1;
	}
	if (a.length == b.length)
		return 0;
	return a.length < b.length ? -1 : 1;
}

bool
ascii_spells(struct span bytes, const char *word)
{
	return bytes.length == strlen(word) &&
	    ascii_compare(bytes, span_of(word, bytes.length)) == 0;
}

struct span
ascii_trim(struct span bytes)
{
	while (bytes.length > 0 && ascii_is_blank(bytes.bytes[0]))
		bytes = span_after(bytes, 1);
	while (
	    bytes.length > 0 && ascii_is_blank(bytes.bytes[bytes.length - 1]))
		bytes.length--;
	return bytes;
}
