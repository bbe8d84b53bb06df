#include "protocol/connect_request.h"

#include "protocol/writer.h"

static void
write_target(struct writer *writer, struct span target, unsigned port)
{
	writer_bytes(writer, target);
	writer_text(writer, ":");
	writer_number(writer, port);
}

size_t
connect_request_write(char *out, size_t size, struct span target, unsigned port)
{
	struct writer writer = { .out = out, .size = size };

	writer_text(&writer, "CONNECT ");
	write_target(&writer, target, port);
	writer_text(&writer, " HTTP/1.1\r\nHost: ");
	write_target(&writer, target, port);
	writer_text(&writer, "\r\n\r\n");
	return writer_end(&writer);
}
