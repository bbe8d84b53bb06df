/* SPDX-License-Identifier: MIT */
/* text.h - builds one line of text in a buffer of fixed size.
 * Any process. Text that does not fit is cut; the bytes are always
 * terminated. */

#ifndef TEXT_H
#define TEXT_H

#include <stdarg.h>
#include <stddef.h>

#include "base/span.h"

struct text {
	char *bytes;
	size_t size;
	size_t length;
};

/* The caller owns `bytes`. size is at least 1. */
struct text text_in(char *bytes, size_t size);

void text_append(struct text *text, const char *string);
void text_format(struct text *text, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
void text_format_list(struct text *text, const char *format, va_list list)
    __attribute__((format(printf, 2, 0)));

/* Appends ` key=value` without escapes: for addresses, names, numbers. */
void text_pair(struct text *text, const char *key, const char *value);

/* Appends ` key="value"`, for text from outside. Quotes and backslashes get a
 * backslash; bytes that are not printable ASCII become \xNN. */
void text_quote(struct text *text, const char *key, struct span value);

/* Appends "host:port", an IPv6 address in brackets. */
void text_host(struct text *text, const char *host, unsigned port);

/* Appends text from outside, escaped, and cuts it after about 512 bytes with
 * "...", so that the line has space for more. */
void text_short(struct text *text, const char *string);

/* Appends the bytes; those that are not printable ASCII become \xNN. */
void text_printable(struct text *text, struct span bytes);

#endif
