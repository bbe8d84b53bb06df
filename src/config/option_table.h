/* SPDX-License-Identifier: MIT */
/* option_table.h - every option: its name, setter, default, help and scope.
 * At the start and in the master. A new option is a row here and a field of
 * struct config. */

#ifndef OPTION_TABLE_H
#define OPTION_TABLE_H

#include "config/config.h"
#include "config/option_value.h"

/* Which processes have to act when a reload changes an option's value. */
enum option_scope {
	OPTION_OF_START, /* none can: the change needs a restart */
	OPTION_OF_MASTER, /* the master uses the new value at once */
	OPTION_OF_WORKERS, /* the workers are replaced */
	OPTION_OF_CALLER, /* not a setting: only for the command line */
};

struct option_row {
	const char *name;
	const char *argument; /* NULL: a switch */
	const char *default_value; /* NULL: the field is all bytes 0 */
	const char *default_words; /* for -help, NULL: the default value */
	const char *expected; /* unless the setter says it */
	const char *help;
	option_setter *set;
	size_t offset;
	size_t size;
	bool repeats; /* each use adds to the field */
	enum option_scope scope;
};

enum { OPTION_TABLE_MAX = 64 };

/* Ends with a row without a name. */
extern const struct option_row option_table[];

/* NULL: no option has this name. */
const struct option_row *option_table_find(const char *name, size_t length);

/* The row's field in *config. */
void *option_table_field(const struct option_row *row, struct config *config);

#endif
