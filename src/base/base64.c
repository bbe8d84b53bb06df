/* SPDX-License-Identifier: MIT */
#include "base/base64.h"

#include <stdint.h>

static const char alphabet[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
			       "abcdefghijklmnopqrstuvwxyz0123456789+/"
			       "=";

enum { PADDING = 64 };

/* Up to three bytes become four characters; a character without bits is
 * padding. */
static void
encode_group(char *out, struct span in)
{
	uint32_t bits = 0;

	for (size_t i = 0; i < 3; i++)
		bits = bits << 8 | (i < in.length ? in.bytes[i] : 0);
	for (size_t i = 0; i < 4; i++)
		out[i] = alphabet[i <= in.length ? bits >> (18 - 6 * i) & 0x3f
						 : PADDING];
}

size_t
base64_encode(char *out, struct span in)
{
	size_t length = 0;

	for (; in.length > 3; in = span_after(in, 3), length += 4)
		encode_group(out + length, in);
	if (in.length == 0)
		return length;
	encode_group(out + length, in);
	return length + 4;
}
