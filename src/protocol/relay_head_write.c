/* SPDX-License-Identifier: MIT */
#include "protocol/relay_head_write.h"

#include <string.h>

#include "base/ascii.h"
#include "protocol/writer.h"

#define DEFAULT_PORT 80

/* What is written beside the client's bytes and the target's. */
#define ADDED                                                  \
	"http://[]:65535\r\nHost: []:65535\r\n"                \
	"Proxy-Authorization: Basic \r\nConnection: close\r\n" \
	"\r\n"

/* A line of the head: a field, its name apart. */
struct line {
	struct span name;
	struct span whole; /* without its end */
};

/* Takes the next line off the fields; false at the empty one. */
static bool
line_next(struct span *fields, struct line *line)
{
	const unsigned char *lf = memchr(fields->bytes, '\n', fields->length);
	const unsigned char *colon;
	size_t length = (size_t)(lf - fields->bytes);

	line->whole = span_of(fields->bytes, length);
	*fields = span_after(*fields, length + 1);
	if (length > 0 && line->whole.bytes[length - 1] == '\r')
		line->whole.length--;
	if (line->whole.length == 0)
		return false;
	colon = memchr(line->whole.bytes, ':', line->whole.length);
	line->name =
	    span_of(line->whole.bytes, (size_t)(colon - line->whole.bytes));
	return true;
}

static struct span
line_value(const struct line *line)
{
	return ascii_trim(span_after(line->whole, line->name.length + 1));
}

/* FNV-1a of a name, the case of letters aside. Names stand for themselves by
 * it: who makes two that collide drops a field of a request of their own. */
static uint64_t
name_hash(struct span name)
{
	uint64_t hash = 0xcbf29ce484222325;

	for (size_t i = 0; i < name.length; i++)
		hash = (hash ^ ascii_lower(name.bytes[i])) * 0x100000001b3;
	return hash;
}

static void
sift_down(uint64_t *heap, size_t i, size_t count)
{
	uint64_t moved = heap[i];
	size_t child;

	while ((child = 2 * i + 1) < count) {
		if (child + 1 < count && heap[child] < heap[child + 1])
			child++;
		if (heap[child] <= moved)
			break;
		heap[i] = heap[child];
		i = child;
	}
	heap[i] = moved;
}

/* Heapsort: no input makes it quadratic, and it needs no more room. */
static void
sort(uint64_t *numbers, size_t count)
{
	for (size_t i = count / 2; i > 0; i--)
		sift_down(numbers, i - 1, count);
	for (size_t end = count; end > 1; end--) {
		uint64_t greatest = numbers[0];

		numbers[0] = numbers[end - 1];
		numbers[end - 1] = greatest;
		sift_down(numbers, 0, end - 1);
	}
}

static bool
has(const uint64_t *sorted, size_t count, uint64_t number)
{
	while (count > 0) {
		size_t middle = count / 2;

		if (sorted[middle] == number)
			return true;
		if (sorted[middle] < number) {
			sorted += middle + 1;
			count -= middle + 1;
		} else {
			count = middle;
		}
	}
	return false;
}

/* What the fields Connection name: the scanner has counted them. */
static void
collect_named(uint64_t *named, struct span fields)
{
	struct span list, element;
	struct line line;

	while (line_next(&fields, &line)) {
		if (relay_field_of(line.name) != RELAY_FIELD_CONNECTION)
			continue;
		list = line_value(&line);
		while (relay_field_element(&list, &element)) {
			if (relay_field_is_name(element))
				*named++ = name_hash(element);
		}
	}
}

static void
write_authority(struct writer *writer, const struct relay_target *target)
{
	writer_host(writer, target->host);
	if (target->port != DEFAULT_PORT) {
		writer_text(writer, ":");
		writer_number(writer, target->port);
	}
}

static struct span
part_of(struct relay_part part, struct span whole)
{
	return span_of(whole.bytes + part.begin, part.end - part.begin);
}

static void
write_request_line(struct writer *writer, const struct relay_head *head,
    struct span whole, const struct relay_target *target)
{
	writer_bytes(writer, part_of(head->method, whole));
	writer_text(writer, " http://");
	write_authority(writer, target);
	writer_bytes(writer, part_of(head->path, whole));
	writer_text(writer, " HTTP/1.");
	writer_bytes(writer, part_of(head->minor, whole));
	writer_text(writer, "\r\n");
}

static void
write_fields(struct writer *writer, struct span fields, const uint64_t *named,
    size_t named_count)
{
	struct line line;

	while (line_next(&fields, &line)) {
		if (relay_field_is_dropped(relay_field_of(line.name)) ||
		    (named_count > 0 &&
			has(named, named_count, name_hash(line.name))))
			continue;
		writer_bytes(writer, line.whole);
		writer_text(writer, "\r\n");
	}
}

size_t
relay_head_room(
    const struct relay_head *head, const struct relay_target *target)
{
	return sizeof ADDED + head->scanned + head->bare_lfs +
	    2 * target->host.length + target->credentials.length;
}

size_t
relay_head_write(char *out, size_t size, const struct relay_head *head,
    struct span whole, const struct relay_target *target, uint64_t *named)
{
	struct writer writer = { .out = out, .size = size };
	struct span fields = span_of(whole.bytes + head->fields_begin,
	    head->scanned - head->fields_begin);
	size_t named_count = head->fields.named;

	if (named_count > 0) {
		collect_named(named, fields);
		sort(named, named_count);
	}
	write_request_line(&writer, head, whole, target);
	writer_text(&writer, "Host: ");
	write_authority(&writer, target);
	writer_text(&writer, "\r\n");
	write_fields(&writer, fields, named, named_count);
	if (target->credentials.length > 0) {
		writer_text(&writer, "Proxy-Authorization: Basic ");
		writer_bytes(&writer, target->credentials);
		writer_text(&writer, "\r\n");
	}
	writer_text(&writer, "Connection: close\r\n\r\n");
	return writer_end(&writer);
}
