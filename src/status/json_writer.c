/* SPDX-License-Identifier: MIT */
#include "status/json_writer.h"

#include <inttypes.h>
#include <stddef.h>

/* Behind the first value of an object or an array there is a comma; the caller
 * has written it where a value begins a line. */
static void
begin(struct output *output, const char *key)
{
	const char *last =
	    output->length > 0 ? &output->bytes[output->length - 1] : "{";

	if (*last != '{' && *last != '[' && *last != '\n')
		output_append(output, ",");
	if (key != NULL) {
		output_json(output, key);
		output_append(output, ":");
	}
}

void
json_open_object(struct output *output, const char *key)
{
	begin(output, key);
	output_append(output, "{");
}

void
json_close_object(struct output *output)
{
	output_append(output, "}");
}

void
json_open_array(struct output *output, const char *key)
{
	begin(output, key);
	output_append(output, "[");
}

void
json_close_array(struct output *output)
{
	output_append(output, "]");
}

void
json_text(struct output *output, const char *key, const char *text)
{
	begin(output, key);
	output_json(output, text);
}

void
json_number(struct output *output, const char *key, uint64_t value)
{
	begin(output, key);
	output_format(output, "%" PRIu64, value);
}

void
json_seconds(struct output *output, const char *key, uint64_t ms)
{
	begin(output, key);
	output_format(
	    output, "%" PRIu64 ".%03u", ms / 1000, (unsigned)(ms % 1000));
}

void
json_bool(struct output *output, const char *key, bool value)
{
	begin(output, key);
	output_append(output, value ? "true" : "false");
}

void
json_null(struct output *output, const char *key)
{
	begin(output, key);
	output_append(output, "null");
}

void
json_time(struct output *output, const char *key, int64_t time)
{
	if (time > 0)
		json_number(output, key, (uint64_t)time);
	else
		json_null(output, key);
}
