/* SPDX-License-Identifier: MIT */
#include "config/option_help.h"

#include <string.h>

#include "base/text.h"
#include "config/option_table.h"

/* Words on lines of at most 79 columns, indented. */
static void
print_wrapped(FILE *out, const char *words)
{
	enum { INDENT = 8, WIDTH = 71 };

	while (*words != '\0') {
		size_t length = strlen(words);

		if (length > WIDTH) {
			for (length = WIDTH; words[length] != ' ';)
				length--;
		}
		fprintf(out, "%*s%.*s\n", INDENT, "", (int)length, words);
		words += length;
		words += strspn(words, " ");
	}
}

static void
print_row(FILE *out, const struct option_row *row)
{
	const char *usual = row->default_words != NULL ? row->default_words
						       : row->default_value;
	char words[512];
	struct text text = text_in(words, sizeof words);

	fprintf(out, "  -%s%s%s\n", row->name, row->argument != NULL ? " " : "",
	    row->argument != NULL ? row->argument : "");
	text_append(&text, row->help);
	if (usual != NULL)
		text_format(&text, " (default: %s)", usual);
	print_wrapped(out, words);
}

void
option_help_print(FILE *out)
{
	fprintf(out,
	    "usage: handyproxy [-option value]...\n\n"
	    "Relays redirected TCP connections through an HTTP proxy.\n\n");
	for (const struct option_row *row = option_table; row->name != NULL;
	     row++)
		print_row(out, row);
}
