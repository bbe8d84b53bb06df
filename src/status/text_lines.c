/* SPDX-License-Identifier: MIT */
#include "status/text_lines.h"

#include <assert.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/text.h"

void
text_line(struct output *output, const char *format, ...)
{
	char bytes[TEXT_COLUMNS + 1];
	struct text line = text_in(bytes, sizeof bytes);
	va_list list;

	va_start(list, format);
	text_format_list(&line, format, list);
	va_end(list);
	while (line.length > 0 && bytes[line.length - 1] == ' ')
		line.length--;
	output_bytes(output, span_of(bytes, line.length));
	output_append(output, "\n");
}

/* How many of the bytes a line of this width takes: whole words, if it can. */
static size_t
line_length(const char *bytes, size_t length, size_t width)
{
	size_t end = width;

	if (length <= width)
		return length;
	while (end > 0 && bytes[end] != ' ')
		end--;
	if (end == 0)
		return width;
	while (end > 1 && bytes[end - 1] == ' ')
		end--;
	return end;
}

void
text_wrap(struct output *output, unsigned indent, const char *words)
{
	struct output escaped = output_of(16 * 1024);
	const char *bytes;
	size_t left;

	assert(indent < TEXT_COLUMNS);
	output_plain(&escaped, words);
	output->failed |= escaped.failed;
	bytes = (const char *)output_span(&escaped).bytes;
	for (left = escaped.length; left > 0;) {
		size_t length = line_length(bytes, left, TEXT_COLUMNS - indent);

		output_format(
		    output, "%*s%.*s\n", (int)indent, "", (int)length, bytes);
		while (length < left && bytes[length] == ' ')
			length++;
		bytes += length;
		left -= length;
	}
	output_clear(&escaped);
}

struct text_part
text_cut(const char *words, unsigned width)
{
	static const char dots[] = "...";
	struct text_part part;
	char bytes[TEXT_COLUMNS + 8];
	struct text all = text_in(bytes, sizeof bytes);

	assert(width <= TEXT_COLUMNS && width >= sizeof dots);
	text_printable(&all, span_of(words, strlen(words)));
	if (all.length > width)
		snprintf(bytes + width - strlen(dots), sizeof dots, "%s", dots);
	snprintf(part.text, sizeof part.text, "%.*s", (int)width, bytes);
	return part;
}
