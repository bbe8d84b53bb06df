/* SPDX-License-Identifier: MIT */
/* option_source.h - sets options as one source writes them: the command line
 * or the configuration file. At the start and in the master. */

#ifndef OPTION_SOURCE_H
#define OPTION_SOURCE_H

#include "base/text.h"
#include "config/config.h"
#include "config/option_table.h"

/* The values in force of one option, as they were written: one a line, and more
 * than one only if the option repeats. */
struct option_values {
	const struct option_row *row;
	struct text lines; /* empty: the default */
};

/* One source; a later source wins. `seen` begins all false. */
struct option_source {
	bool is_file;
	unsigned line; /* of the file, that is read now */
	const char *directory; /* as in struct option_input */
	struct option_values *values; /* NULL: not collected */
	bool
	    seen[OPTION_TABLE_MAX]; /* by row: this source has set the option */
};

/* NULL with the reason in *error: this source has no option of that name. */
const struct option_row *option_source_find(const struct option_source *source,
    const char *name, size_t length, struct text *error);

/* Sets the row's field; a value of NULL: none was given. The first use of a
 * repeatable option drops what an earlier source has set. False with the
 * reason in *error; *config must then not be used. */
bool option_source_set(struct option_source *source,
    const struct option_row *row, const char *value, struct config *config,
    struct text *error);

/* Says that the argument is no option. Returns false. */
bool option_source_refuse(
    const char *problem, const char *argument, struct text *error);

#endif
