/* SPDX-License-Identifier: MIT */
#include "status/output.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/json.h"

enum { CAPACITY_FIRST = 4096 };

struct output
output_of(size_t max)
{
	return (struct output){ .max = max };
}

void
output_clear(struct output *output)
{
	free(output->bytes);
	*output = output_of(output->max);
}

struct span
output_span(const struct output *output)
{
	return output->length > 0 ? span_of(output->bytes, output->length)
				  : span_of("", 0);
}

static size_t
larger_capacity(const struct output *output, size_t needed)
{
	size_t capacity =
	    output->capacity > 0 ? output->capacity : CAPACITY_FIRST;

	while (capacity < needed)
		capacity = capacity <= SIZE_MAX / 2 ? capacity * 2 : needed;
	return capacity < output->max ? capacity : output->max;
}

/* False where so many more bytes do not fit. */
static bool
reserve(struct output *output, size_t more)
{
	size_t capacity;
	char *bytes;

	output->failed |= more > output->max - output->length;
	if (output->failed)
		return false;
	if (more <= output->capacity - output->length)
		return true;
	capacity = larger_capacity(output, output->length + more);
	bytes = realloc(output->bytes, capacity);
	if (bytes == NULL) {
		output->failed = true;
		return false;
	}
	output->bytes = bytes;
	output->capacity = capacity;
	return true;
}

void
output_bytes(struct output *output, struct span bytes)
{
	if (bytes.length == 0 || !reserve(output, bytes.length))
		return;
	memcpy(output->bytes + output->length, bytes.bytes, bytes.length);
	output->length += bytes.length;
}

void
output_append(struct output *output, const char *string)
{
	output_bytes(output, span_of(string, strlen(string)));
}

/* vsnprintf(3) ends its text with a byte that is not ours to keep. */
void
output_format_list(struct output *output, const char *format, va_list list)
{
	va_list again;
	char few[256], *many;
	int wanted;

	va_copy(again, list);
	wanted = vsnprintf(few, sizeof few, format, list);
	if (wanted >= 0 && (size_t)wanted < sizeof few) {
		output_bytes(output, span_of(few, (size_t)wanted));
	} else if (wanted >= 0 && (many = malloc((size_t)wanted + 1)) != NULL) {
		vsnprintf(many, (size_t)wanted + 1, format, again);
		output_bytes(output, span_of(many, (size_t)wanted));
		free(many);
	} else {
		output->failed = true;
	}
	va_end(again);
}

void
output_format(struct output *output, const char *format, ...)
{
	va_list list;

	va_start(list, format);
	output_format_list(output, format, list);
	va_end(list);
}

/* A byte that means something in a format, and what stands for it. */
struct escape {
	char byte;
	const char *text;
};

static const struct escape plain_escapes[] = { { '\0', NULL } };
static const struct escape html_escapes[] = { { '&', "&amp;" }, { '<', "&lt;" },
	{ '>', "&gt;" }, { '"', "&quot;" }, { '\'', "&#39;" }, { '\0', NULL } };
static const struct escape label_escapes[] = { { '"', "\\\"" },
	{ '\\', "\\\\" }, { '\0', NULL } };

static void
append_escaped(struct output *output, char byte, const struct escape *escapes)
{
	while (escapes->byte != '\0' && escapes->byte != byte)
		escapes++;
	if (escapes->byte != '\0')
		output_append(output, escapes->text);
	else
		output_bytes(output, span_of(&byte, 1));
}

static void
escape(struct output *output, const char *text, const struct escape *escapes)
{
	for (; *text != '\0'; text++) {
		char hexadecimal[sizeof "\\xff"] = { *text };

		if (*text < ' ' || *text > '~')
			snprintf(hexadecimal, sizeof hexadecimal, "\\x%02x",
			    (unsigned char)*text);
		for (const char *byte = hexadecimal; *byte != '\0'; byte++)
			append_escaped(output, *byte, escapes);
	}
}

void
output_plain(struct output *output, const char *text)
{
	escape(output, text, plain_escapes);
}

void
output_html(struct output *output, const char *text)
{
	escape(output, text, html_escapes);
}

void
output_json(struct output *output, const char *text)
{
	/* Longer than any text of a snapshot, however it is escaped. */
	enum { LENGTH_MAX = 4000 };
	char bytes[LENGTH_MAX + sizeof "\"\""];
	struct text line = text_in(bytes, sizeof bytes);

	json_string(&line, span_of(text, strlen(text)), LENGTH_MAX);
	output_append(output, bytes);
}

void
output_label(struct output *output, const char *text)
{
	escape(output, text, label_escapes);
}
