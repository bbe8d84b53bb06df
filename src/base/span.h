/* SPDX-License-Identifier: MIT */
/* span.h - bytes that another object owns: pointer and length.
 * Any process. A span never owns, never allocates and is not terminated. */

#ifndef SPAN_H
#define SPAN_H

#include <stdbool.h>
#include <stddef.h>
#include <string.h>

struct span {
	const unsigned char *bytes;
	size_t length;
};

static inline struct span
span_of(const void *bytes, size_t length)
{
	return (struct span){ bytes, length };
}

/* `whole` without its first `count` bytes; count must not exceed its
 * length. */
static inline struct span
span_after(struct span whole, size_t count)
{
	return (struct span){ whole.bytes + count, whole.length - count };
}

/* Whether the bytes are the word. */
static inline bool
span_is(struct span bytes, const char *word)
{
	return bytes.length == strlen(word) &&
	    memcmp(bytes.bytes, word, bytes.length) == 0;
}

/* Takes from *rest the bytes before the first such byte, and that byte; all of
 * *rest where there is none. Returns the bytes before it. */
static inline struct span
span_take_until(struct span *rest, unsigned char byte)
{
	const unsigned char *end =
	    rest->length > 0 ? memchr(rest->bytes, byte, rest->length) : NULL;
	struct span part = *rest;

	if (end != NULL)
		part.length = (size_t)(end - rest->bytes);
	*rest = span_after(*rest, part.length + (end != NULL));
	return part;
}

#endif
