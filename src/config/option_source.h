/* option_source.h - sets options as one source writes them: the command line
 * or the configuration file. At the start and in the master. */

#ifndef OPTION_SOURCE_H
#define OPTION_SOURCE_H

#include "base/text.h"
#include "config/config.h"
#include "config/option_table.h"

/* Later sources win. The caller sets all but `seen` and begins with the rest
 * zero. */
struct option_source {
	bool is_file;
	const char *directory; /* as in struct option_input */
	bool seen[OPTION_TABLE_MAX]; /* by row: what the source has set */
};

/* NULL, with the reason in *error: no option of this source has the name. */
const struct option_row *option_source_find(const struct option_source *source,
    const char *name, size_t length, struct text *error);

/* Sets the row's field; a value of NULL stands for none. What an earlier
 * source gave a repeatable option is dropped first. False with the reason in
 * *error; *config is then of no use. */
bool option_source_set(struct option_source *source,
    const struct option_row *row, const char *value, struct config *config,
    struct text *error);

/* "unknown option", "unexpected argument": always false. */
bool option_source_refuse(
    const char *problem, const char *argument, struct text *error);

#endif
