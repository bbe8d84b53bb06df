#include "protocol/connect_request.h"

#include <limits.h>
#include <stdbool.h>
#include <string.h>

struct writer {
	char *out;
	size_t size;
	size_t length;
	bool full; /* something did not fit */
};

static void
write_bytes(struct writer *writer, const void *bytes, size_t length)
{
	if (length > writer->size - writer->length) {
		writer->full = true;
		return;
	}
	memcpy(writer->out + writer->length, bytes, length);
	writer->length += length;
}

static void
write_text(struct writer *writer, const char *text)
{
	write_bytes(writer, text, strlen(text));
}

static void
write_number(struct writer *writer, unsigned number)
{
	char digits[sizeof number * CHAR_BIT]; /* more than enough */
	size_t start = sizeof digits;

	do {
		digits[--start] = (char)('0' + number % 10);
		number /= 10;
	} while (number > 0);
	write_bytes(writer, digits + start, sizeof digits - start);
}

static void
write_target(struct writer *writer, struct span target, unsigned port)
{
	write_bytes(writer, target.bytes, target.length);
	write_text(writer, ":");
	write_number(writer, port);
}

size_t
connect_request_write(char *out, size_t size, struct span target, unsigned port)
{
	struct writer writer = { .out = out, .size = size };

	write_text(&writer, "CONNECT ");
	write_target(&writer, target, port);
	write_text(&writer, " HTTP/1.1\r\nHost: ");
	write_target(&writer, target, port);
	write_text(&writer, "\r\n\r\n");
	return writer.full ? 0 : writer.length;
}
