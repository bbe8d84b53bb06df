/* SPDX-License-Identifier: MIT */
/* options.h - makes a configuration from the defaults, the file and the
 * command line, and compares two of them. At the start and in the master. */

#ifndef OPTIONS_H
#define OPTIONS_H

#include <stdbool.h>

#include "base/text.h"
#include "config/config.h"
#include "config/option_source.h"
#include "config/option_table.h"

/* Defaults, then the file that -config names, then the command line. Relative
 * paths are taken from `directory` ("": they stay relative).
 * False with one line in *error that names option, value and what is
 * expected. */
bool options_load(struct config *config, int argc, char *argv[],
    const char *directory, struct text *error);

/* The same, and finds the values of the row that *values names. */
bool options_load_values(struct config *config, int argc, char *argv[],
    const char *directory, struct option_values *values, struct text *error);

/* Calls `changed` with the name of each option that differs. */
void options_compare(const struct config *before, const struct config *after,
    void (*changed)(enum option_scope scope, const char *name, void *context),
    void *context);

/* Copies the options of one scope. */
void options_copy_scope(
    struct config *config, const struct config *from, enum option_scope scope);

#endif
