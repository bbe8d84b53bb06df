/* SPDX-License-Identifier: MIT */
/* writer.h - writes the bytes of a message into a buffer of fixed size.
 * Pure: no system calls, no allocation. What does not fit is not written, and
 * nothing is written past the end; nothing is terminated. */

#ifndef WRITER_H
#define WRITER_H

#include <stdbool.h>
#include <stddef.h>

#include "base/span.h"

struct writer {
	char *out;
	size_t size;
	size_t length;
	bool is_full; /* something did not fit */
};

void writer_bytes(struct writer *writer, struct span bytes);
void writer_text(struct writer *writer, const char *text);
void writer_number(struct writer *writer, unsigned number);

/* A name or an IP address as it stands in front of a port: an IPv6 address in
 * brackets (RFC 3986 3.2.2). */
void writer_host(struct writer *writer, struct span host);

/* The length of all that was written; 0 if something did not fit. */
size_t writer_end(const struct writer *writer);

#endif
