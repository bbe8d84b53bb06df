/* SPDX-License-Identifier: MIT */
#include "config/option_source.h"

#include <string.h>

/* For the words of a setter. */
enum { EXPECTED_SIZE = 256 };

/* Without the text before an @, which may be a user and a password. */
static void
append_value(struct text *error, const char *value)
{
	const char *at = strrchr(value, '@');

	text_append(error, at != NULL ? "\"..." : "\"");
	value = at != NULL ? at : value;
	text_short(error, value);
	text_append(error, "\"");
}

bool
option_source_refuse(
    const char *problem, const char *argument, struct text *error)
{
	text_format(error, "%s ", problem);
	append_value(error, argument);
	text_append(error, ": expected an option that -help lists");
	return false;
}

const struct option_row *
option_source_find(const struct option_source *source, const char *name,
    size_t length, struct text *error)
{
	const struct option_row *row = option_table_find(name, length);

	if (row == NULL) {
		option_source_refuse("unknown option", name, error);
	} else if (source->is_file && row->scope == OPTION_OF_CALLER) {
		text_format(error, "%s: not possible in a file", row->name);
		return NULL;
	}
	return row;
}

/* In a file, options are written without the dash. */
static void
append_name(struct text *error, const struct option_source *source,
    const struct option_row *row)
{
	text_format(error, "%s%s", source->is_file ? "" : "-", row->name);
}

static bool
call_setter(const struct option_source *source, const struct option_row *row,
    const char *value, struct config *config, struct text *error)
{
	char words[EXPECTED_SIZE];
	struct text expected = text_in(words, sizeof words);
	const struct option_input input = { value, source->directory,
		source->line, &expected };

	if (row->set(option_table_field(row, config), &input))
		return true;
	append_name(error, source, row);
	text_append(error, " ");
	append_value(error, value != NULL ? value : "");
	text_format(error, ": expected %s",
	    expected.length > 0 ? words : row->expected);
	return false;
}

/* A switch that stands alone is true. */
static void
note_value(struct option_values *values, const char *value, bool adds)
{
	if (!adds)
		values->lines =
		    text_in(values->lines.bytes, values->lines.size);
	text_append(&values->lines, value != NULL ? value : "true");
	text_append(&values->lines, "\n");
}

bool
option_source_set(struct option_source *source, const struct option_row *row,
    const char *value, struct config *config, struct text *error)
{
	bool *seen = &source->seen[row - option_table];
	bool adds = row->repeats && *seen;

	if (value == NULL && row->argument != NULL) {
		append_name(error, source, row);
		text_format(
		    error, ": a value is missing, expected %s", row->expected);
		return false;
	}
	if (row->repeats && !adds)
		memset(option_table_field(row, config), 0, row->size);
	*seen = true;
	if (!call_setter(source, row, value, config, error))
		return false;
	if (source->values != NULL && source->values->row == row)
		note_value(source->values, value, adds);
	return true;
}
