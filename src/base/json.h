/* SPDX-License-Identifier: MIT */
/* json.h - writes strings of JSON, RFC 8259. Pure. Any process. */

#ifndef JSON_H
#define JSON_H

#include <stddef.h>

#include "base/span.h"
#include "base/text.h"

/* Appends the bytes as a string in quotes, whatever they are. It is ASCII
 * alone, without control characters, so that it harms no terminal: other
 * characters of UTF-8 become \uNNNN, a byte that is no UTF-8 becomes U+FFFD.
 * Between the quotes stand at most `max` bytes, which is 3 or more: a longer
 * string is cut, and ends with "...". The text must have the space. */
void json_string(struct text *text, struct span bytes, size_t max);

#endif
