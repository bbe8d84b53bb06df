/* SPDX-License-Identifier: MIT */
/* span.h - bytes that another object owns: pointer and length.
 * Any process. A span never owns, never allocates and is not terminated. */

#ifndef SPAN_H
#define SPAN_H

#include <stddef.h>

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

#endif
