/* SPDX-License-Identifier: MIT */
#include "protocol/writer.h"

#include <limits.h>
#include <string.h>

void
writer_bytes(struct writer *writer, struct span bytes)
{
	if (bytes.length > writer->size - writer->length) {
		writer->is_full = true;
		return;
	}
	if (bytes.length == 0)
		return;
	memcpy(writer->out + writer->length, bytes.bytes, bytes.length);
	writer->length += bytes.length;
}

void
writer_text(struct writer *writer, const char *text)
{
	writer_bytes(writer, span_of(text, strlen(text)));
}

void
writer_number(struct writer *writer, unsigned number)
{
	char digits[sizeof number * CHAR_BIT]; /* more than enough */
	size_t start = sizeof digits;

	do {
		digits[--start] = (char)('0' + number % 10);
		number /= 10;
	} while (number > 0);
	writer_bytes(writer, span_of(digits + start, sizeof digits - start));
}

void
writer_host(struct writer *writer, struct span host)
{
	bool is_ipv6 =
	    host.length > 0 && memchr(host.bytes, ':', host.length) != NULL;

	writer_text(writer, is_ipv6 ? "[" : "");
	writer_bytes(writer, host);
	writer_text(writer, is_ipv6 ? "]" : "");
}

size_t
writer_end(const struct writer *writer)
{
	return writer->is_full ? 0 : writer->length;
}
