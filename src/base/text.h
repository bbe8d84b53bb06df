/* text.h - builds one line of text in a buffer of fixed size.
 * Any process. What does not fit is cut, never written past the end; the
 * bytes are always terminated. */

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

/* `bytes` stays the caller's. size is at least 1. */
struct text text_in(char *bytes, size_t size);

void text_append(struct text *text, const char *string);
void text_format(struct text *text, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
void text_format_list(struct text *text, const char *format, va_list list)
    __attribute__((format(printf, 2, 0)));

/* Appends ` key=value`, the value as it is: for addresses, names, numbers. */
void text_pair(struct text *text, const char *key, const char *value);

/* Appends ` key="value"` for the words of others: quotes and backslashes get
 * a backslash, bytes that are not printable ASCII become \xNN. */
void text_quote(struct text *text, const char *key, struct span value);

/* Appends "host:port", an IPv6 address in brackets. */
void text_host(struct text *text, const char *host, unsigned port);

/* Appends the words of others for a line that has more to say: printable, and
 * no more than their first 512 bytes or so, with ... for the rest. */
void text_short(struct text *text, const char *string);

/* Appends the bytes, those that are not printable ASCII as \xNN. */
void text_printable(struct text *text, struct span bytes);

#endif
