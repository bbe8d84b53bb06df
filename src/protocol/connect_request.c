/* SPDX-License-Identifier: MIT */
#include "protocol/connect_request.h"

#include "protocol/writer.h"

static void
write_target(struct writer *writer, struct span target, unsigned port)
{
	writer_host(writer, target);
	writer_text(writer, ":");
	writer_number(writer, port);
}

static void
write_fields(struct writer *writer, const struct connect_fields *fields)
{
	if (fields->credentials.length > 0) {
		writer_text(writer, "Proxy-Authorization: Basic ");
		writer_bytes(writer, fields->credentials);
		writer_text(writer, "\r\n");
	}
	for (unsigned i = 0; i < fields->count; i++) {
		writer_bytes(writer, fields->list[i]);
		writer_text(writer, "\r\n");
	}
}

size_t
connect_request_write(char *out, size_t size, struct span target, unsigned port,
    const struct connect_fields *fields)
{
	struct writer writer = { .out = out, .size = size };

	writer_text(&writer, "CONNECT ");
	write_target(&writer, target, port);
	writer_text(&writer, " HTTP/1.1\r\nHost: ");
	write_target(&writer, target, port);
	writer_text(&writer, "\r\n");
	write_fields(&writer, fields);
	writer_text(&writer, "\r\n");
	return writer_end(&writer);
}
