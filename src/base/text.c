/* SPDX-License-Identifier: MIT */
#include "base/text.h"

#include <stdbool.h>
#include <stdio.h>
#include <string.h>

static bool
is_printable(unsigned char byte)
{
	return byte >= ' ' && byte <= '~';
}

/* All bytes or none: an escape that is cut would read as another one. */
static void
append_whole(struct text *text, const char *bytes, size_t length)
{
	if (length >= text->size - text->length)
		return;
	memcpy(text->bytes + text->length, bytes, length);
	text->length += length;
	text->bytes[text->length] = '\0';
}

static void
append_byte(struct text *text, unsigned char byte)
{
	char escaped[sizeof "\\xff"];

	if (is_printable(byte)) {
		append_whole(text, (const char *)&byte, 1);
		return;
	}
	snprintf(escaped, sizeof escaped, "\\x%02x", byte);
	append_whole(text, escaped, strlen(escaped));
}

struct text
text_in(char *bytes, size_t size)
{
	bytes[0] = '\0';
	return (struct text){ .bytes = bytes, .size = size, .length = 0 };
}

void
text_append(struct text *text, const char *string)
{
	for (; *string != '\0'; string++)
		append_whole(text, string, 1);
}

void
text_format_list(struct text *text, const char *format, va_list list)
{
	size_t capacity = text->size - text->length;
	int wanted =
	    vsnprintf(text->bytes + text->length, capacity, format, list);

	if (wanted < 0)
		text->bytes[text->length] = '\0';
	else if ((size_t)wanted >= capacity)
		text->length = text->size - 1;
	else
		text->length += (size_t)wanted;
}

void
text_format(struct text *text, const char *format, ...)
{
	va_list list;

	va_start(list, format);
	text_format_list(text, format, list);
	va_end(list);
}

void
text_printable(struct text *text, struct span bytes)
{
	for (size_t i = 0; i < bytes.length; i++)
		append_byte(text, bytes.bytes[i]);
}

void
text_host(struct text *text, const char *host, unsigned port)
{
	bool is_ipv6 = strchr(host, ':') != NULL;

	text_format(text, is_ipv6 ? "[%s]:%u" : "%s:%u", host, port);
}

void
text_short(struct text *text, const char *string)
{
	enum { SHORT_LENGTH = 512 };
	size_t end = text->length + SHORT_LENGTH;

	while (*string != '\0' && text->length < end)
		append_byte(text, (unsigned char)*string++);
	text_append(text, *string != '\0' ? "..." : "");
}

void
text_pair(struct text *text, const char *key, const char *value)
{
	text_append(text, " ");
	text_append(text, key);
	text_append(text, "=");
	text_append(text, value);
}

void
text_quote(struct text *text, const char *key, struct span value)
{
	text_pair(text, key, "\"");
	for (size_t i = 0; i < value.length; i++) {
		if (value.bytes[i] == '"' || value.bytes[i] == '\\')
			text_append(text, "\\");
		append_byte(text, value.bytes[i]);
	}
	text_append(text, "\"");
}
