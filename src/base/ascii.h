/* ascii.h - what kind of character a byte is, in any locale.
 * Any process. Pure. Bytes from 128 on are of no kind. */

#ifndef ASCII_H
#define ASCII_H

#include <stdbool.h>

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

#endif
