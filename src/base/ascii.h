/* SPDX-License-Identifier: MIT */
/* ascii.h - kinds of characters, the same in any locale.
 * Any process. Pure. Bytes from 128 on are of no kind. */

#ifndef ASCII_H
#define ASCII_H

#include <stdbool.h>
#include <string.h>

#include "base/span.h"

static inline bool
ascii_is_digit(unsigned char byte)
{
	return byte >= '0' && byte <= '9';
}

static inline unsigned char
ascii_lower(unsigned char byte)
{
	return byte >= 'A' && byte <= 'Z' ? byte | 0x20 : byte;
}

static inline bool
ascii_is_letter(unsigned char byte)
{
	unsigned char lower = ascii_lower(byte);

	return lower >= 'a' && lower <= 'z';
}

/* RFC 9110 5.6.2: methods and names of fields consist of these. */
static inline bool
ascii_is_token(unsigned char byte)
{
	static const unsigned char others[] = "!#$%&'*+-.^_`|~";

	return ascii_is_letter(byte) || ascii_is_digit(byte) ||
	    memchr(others, byte, sizeof others - 1) != NULL;
}

/* The blanks of RFC 9110 5.6.3. */
static inline bool
ascii_is_blank(unsigned char byte)
{
	return byte == ' ' || byte == '\t';
}

/* Control characters. Of these a field's value or a chunk's extension may only
 * have the tab. */
static inline bool
ascii_is_control(unsigned char byte)
{
	return byte < ' ' || byte == 0x7f;
}

/* The value of a hexadecimal digit; -1 if the byte is none. */
int ascii_hex_value(unsigned char byte);

/* -1, 0 or 1 as strcmp(3), the case of letters aside. */
int ascii_compare(struct span a, struct span b);

/* Whether the bytes are the word, which is in lower case, in any case. */
bool ascii_spells(struct span bytes, const char *word);

/* The bytes without the blanks at both ends. */
struct span ascii_trim(struct span bytes);

#endif
